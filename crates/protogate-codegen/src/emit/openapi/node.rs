//! A JSON value whose keys keep the order they were written in, and its two notations.
//!
//! The order is part of the output: a reader meets `openapi` and `info` first and a field's type before its limits. A map of
//! `serde_json` has one only with a feature that any crate of a build could turn on for all others.

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A floating number; finite.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Map),
}

/// An object: keys in the order in which they were set, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Map(Vec<(String, Node)>);

impl Map {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The same with one more entry; a key that is there gets the new value.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Node>) -> Self {
        self.set(key, value);
        self
    }

    /// The same with one more entry if there is a value.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<impl Into<Node>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Sets an entry; a key that is there gets the new value.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Node>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(it, _)| *it == key) {
            Some((_, place)) => *place = value,
            None => self.0.push((key, value)),
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|(it, _)| it == key).map(|(_, value)| value)
    }

    /// Adds all entries of another.
    pub fn extend(&mut self, other: Self) {
        for (key, value) in other.0 {
            self.set(key, value);
        }
    }

    /// The same without some keys.
    #[must_use]
    pub fn without(mut self, keys: &[&str]) -> Self {
        self.0.retain(|(key, _)| !keys.contains(&key.as_str()));
        self
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Node)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Node)>>(entries: I) -> Self {
        let mut map = Self::new();
        entries.into_iter().for_each(|(key, value)| map.set(key, value));
        map
    }
}

impl From<Map> for Node {
    fn from(map: Map) -> Self {
        Self::Object(map)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i128> for Node {
    fn from(value: i128) -> Self {
        Self::Int(value)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Node {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i128(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|it| list.serialize_element(it))?;
                list.end()
            }
            Self::Object(map) => {
                let mut object = serializer.serialize_map(Some(map.0.len()))?;
                map.0.iter().try_for_each(|(key, value)| object.serialize_entry(key, value))?;
                object.end()
            }
        }
    }
}

impl Node {
    /// As JSON over several lines, with a line feed at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, numbers and text keys cannot fail to be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// As YAML 1.2 in block style. Texts that could be read as something else are quoted.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        self.block(0, &mut out);
        out
    }

    /// Writes the value at this depth; the cursor is at the start of a line.
    fn block(&self, depth: usize, out: &mut String) {
        match self {
            Self::Object(map) if !map.is_empty() => {
                for (key, value) in &map.0 {
                    indent(depth, out);
                    out.push_str(&scalar(key));
                    out.push(':');
                    value.after(depth, out);
                }
            }
            Self::List(items) if !items.is_empty() => {
                for item in items {
                    indent(depth, out);
                    out.push('-');
                    match item {
                        // The first key stands behind the dash, where its indentation would be.
                        Self::Object(map) if !map.is_empty() => {
                            let mut inner = String::new();
                            item.block(depth + 1, &mut inner);
                            out.push(' ');
                            out.push_str(inner.trim_start_matches(' '));
                        }
                        other => other.after(depth, out),
                    }
                }
            }
            other => other.after(depth, out),
        }
    }

    /// Writes the value behind a key or a dash.
    fn after(&self, depth: usize, out: &mut String) {
        match self {
            Self::Object(map) if !map.is_empty() => {
                out.push('\n');
                self.block(depth + 1, out);
            }
            Self::List(items) if !items.is_empty() => {
                out.push('\n');
                self.block(depth + 1, out);
            }
            Self::Text(text) if is_literal(text) => {
                out.push_str(" |-\n");
                for line in text.lines() {
                    if !line.is_empty() {
                        indent(depth + 1, out);
                        out.push_str(line);
                    }
                    out.push('\n');
                }
            }
            other => {
                out.push(' ');
                out.push_str(&match other {
                    Self::Null => "null".to_owned(),
                    Self::Bool(value) => value.to_string(),
                    Self::Int(value) => value.to_string(),
                    Self::Float(value) => serde_json::to_string(value).unwrap_or_default(),
                    Self::Text(text) => scalar(text),
                    Self::List(_) => "[]".to_owned(),
                    Self::Object(_) => "{}".to_owned(),
                });
                out.push('\n');
            }
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Whether a text of several lines can stand as it is.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.ends_with('\n')
        && !text.starts_with([' ', '\n'])
        && text.lines().all(|it| !it.ends_with(' '))
        && text.chars().all(|it| it == '\n' || is_printable(it))
}

/// What YAML lets stand in a document without an escape.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text on one line, quoted unless nothing can be made of it but itself.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|it: char| it.is_ascii_alphabetic() || matches!(it, '/' | '_'))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text.chars().all(|it| it.is_ascii_alphanumeric() || "_/.-{}()=+;: ".contains(it));
    let lower = text.to_ascii_lowercase();
    let word = matches!(lower.as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain && !word {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            // All that are left lie in the first plane.
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_quotes_what_could_be_something_else() {
        for (text, expected) in [
            ("plain text", "plain text"),
            ("/v1/{key}:watch", "/v1/{key}:watch"),
            ("true", "\"true\""),
            ("Null", "\"Null\""),
            ("200", "\"200\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("", "\"\""),
            ("*x", "\"*x\""),
            ("a\"b\\\u{1b}\u{85}", "\"a\\\"b\\\\\\u001b\\u0085\""),
            ("$ref", "\"$ref\""),
        ] {
            assert_eq!(scalar(text), expected);
        }
    }

    #[test]
    fn both_notations_keep_the_order() {
        let node: Node = Map::new()
            .with("b", 1)
            .with("a", vec![Node::from(Map::new()), Node::Null, Node::from("x\n\n  y")])
            .with("c", Map::new().with("200", true))
            .with("d", vec![Map::new().with("x", vec![Map::new().with("w", 1)]).with("z", 2)])
            .with("b", -2)
            .into();
        assert_eq!(
            serde_json::to_string(&node).unwrap(),
            r#"{"b":-2,"a":[{},null,"x\n\n  y"],"c":{"200":true},"d":[{"x":[{"w":1}],"z":2}]}"#
        );
        assert_eq!(
            node.to_yaml(),
            "b: -2\na:\n  - {}\n  - null\n  - |-\n    x\n\n      y\nc:\n  \"200\": true\nd:\n  - x:\n      - w: 1\n    z: 2\n"
        );
    }

    impl From<i32> for Node {
        fn from(value: i32) -> Self {
            Self::Int(value.into())
        }
    }
}
