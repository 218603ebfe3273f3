//! Why JSON could not be read or printed, with the path of the field.
//!
//! The path grows from the inside out while an error travels up, so that the good case pays nothing for it.

use std::fmt;

use super::table::Field;

/// The longest piece of input that a message quotes, in characters.
const QUOTE_LIMIT: usize = 100;

/// What sort of error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not JSON (RFC 8259), is not UTF-8, or is nested too deeply.
    Syntax,
    /// The JSON does not fit the message.
    Value,
    /// The message cannot be expressed in JSON: the fault of who made the message.
    Output,
}

/// Why JSON could not be read or printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    /// Innermost first.
    path: Vec<Part>,
    problem: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Field(String),
    Index(usize),
    Key(String),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, problem: impl Into<String>) -> Self {
        Self { inner: Box::new(Inner { kind, path: Vec::new(), problem: problem.into() }) }
    }

    pub(crate) fn syntax(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Syntax, problem)
    }

    pub(crate) fn value(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Value, problem)
    }

    pub(crate) fn output(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Output, problem)
    }

    pub(crate) fn in_field(mut self, name: &str) -> Self {
        self.inner.path.push(Part::Field(quote(name)));
        self
    }

    /// Like [`Error::in_field`]; of a sensitive field neither the value nor the path inside it is kept.
    pub(crate) fn in_known_field(mut self, field: &Field) -> Self {
        if field.sensitive {
            self.inner.path.clear();
            self.inner.problem = format!(
                "expected {}; what was found is not shown, because the field is sensitive",
                field.kind.expected()
            );
        }
        self.in_field(field.json_name)
    }

    pub(crate) fn in_element(mut self, index: usize) -> Self {
        self.inner.path.push(Part::Index(index));
        self
    }

    pub(crate) fn in_entry(mut self, key: &str) -> Self {
        self.inner.path.push(Part::Key(quote(key)));
        self
    }

    /// What sort of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Where: JSON names joined by dots, `[2]` for an element, `["key"]` for an entry of a map; empty for the whole.
    #[must_use]
    pub fn field(&self) -> String {
        let mut text = String::new();
        for part in self.inner.path.iter().rev() {
            match part {
                Part::Field(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(name);
                }
                Part::Index(index) => text.push_str(&format!("[{index}]")),
                Part::Key(key) => text.push_str(&format!("[{key:?}]")),
            }
        }
        text
    }

    /// What was found and what was expected, without the path.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.inner.problem
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.inner.path.is_empty() {
            write!(f, "`{}`: ", self.field())?;
        }
        f.write_str(&self.inner.problem)
    }
}

impl std::error::Error for Error {}

/// The part of a text that a message may quote, with control characters escaped.
pub(crate) fn quote(text: &str) -> String {
    let escape = |found: char| match found {
        '`' => vec!['\''],
        found if found.is_control() => found.escape_default().collect(),
        found => vec![found],
    };
    let mut quoted: String = text.chars().take(QUOTE_LIMIT).flat_map(escape).collect();
    if text.chars().nth(QUOTE_LIMIT).is_some() {
        quoted.push('…');
    }
    quoted
}
