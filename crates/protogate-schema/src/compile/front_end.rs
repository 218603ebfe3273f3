//! The compiler itself, behind two functions: text → parsed file, parsed files → descriptor bytes.
//!
//! The parser is `protox-parse`, the linker `prost-reflect`'s pool; nobody else in this crate sees either. Not `protox`, which
//! joins the two: it reads files one by one on one thread, stops at the first error, and drags source info through the linker.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use bytes::Bytes;
use miette::Diagnostic as _;
use prost_reflect::{DescriptorError, DescriptorPool};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use super::fault::{LinkFault, ParseFault, tidy};
pub(super) use super::parsed::Parsed;
use super::shards;
use super::single_range::SingleRanges;
use super::source_info::{SourceInfo, field_length, put_field};
use super::units::Unit;
use crate::model::span::{Span, span};

/// Stack of the thread that links: options nest as deep as brackets may, and each level takes several frames.
pub(super) const STACK_BYTES: usize = 256 << 20;
/// Most errors of one file that are kept.
const MAX_FAULTS: usize = 1000;
/// Linking ends after this many files with errors: each costs a walk over everything that is linked already.
const MAX_FAILED_FILES: usize = 100;
/// Linking ends after this many fresh pools: each links everything again.
const MAX_RENEWALS: usize = 10;
/// Most pairs of error and location that are compared to find places.
const MAX_EXAMINED: usize = 50_000_000;

/// Parses a text that passed [`super::text::decode`].
pub(super) fn parse(name: &str, text: &str) -> Result<Parsed, Vec<ParseFault>> {
    match read(name, text) {
        Ok(proto) => Ok(Parsed::new(proto)),
        Err(faults) => Err(faults),
    }
}

fn read(name: &str, text: &str) -> Result<FileDescriptorProto, Vec<ParseFault>> {
    let ranges = SingleRanges::find(text);
    match protox_parse::parse(name, &ranges.written_out(text)) {
        Ok(mut proto) => {
            ranges.restore(&mut proto);
            Ok(proto)
        }
        Err(error) => {
            let first: &dyn miette::Diagnostic = &error;
            let others = error.related().into_iter().flatten();
            let all = std::iter::once(first).chain(others).take(MAX_FAULTS);
            Err(all.map(|it| parse_fault(it, text, &ranges)).collect())
        }
    }
}

fn parse_fault(error: &dyn miette::Diagnostic, text: &str, ranges: &SingleRanges) -> ParseFault {
    let labels = error.labels().into_iter().flatten();
    let mut labels: Vec<_> = labels
        .map(|it| {
            let range = ranges.original(it.offset()..it.offset() + it.len());
            (range, it.label().map(|it| it.trim_matches('…').to_owned()))
        })
        .collect();
    if labels.is_empty() {
        // "reached end of file" names no place; the last thing in the file is the best one.
        let end = text.trim_end().len();
        labels.push((end..end, Some("the file ends here".to_owned())));
    }
    let help = error.help().map(|it| it.to_string());
    // The parser gives this error the message of another one.
    let import = help.as_ref().is_some_and(|it| it.starts_with("imports may not contain"));
    let message = if import { "invalid import name".to_owned() } else { error.to_string() };
    ParseFault { message, labels, help }
}

/// Links files that come in order, imports first: their descriptors in the same order, encoded, with source info.
///
/// Many files are linked in shards, on all processors. Errors are not looked for there: whatever is wrong makes the linker start
/// again with one pool of all files, on one thread, and that says what it is.
///
/// `known` are the descriptors of files that were linked before.
pub(super) fn link(units: &[Unit], known: &[Option<Bytes>]) -> Result<Vec<Bytes>, Vec<LinkFault>> {
    if let Some(linked) = shards::link(units, known) {
        return Ok(linked);
    }
    one_by_one(units)
}

/// Links all files in one pool, and finds the places of errors.
pub(super) fn one_by_one(units: &[Unit]) -> Result<Vec<Bytes>, Vec<LinkFault>> {
    on_deep_stack(|| Linker::new().run(units)).unwrap_or_else(|fault| Err(vec![fault]))
}

/// Runs something on a thread of its own that has room for deep options.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, LinkFault> {
    thread::scope(|scope| match thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work) {
        Ok(handle) => handle.join().map_err(|_| defect()),
        Err(error) => {
            let message = format!("a thread cannot be started: {error}");
            Err(LinkFault { message, ..LinkFault::default() })
        }
    })
}

fn defect() -> LinkFault {
    let message = "the compiler failed; this is a defect".to_owned();
    LinkFault { message, ..LinkFault::default() }
}

struct Linker {
    pool: DescriptorPool,
    out: Vec<Bytes>,
    faults: Vec<LinkFault>,
    /// Files with errors, and files that import them.
    lost: HashSet<String>,
    failed: usize,
    renewals: usize,
}

impl Linker {
    fn new() -> Self {
        let (out, faults, lost) = (Vec::new(), Vec::new(), HashSet::new());
        Self { pool: DescriptorPool::new(), out, faults, lost, failed: 0, renewals: 0 }
    }

    fn run(mut self, units: &[Unit]) -> Result<Vec<Bytes>, Vec<LinkFault>> {
        let count = units.len();
        for (done, unit) in units.iter().enumerate() {
            if unit.parsed.imports().iter().any(|it| self.lost.contains(it)) {
                self.lost.insert(unit.name.clone());
            } else {
                self.add(unit);
            }
            if (self.failed >= MAX_FAILED_FILES || self.renewals >= MAX_RENEWALS) && done + 1 < count {
                let (failed, left) = (self.failed, count - done - 1);
                let message =
                    format!("stopped after {failed} files with errors; {left} files were not linked");
                self.faults.push(LinkFault { message, ..LinkFault::default() });
                break;
            }
        }
        if self.faults.is_empty() { Ok(self.out) } else { Err(self.faults) }
    }

    fn add(&mut self, unit: &Unit) {
        let Unit { name, text, .. } = unit;
        let Some((proto, info)) = unit.parsed.take().or_else(|| parse(name, text).ok()?.take()) else {
            self.faults.push(LinkFault { file: name.clone(), ..defect() });
            return;
        };
        let mut faults = reserved_names(&proto, &info, name);
        let extends = extends(&proto);
        // A panic in the library must not be the message.
        let added = catch_unwind(AssertUnwindSafe(|| self.pool.add_file_descriptor_proto(proto)));
        let suspect = match added {
            Ok(Ok(())) => false,
            Ok(Err(error)) => {
                if extends {
                    self.renew();
                }
                faults.extend(self.examine(name, text, &error));
                extends
            }
            Err(_) => {
                faults.push(LinkFault { file: name.clone(), ..defect() });
                true
            }
        };
        if suspect {
            self.renew();
        }
        if faults.is_empty() {
            self.out.extend(encode(&self.pool, name, info));
        } else {
            self.faults.extend(faults);
            self.lost.insert(name.clone());
            self.failed += 1;
        }
    }

    /// Starts again with a fresh pool of the files that are linked.
    ///
    /// When the library takes a failed file back, it leaves the file's extensions registered with the messages that they
    /// extend, and the next option would find them.
    fn renew(&mut self) {
        self.renewals += 1;
        let bytes = self.pool.encode_to_vec();
        self.pool = DescriptorPool::new();
        if self.pool.decode_file_descriptor_set(bytes.as_slice()).is_err() {
            self.renewals = MAX_RENEWALS;
        }
    }

    /// Finds the places of a failed file's errors.
    ///
    /// The library resolves places only against source info, which it was not given. So the file is added once more, with
    /// source info in which the location number i is column i of an imaginary one-line source: the column of a label then says
    /// which location it is.
    fn examine(&mut self, name: &str, text: &str, error: &DescriptorError) -> Vec<LinkFault> {
        let count = 1 + error.related().map_or(0, Iterator::count);
        let without_place = |it: &dyn miette::Diagnostic| fault(it, name, Vec::new());
        let Ok(mut proto) = read(name, text) else { return vec![without_place(error)] };
        let locations = proto.source_code_info.as_mut().map(|it| &mut it.location);
        let mut spans = Vec::new();
        for (index, location) in locations.into_iter().flatten().enumerate() {
            let index = i32::try_from(index).unwrap_or(i32::MAX - 1);
            spans.push(span(&std::mem::replace(&mut location.span, vec![0, index, index + 1])));
        }
        // Each label costs a walk over all locations.
        if count.saturating_mul(spans.len()) > MAX_EXAMINED {
            let place = error.line().is_none().then(|| self.first_place(error, text, name)).flatten();
            let mut first = without_place(error);
            first.places.extend(place);
            let more = format!("this file has {count} errors; the others are not shown");
            return vec![first, LinkFault { file: name.to_owned(), message: more, ..LinkFault::default() }];
        }
        let Err(error) = self.pool.add_file_descriptor_proto(proto) else {
            return vec![without_place(error)];
        };
        let error = error.with_source_code(&" ".repeat(spans.len() + 1));
        let fallback = self.first_place(&error, text, name);
        let others = error.related().into_iter().flatten();
        let all = std::iter::once(&error as &dyn miette::Diagnostic).chain(others).take(MAX_FAULTS);
        let mut faults: Vec<_> = all
            .map(|it| {
                let labels = it.labels().into_iter().flatten();
                let mut places: Vec<_> = labels
                    .filter_map(|label| {
                        let span = spans.get(label.offset()).copied().flatten()?;
                        Some((span, label.label().unwrap_or_default().to_owned()))
                    })
                    .collect();
                places.sort_by_key(|(_, label)| blame(label));
                fault(it, name, places)
            })
            .collect();
        if let (Some(first), Some(place)) = (faults.first_mut(), fallback)
            && first.places.is_empty()
        {
            first.places.push(place);
        }
        faults
    }

    /// Place of an error whose descriptor path has no location of its own: that of the nearest element around it.
    fn first_place(&self, error: &DescriptorError, text: &str, name: &str) -> Option<(Span, String)> {
        let path = error.path()?;
        let locations = parse(name, text).ok()?.locations();
        let span = (1..=path.len()).rev().find_map(|length| locations.span(&path[..length]))?;
        Some((span, "found here".to_owned()))
    }
}

/// The descriptor of a linked file; `None` only if the pool does not have it.
pub(super) fn encode(pool: &DescriptorPool, name: &str, info: SourceInfo) -> Option<Bytes> {
    let file = pool.get_file_by_name(name)?;
    let info = info.encode(pool);
    let mut out = file.encode_to_vec();
    out.reserve_exact(field_length(9, info.len()));
    put_field(&mut out, 9, &info);
    Some(Bytes::from(out))
}

/// Which place of an error is at fault: a use rather than what it clashes with, the later of two declarations.
fn blame(label: &str) -> u8 {
    match label {
        "found here" | "defined again here" => 0,
        "defined here" | "enum defined here" => 1,
        _ => 2,
    }
}

fn fault(error: &dyn miette::Diagnostic, file: &str, places: Vec<(Span, String)>) -> LinkFault {
    let mut message = error.to_string();
    if let Some(inner) = error.diagnostic_source() {
        message = format!("{message}: {inner}");
    }
    let help = error.help().map(|it| tidy(&it.to_string()));
    LinkFault { file: file.to_owned(), message: tidy(&message), help, places }
}

/// Whether the file declares extensions.
fn extends(file: &FileDescriptorProto) -> bool {
    fn message(it: &DescriptorProto) -> bool {
        !it.extension.is_empty() || it.nested_type.iter().any(message)
    }
    !file.extension.is_empty() || file.message_type.iter().any(message)
}

/// Fields and enum values that use a reserved name: the library checks reserved numbers only.
pub(super) fn reserved_names(file: &FileDescriptorProto, info: &SourceInfo, name: &str) -> Vec<LinkFault> {
    fn clashes(names: &[&str], reserved: &[String], path: &[i32], tags: (i32, i32), found: &mut Vec<Clash>) {
        if reserved.is_empty() {
            return;
        }
        let reserved: HashMap<_, _> =
            reserved.iter().zip(0_i32..).map(|(it, at)| (it.as_str(), at)).collect();
        for (name, at) in names.iter().zip(0_i32..) {
            if let Some(&declared) = reserved.get(name) {
                let used = [path, &[tags.0, at, 1]].concat();
                found.push(((*name).to_owned(), used, [path, &[tags.1, declared]].concat()));
            }
        }
    }
    fn enumeration(it: &EnumDescriptorProto, path: &[i32], found: &mut Vec<Clash>) {
        let names: Vec<_> = it.value.iter().map(EnumValueDescriptorProto::name).collect();
        clashes(&names, &it.reserved_name, path, (2, 5), found);
    }
    fn message(it: &DescriptorProto, path: &[i32], found: &mut Vec<Clash>) {
        let names: Vec<_> = it.field.iter().map(FieldDescriptorProto::name).collect();
        clashes(&names, &it.reserved_name, path, (2, 10), found);
        for (it, at) in it.nested_type.iter().zip(0_i32..) {
            message(it, &[path, &[3, at]].concat(), found);
        }
        for (it, at) in it.enum_type.iter().zip(0_i32..) {
            enumeration(it, &[path, &[4, at]].concat(), found);
        }
    }
    let mut found = Vec::new();
    for (it, at) in file.message_type.iter().zip(0_i32..) {
        message(it, &[4, at], &mut found);
    }
    for (it, at) in file.enum_type.iter().zip(0_i32..) {
        enumeration(it, &[5, at], &mut found);
    }
    if found.is_empty() {
        return Vec::new();
    }
    let locations = info.locations();
    let place = |path: &[i32], label: &str| locations.span(path).map(|span| (span, label.to_owned()));
    found
        .into_iter()
        .map(|(clash, used, declared)| LinkFault {
            file: name.to_owned(),
            message: format!("the name `{clash}` is reserved"),
            help: Some(
                "choose another name: data and code that know the old one would take it for that".to_owned(),
            ),
            places: [place(&used, "used here"), place(&declared, "reserved here")]
                .into_iter()
                .flatten()
                .collect(),
        })
        .collect()
}

/// A reserved name, the path of its use, the path of its reservation.
type Clash = (String, Vec<i32>, Vec<i32>);
