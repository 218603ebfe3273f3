//! Taking a YAML tree apart: known keys, types, paths. Every mistake is collected with its place; the reader goes on.

use std::ops::Range;

use crate::error::{Diagnostic, Error, ErrorKind};
use crate::line_index::LineIndex;
use crate::nearest::suggest;
use crate::yaml::{self, Key, Node, Value};

/// A configuration that is being read.
pub(super) struct Document<'a> {
    text: &'a str,
    file: &'a str,
    lines: LineIndex,
    faults: Vec<Diagnostic>,
}

/// The entries of a map whose keys are all known.
pub(super) struct Entries<'n> {
    entries: &'n [(Key, Node)],
}

impl<'n> Entries<'n> {
    /// The value of a key, unless it is not there or nothing.
    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// The key itself as well.
    pub(super) fn entry(&self, name: &str) -> Option<(&'n Key, &'n Node)> {
        let (key, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        (!node.is_null()).then_some((key, node))
    }
}

impl<'a> Document<'a> {
    /// Parses the text; `file` is what messages call it.
    pub(super) fn parse(text: &'a str, file: &'a str) -> Result<(Self, Node), Error> {
        let mut document = Self { text, file, lines: LineIndex::new(text), faults: Vec::new() };
        match yaml::parse(text) {
            Ok(root) => Ok((document, root)),
            Err(fault) => {
                document.fault(&fault.span, format!("is not YAML as it is read here: {}", fault.message));
                Err(document.error())
            }
        }
    }

    pub(super) fn fault(&mut self, span: &Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        let found = Diagnostic::new(message).in_file(self.file).at(self.lines.span(span.clone()));
        let at = self.faults.len();
        self.faults.push(found);
        &mut self.faults[at]
    }

    /// The result, if nothing was wrong.
    pub(super) fn finish<T>(self, result: T) -> Result<T, Error> {
        if self.faults.is_empty() { Ok(result) } else { Err(self.error()) }
    }

    pub(super) fn error(self) -> Error {
        let sources = [(self.file.to_owned(), self.text.into())].into();
        Error::new(ErrorKind::Input, self.faults).with_sources(sources)
    }

    /// A map with these keys and no others. `place` is where it is, such as `lint`.
    pub(super) fn map<'n>(&mut self, node: &'n Node, known: &[&'static str], place: &str) -> Entries<'n> {
        let Value::Map(entries) = &node.value else {
            if !node.is_null() {
                let message = format!("{place} is {}, not a map", node.kind());
                self.fault(&node.span, message);
            }
            return Entries { entries: &[] };
        };
        for (key, _) in entries {
            if !known.contains(&key.name.as_str()) {
                let name = key.name.escape_debug();
                let help = suggest(&key.name, known.iter().copied());
                let found = self.fault(&key.span, format!("`{name}` is no key of {place}"));
                found.label = Some("not known".to_owned());
                found.help = Some(help);
            }
        }
        Entries { entries }
    }

    /// The items of a list.
    pub(super) fn list<'n>(&mut self, node: &'n Node, place: &str) -> &'n [Node] {
        if let Value::List(items) = &node.value {
            return items;
        }
        if !node.is_null() {
            let message = format!("`{place}` is {}, not a list", node.kind());
            let found = self.fault(&node.span, message);
            found.help = Some("write `[A, B]`, or one item a line after `-`".to_owned());
        }
        &[]
    }

    pub(super) fn text_of<'n>(&mut self, node: &'n Node, place: &str) -> Option<&'n str> {
        if let Value::Scalar { text, .. } = &node.value {
            return Some(text);
        }
        let message = format!("`{place}` is {}, not a text", node.kind());
        self.fault(&node.span, message);
        None
    }

    pub(super) fn texts(&mut self, node: Option<&Node>, place: &str) -> Vec<String> {
        let Some(node) = node else { return Vec::new() };
        let items = self.list(node, place);
        items
            .iter()
            .filter_map(|it| self.text_of(it, place))
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A switch: `true`, `false` and, as in YAML 1.1, `yes`, `no`, `on`, `off`.
    pub(super) fn switch(&mut self, node: Option<&Node>, place: &str) -> bool {
        let Some(node) = node else { return false };
        if let Value::Scalar { text, plain: true } = &node.value {
            match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "y" => return true,
                "false" | "no" | "off" | "n" => return false,
                _ => {}
            }
        }
        let found = self.fault(&node.span, format!("`{place}` must be `true` or `false`"));
        found.help = Some("without quotes".to_owned());
        false
    }

    /// A relative path that does not lead out, normalised; `.` for the folder itself.
    pub(super) fn path(&mut self, node: &Node, place: &str) -> Option<String> {
        let text = self.text_of(node, place)?;
        match clean(text) {
            Ok(path) => Some(path),
            Err(why) => {
                let message = format!("`{}` in `{place}` {why}", text.escape_debug());
                self.fault(&node.span, message);
                None
            }
        }
    }

    /// Paths with their places. Empty ones count for nothing.
    pub(super) fn paths<'n>(
        &mut self,
        node: Option<&'n Node>,
        place: &str,
    ) -> Vec<(String, &'n Range<usize>)> {
        let Some(node) = node else { return Vec::new() };
        let mut found = Vec::new();
        for item in self.list(node, place) {
            if matches!(&item.value, Value::Scalar { text, .. } if text.is_empty()) {
                continue;
            }
            found.extend(self.path(item, place).map(|path| (path, &item.span)));
        }
        found
    }
}

fn clean(text: &str) -> Result<String, &'static str> {
    if text.starts_with('/') || text.as_bytes().get(1) == Some(&b':') {
        return Err("is absolute; it must be relative");
    }
    if text.contains(char::is_control) {
        return Err("holds a control character");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err("leads out of the folder of the configuration");
                }
            }
            part => parts.push(part),
        }
    }
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}
