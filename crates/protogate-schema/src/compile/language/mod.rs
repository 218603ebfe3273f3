//! What the language forbids and the linker lets through: protoc and buf refuse such files, and so do we.
//!
//! Runs on the linked schema, so that types are known; one file here for each kind of element. What the parser or the linker
//! already refuses is not repeated. Only files that were compiled from sources are looked at: a descriptor set was accepted by
//! another compiler. Places are looked up for faults alone.

mod enums;
mod extensions;
mod fields;
mod files;
mod messages;

use super::fault::LinkFault;
use crate::model::Schema;
use crate::model::element::{Element, FileId, NumberRange, Syntax};

/// Most faults that are reported.
const MAX_FAULTS: usize = 1000;

/// The faults of a schema, file by file in the order of declaration.
pub(super) fn check(schema: &Schema) -> Vec<LinkFault> {
    let mut faults = Faults { schema, found: Vec::new() };
    files::check(&mut faults);
    messages::check(&mut faults);
    fields::check(&mut faults);
    extensions::check(&mut faults);
    enums::check(&mut faults);
    let mut found = faults.found;
    found.sort_by_key(|(file, path, _)| (*file, path.clone()));
    found.truncate(MAX_FAULTS);
    found.into_iter().map(|(_, _, fault)| fault).collect()
}

struct Faults<'a> {
    schema: &'a Schema,
    found: Vec<(FileId, Vec<i32>, LinkFault)>,
}

impl<'a> Faults<'a> {
    fn schema(&self) -> &'a Schema {
        self.schema
    }

    /// Whether a file says `syntax = "proto3"`.
    fn is_proto3(&self, file: FileId) -> bool {
        self.schema.file(file).syntax == Syntax::Proto3
    }

    /// A fault at a part of an element; where that part has no place of its own, at the element.
    fn add(&mut self, element: Element, suffix: &[i32], message: impl Into<String>, help: impl Into<String>) {
        let file = self.schema.file_of(element);
        let mut path = self.schema.path_of(element);
        let keep = path.len();
        path.extend_from_slice(suffix);
        let span = self.schema.option_span(file, &path, keep.max(1));
        let fault = LinkFault {
            file: self.schema.file(file).path.clone(),
            message: message.into(),
            help: Some(help.into()),
            places: span.map(|span| (span, "found here".to_owned())).into_iter().collect(),
        };
        self.found.push((file, path, fault));
    }
}

/// The first range that overlaps an earlier one, as positions: the later one of the list first.
fn overlap(ranges: &[NumberRange]) -> Option<(usize, usize)> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|&index| (ranges[index].start, index));
    let pair = order.windows(2).find(|pair| ranges[pair[1]].start <= ranges[pair[0]].end)?;
    Some((pair[0].max(pair[1]), pair[0].min(pair[1])))
}

/// A range as it is written.
fn written(range: NumberRange) -> String {
    if range.start == range.end {
        range.start.to_string()
    } else {
        format!("{} to {}", range.start, range.end)
    }
}

/// The first name that stands twice, as the position of its second use.
fn repeated(names: &[String]) -> Option<usize> {
    let mut seen = std::collections::HashSet::with_capacity(names.len());
    names.iter().position(|name| !seen.insert(name))
}
