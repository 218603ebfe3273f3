//! A YAML document as a tree that knows its places, for `buf.yaml` and its kin. JSON is read too: it is YAML.
//!
//! The tree is bounded before it is built: aliases are expanded, so a short text could name billions of nodes. What a scalar means
//! (text, a switch, nothing) is the reader's question, because `yes` is a switch under one key and a name under another.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// Most nodes of a document, aliases expanded.
const MAX_NODES: usize = 100_000;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// A node and where it stands, in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// `plain` is without quotes: only then can it mean a switch, a number or nothing.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    /// In order of the text; keys are unique.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
}

/// Why a text is no document, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

impl Node {
    /// Nothing: an empty value, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, in a message.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Reads a text of one document; an empty one is nothing.
pub(crate) fn parse(text: &str) -> Result<Node, Fault> {
    // The scanner counts characters and reads a byte order mark as text.
    let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = &text[skipped..];
    let offsets: Vec<usize> =
        if body.is_ascii() { Vec::new() } else { body.char_indices().map(|(at, _)| at).collect() };
    let byte = |index: usize| {
        let at = if body.is_ascii() {
            index.min(body.len())
        } else {
            offsets.get(index).copied().unwrap_or(body.len())
        };
        skipped + at
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str(body) {
        let (event, span) = event.map_err(|error| {
            let at = byte(error.marker().index());
            Fault { span: at..at, message: error.info().to_owned() }
        })?;
        let span = byte(span.start.index())..byte(span.end.index());
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or(Node { span: 0..0, value: Value::Scalar { text: String::new(), plain: true } }))
}

/// A list or map whose end has not come yet.
struct Open {
    anchor: usize,
    start: usize,
    value: Value,
    /// Of a map: the key whose value comes next.
    key: Option<Key>,
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    /// Anchor → node and its size.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Fault { span, message: "a second document begins; only one is read".into() });
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.add(Node { span, value }, anchor)?;
            }
            Event::SequenceStart(anchor, _) => self.push(anchor, span, Value::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => self.push(anchor, span, Value::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let value = match open.value {
                        Value::Map(entries) => Value::Map(merge(entries)),
                        other => other,
                    };
                    self.add(Node { span: open.start..span.end.max(open.start), value }, open.anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor) else {
                    return Err(Fault { span, message: "the alias stands inside of what it names".into() });
                };
                let (node, size) = (Node { span: span.clone(), value: node.value.clone() }, *size);
                self.count(size, &span)?;
                self.add(node, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, more: usize, span: &Range<usize>) -> Result<(), Fault> {
        self.nodes += more;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values, aliases counted as what they stand for");
            return Err(Fault { span: span.clone(), message });
        }
        Ok(())
    }

    fn push(&mut self, anchor: usize, span: Range<usize>, value: Value) -> Result<(), Fault> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault { span, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        if let Some(Open { value: Value::Map(_), key: None, .. }) = self.open.last() {
            return Err(Fault { span, message: "a key must be a single value".into() });
        }
        self.open.push(Open { anchor, start: span.start, value, key: None });
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        self.count(1, &node.span)?;
        if anchor != 0 {
            let size = size(&node);
            // What is kept for aliases counts as well: chains of anchors would otherwise be copied for nothing.
            self.count(size, &node.span)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let depth = self.open.len() + height(&node);
        if depth > MAX_DEPTH {
            return Err(Fault { span: node.span, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => match open.key.take() {
                Some(key) => entries.push((key, node)),
                None => {
                    let Value::Scalar { text: name, .. } = node.value else {
                        return Err(Fault {
                            span: node.span,
                            message: "a key must be a single value".into(),
                        });
                    };
                    if entries.iter().any(|(key, _)| key.name == name) {
                        let message = format!("the key `{}` is there twice", name.escape_debug());
                        return Err(Fault { span: node.span, message });
                    }
                    open.key = Some(Key { name, span: node.span });
                }
            },
            Value::Scalar { .. } => {}
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar { .. } => 0,
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(_, value)| 1 + size(value)).sum(),
    }
}

fn height(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { .. } => 0,
        Value::List(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| height(value)).max().unwrap_or(0),
    }
}

/// `<<` takes the entries of another map over, as far as the map has none of that name.
fn merge(mut entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let Some(at) = entries.iter().position(|(key, node)| {
        let mergeable = match &node.value {
            Value::Map(_) => true,
            Value::List(items) => items.iter().all(|it| matches!(it.value, Value::Map(_))),
            Value::Scalar { .. } => false,
        };
        key.name == "<<" && mergeable
    }) else {
        return entries;
    };
    let (_, other) = entries.remove(at);
    let maps = match other.value {
        Value::List(items) => items,
        _ => vec![other],
    };
    for map in maps {
        let Value::Map(others) = map.value else { continue };
        for (key, value) in others {
            if entries.iter().all(|(mine, _)| mine.name != key.name) {
                entries.push((key, value));
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        match &node.value {
            Value::Scalar { text, plain: true } => text.clone(),
            Value::Scalar { text, plain: false } => format!("'{text}'"),
            Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Value::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{}={}", key.name, shown(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn trees() {
        for (text, expected) in [
            ("", ""),
            ("version: v2\n", "{version=v2}"),
            ("{\"version\":\"v2\",\"a\":[1,{\"b\":null}]}", "{version='v2' a=[1 {b=null}]}"),
            ("a:\n  - b\n  - c: d\n    e:\n", "{a=[b {c=d e=}]}"),
            ("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n", "{a={b=1} c={b=1} d={e=2 b=1}}"),
            ("\u{feff}a: 'x'\r\nb: \"y\"\r\n", "{a='x' b='y'}"),
        ] {
            assert_eq!(shown(&parse(text).unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn places_are_bytes() {
        let text = "é: x\nb: ü\n";
        let Value::Map(entries) = parse(text).unwrap().value else { panic!() };
        assert_eq!(&text[entries[0].0.span.clone()], "é");
        assert_eq!(&text[entries[1].0.span.clone()], "b");
        assert_eq!(&text[entries[1].1.span.clone()], "ü");
    }

    #[test]
    fn hostile_texts_end_in_an_error() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..20 {
            let last = level - 1;
            let items = vec![format!("*a{last}"); 10].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        for text in [
            bomb.as_str(),
            &"[".repeat(100_000),
            &"a: ".repeat(100_000),
            &"- ".repeat(100_000),
            &"{a: ".repeat(100_000),
            "a: 1\na: 2\n",
            "a: 1\n---\nb: 2\n",
            "? [a]\n: b\n",
            "a: *b\n",
            "a: &a [*a]\n",
            "a: [\n",
            "%",
            "&a",
            "!!",
        ] {
            if let Ok(node) = parse(text) {
                assert!(matches!(text, "&a" | "!!"), "{:?}: {}", &text[..text.len().min(40)], shown(&node));
            }
        }
    }
}
