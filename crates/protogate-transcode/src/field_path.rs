//! Field paths such as `book.author.name`, in path variables, body selectors and query parameters.
//!
//! Only the spelling is known here. Whether the fields exist, and under which name (proto or JSON), is
//! decided by those who hold descriptors.

use std::fmt;

/// The most parts that the name of a query parameter may have. The name comes from the caller, so looking it
/// up must be bounded.
pub const MAX_PARAMETER_PARTS: usize = 64;

/// A path of field names, outermost first; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    parts: Vec<String>,
}

/// Why a text is no field path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPathError {
    offset: usize,
    message: String,
}

impl FieldPath {
    /// Parses `Ident { "." Ident }` with `Ident = [A-Za-z_][A-Za-z0-9_]*`, the form of path variables and
    /// `body` selectors (`google/api/http.proto`).
    ///
    /// # Errors
    /// When a part is empty, starts with a digit or has another character; with the byte offset.
    pub fn parse(text: &str) -> Result<Self, FieldPathError> {
        let mut offset = 0;
        let mut parts = Vec::new();
        for part in text.split('.') {
            check_ident(part, offset)?;
            parts.push(part.to_owned());
            offset += part.len() + 1;
        }
        Ok(Self { parts })
    }

    /// Parses the name of a query parameter: any non-empty parts joined by `.`, because the `json_name` option
    /// allows more characters than an identifier has.
    ///
    /// # Errors
    /// When a part is empty or there are more than [`MAX_PARAMETER_PARTS`].
    pub fn parse_parameter(text: &str) -> Result<Self, FieldPathError> {
        let mut offset = 0;
        let mut parts = Vec::new();
        for part in text.split('.') {
            if part.is_empty() {
                return Err(FieldPathError::new(offset, "expected a field name, found nothing"));
            }
            if parts.len() == MAX_PARAMETER_PARTS {
                let message = format!("found more than {MAX_PARAMETER_PARTS} parts; shorten the name");
                return Err(FieldPathError { offset, message });
            }
            parts.push(part.to_owned());
            offset += part.len() + 1;
        }
        Ok(Self { parts })
    }

    /// The field names, outermost first; at least one.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Whether `self` is `other` or lies inside the message that `other` names.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.parts.starts_with(&other.parts)
    }
}

fn check_ident(part: &str, offset: usize) -> Result<(), FieldPathError> {
    let Some(first) = part.chars().next() else {
        return Err(FieldPathError::new(offset, "expected a field name, found nothing"));
    };
    if first.is_ascii_digit() {
        let message = format!("expected a letter or `_` at the start of a field name, found `{first}`");
        return Err(FieldPathError { offset, message });
    }
    match part.char_indices().find(|(_, c)| !c.is_ascii_alphanumeric() && *c != '_') {
        None => Ok(()),
        Some((at, found)) => {
            let found = found.escape_debug();
            let message =
                format!("found `{found}` in a field name; use only ASCII letters, digits, `_` and `.`");
            Err(FieldPathError { offset: offset + at, message })
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(part)?;
        }
        Ok(())
    }
}

impl FieldPathError {
    fn new(offset: usize, message: &str) -> Self {
        Self { offset, message: message.to_owned() }
    }

    /// Where in the text, in bytes.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong, without the place.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for FieldPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field path: byte {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for FieldPathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_prints() {
        let path = FieldPath::parse("a._b1.C").unwrap();
        assert_eq!(path.parts(), ["a", "_b1", "C"]);
        assert_eq!(path.to_string(), "a._b1.C");
    }

    #[test]
    fn says_where() {
        for (text, offset) in
            [("", 0), ("a.", 2), (".a", 0), ("a..b", 2), ("1a", 0), ("a.2", 2), ("a.b-c", 3)]
        {
            assert_eq!(FieldPath::parse(text).unwrap_err().offset(), offset, "{text}");
        }
    }

    #[test]
    fn a_parameter_may_have_any_characters_but_few_parts() {
        assert_eq!(FieldPath::parse_parameter("a-b.@c").unwrap().parts(), ["a-b", "@c"]);
        assert!(FieldPath::parse_parameter("").is_err());
        assert!(FieldPath::parse_parameter("a..b").is_err());
        assert!(FieldPath::parse_parameter(&["a"; 64].join(".")).is_ok());
        assert!(FieldPath::parse_parameter(&["a"; 65].join(".")).is_err());
    }

    #[test]
    fn a_path_starts_with_its_parents() {
        let inner = FieldPath::parse("book.name").unwrap();
        assert!(inner.starts_with(&FieldPath::parse("book").unwrap()));
        assert!(inner.starts_with(&inner));
        assert!(!inner.starts_with(&FieldPath::parse("boo").unwrap()));
    }
}
