//! A set of proto files under edit: what an edit can look at and do.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::element::{
    Element, EnumId, FieldId, FileId, MessageId, MethodId, ServiceId, ValueId,
};
use protogate_schema::model::span::Span;

/// Files by import name.
pub(crate) type Tree = BTreeMap<String, String>;

/// SplitMix64: small, and the same numbers for the same seed for ever.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, among: &[T]) -> Option<T> {
        among.get(self.below(among.len())).copied()
    }
}

/// The files with their schema, before one edit.
pub(crate) struct Draft<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) tree: Tree,
    /// Files that are edited; the others are imports.
    own: &'a [String],
    pub(crate) random: &'a mut Random,
}

/// A part of a file, as byte offsets.
pub(crate) struct Part {
    pub(crate) file: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(schema: &'a Schema, tree: Tree, own: &'a [String], random: &'a mut Random) -> Self {
        Self { schema, tree, own, random }
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.random.below(2) == 0
    }

    fn is_own(&self, file: FileId) -> bool {
        self.own.contains(&self.schema.file(file).path)
    }

    fn among(&self, elements: impl Iterator<Item = Element>) -> Vec<Element> {
        elements.filter(|element| self.is_own(self.schema.file_of(*element))).collect()
    }

    pub(crate) fn a_file(&mut self) -> Option<String> {
        let present: Vec<&String> = self.own.iter().filter(|path| self.tree.contains_key(*path)).collect();
        let index = self.random.below(present.len());
        present.get(index).map(|path| (*path).clone())
    }

    pub(crate) fn a_message(&mut self) -> Option<MessageId> {
        let plain = self.schema.messages().filter(|(_, message)| !message.is_map_entry);
        let all = self.among(plain.map(|(id, _)| Element::Message(id)));
        match self.random.pick(&all)? {
            Element::Message(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn a_field(&mut self) -> Option<FieldId> {
        let written = self.schema.fields().filter(|(_, field)| {
            field.place.parent.is_none_or(|parent| !self.schema.message(parent).is_map_entry)
        });
        let all = self.among(written.map(|(id, _)| Element::Field(id)));
        match self.random.pick(&all)? {
            Element::Field(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn an_enum(&mut self) -> Option<EnumId> {
        let all = self.among(self.schema.enums().map(|(id, _)| Element::Enum(id)));
        match self.random.pick(&all)? {
            Element::Enum(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn a_value(&mut self) -> Option<ValueId> {
        let all = self.among(self.schema.values().map(|(id, _)| Element::Value(id)));
        match self.random.pick(&all)? {
            Element::Value(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn a_service(&mut self) -> Option<ServiceId> {
        let all = self.among(self.schema.services().map(|(id, _)| Element::Service(id)));
        match self.random.pick(&all)? {
            Element::Service(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn a_method(&mut self) -> Option<MethodId> {
        let all = self.among(self.schema.methods().map(|(id, _)| Element::Method(id)));
        match self.random.pick(&all)? {
            Element::Method(id) => Some(id),
            _ => None,
        }
    }

    /// The part of a file that declares an element, or that part of it which `suffix` names.
    pub(crate) fn part(&self, element: Element, suffix: &[i32]) -> Option<Part> {
        let span = self.schema.span_of(element, suffix)?;
        self.locate(self.schema.file_of(element), span)
    }

    /// The part of a file at a descriptor path.
    pub(crate) fn part_at(&self, path: &str, descriptor_path: &[i32]) -> Option<Part> {
        let file = self.schema.find_file(path)?;
        self.locate(file, self.schema.span_at(file, descriptor_path)?)
    }

    fn locate(&self, file: FileId, span: Span) -> Option<Part> {
        let path = self.schema.file(file).path.clone();
        let text = self.tree.get(&path)?;
        let start = offset(text, span.start_line, span.start_column)?;
        let end = offset(text, span.end_line, span.end_column)?;
        Some(Part { file: path, start, end })
    }

    pub(crate) fn text(&self, part: &Part) -> String {
        self.tree[&part.file][part.start..part.end].to_owned()
    }

    pub(crate) fn replace(&mut self, part: &Part, text: &str) -> Option<()> {
        self.tree.get_mut(&part.file)?.replace_range(part.start..part.end, text);
        Some(())
    }

    /// Puts text before the last `}` or after the first `{` of a declaration with a body.
    pub(crate) fn insert_inside(&mut self, part: &Part, text: &str, at_end: bool) -> Option<()> {
        let whole = &self.tree[&part.file][part.start..part.end];
        let at = if at_end { whole.rfind('}')? } else { whole.find('{')? + 1 };
        self.tree.get_mut(&part.file)?.insert_str(part.start + at, text);
        Some(())
    }

    /// Puts an option into the brackets of a field or an enum value, which may have none yet.
    pub(crate) fn add_option(&mut self, element: Element, option: &str) -> Option<()> {
        let part = self.part(element, &[])?;
        let number = self.part(element, if matches!(element, Element::Value(_)) { &[2] } else { &[3] })?;
        let rest = &self.tree[&part.file][number.end..part.end];
        let (at, text) = match rest.find('[') {
            Some(bracket) => (number.end + bracket + 1, format!("{option}, ")),
            None => (number.end, format!(" [{option}]")),
        };
        self.tree.get_mut(&part.file)?.insert_str(at, &text);
        Some(())
    }

    /// Replaces a whole word wherever it stands in the edited files.
    pub(crate) fn replace_word(&mut self, old: &str, new: &str) {
        for path in self.own {
            if let Some(text) = self.tree.get_mut(path) {
                *text = with_word(text, old, new);
            }
        }
    }
}

fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let mut at = 0;
    for _ in 1..line {
        at += text[at..].find('\n')? + 1;
    }
    let at = at + column as usize - 1;
    text.is_char_boundary(at).then_some(at)
}

fn with_word(text: &str, old: &str, new: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let alone = !before.ends_with(is_word) && !after.starts_with(is_word);
        out.push_str(before);
        out.push_str(if alone { new } else { old });
        rest = after;
    }
    out + rest
}
