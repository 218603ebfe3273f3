//! The query string: split into names and values, decoded once.
//!
//! Only the text is read here, as `application/x-www-form-urlencoded` does it. What a name means and how a
//! value converts to a field's type needs descriptors and happens in the gateway, as do the limits on
//! length and number of parameters.

use std::fmt;

use crate::percent;

/// Why a query string cannot be decoded. The answer is 400 `INVALID_ARGUMENT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    offset: usize,
    piece: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Escape,
    Utf8,
}

/// Splits at `&` (not at `;`), skips empty pieces, splits a piece at its first `=` (without one the value is
/// empty), reads `+` as a space and percent-decodes once. The order is kept.
///
/// # Errors
/// On a malformed escape, and when decoding does not give UTF-8.
pub fn parse_query(query: &str) -> Result<Vec<(String, String)>, QueryError> {
    let mut pairs = Vec::new();
    let mut offset = 0;
    for piece in query.split('&') {
        if !piece.is_empty() {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let name = decode(name, offset)?;
            let value = decode(value, offset + piece.len() - value.len())?;
            pairs.push((name, value));
        }
        offset += piece.len() + 1;
    }
    Ok(pairs)
}

fn decode(text: &str, offset: usize) -> Result<String, QueryError> {
    let fail =
        |at: usize, kind| QueryError { offset: offset + at, piece: percent::quote(text).to_owned(), kind };
    if let Some(at) = percent::malformed_escape(text) {
        return Err(fail(at, Kind::Escape));
    }
    if !text.contains(['%', '+']) {
        return Ok(text.to_owned());
    }
    let spaced = text.replace('+', " ");
    String::from_utf8(percent::decoded(&spaced).collect()).map_err(|_| fail(0, Kind::Utf8))
}

impl QueryError {
    /// Where in the query string, in bytes.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (problem, remedy) = match self.kind {
            Kind::Escape => (
                "has a malformed percent escape",
                "expected two hexadecimal digits after `%`; write `%25` for `%`",
            ),
            Kind::Utf8 => ("does not decode to UTF-8", "escape the UTF-8 bytes of the text"),
        };
        write!(f, "query string: byte {}: `{}` {problem}; {remedy}", self.offset, self.piece)
    }
}

impl std::error::Error for QueryError {}
