//! The text of a capture: which raw segments a variable covers, and how they are decoded.
//!
//! Captures with slashes keep `%2F` as sent, because decoding it would move the borders between segments;
//! single segments are decoded fully. The conversion to a field's type happens in the gateway.

use crate::percent;
use crate::template::Variable;

/// What a variable took from the path, decoded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Index into the variables of the matched template.
    pub variable: usize,
    /// The text: valid UTF-8, possibly empty when the variable ends in `**`.
    pub value: String,
}

/// The part of a matched path that a variable covers. `path` is the raw path without its leading slash and
/// verb (`None`: no segments); `double` is the index of `**` among the template's `count` segments.
pub(crate) fn covered<'p>(
    variable: &Variable,
    path: Option<&'p str>,
    double: Option<usize>,
    count: usize,
) -> &'p str {
    let Some(path) = path else { return "" };
    let raw_count = path.bytes().filter(|&byte| byte == b'/').count() + 1;
    // Indices after `**` move by as many segments as it took more, or less, than one.
    let raw =
        |index: usize| if double.is_some_and(|at| index > at) { index + raw_count - count } else { index };
    let (first, end) = (raw(variable.segments.start), raw(variable.segments.end));
    if first >= end {
        return "";
    }
    let starts = || std::iter::once(0).chain(path.match_indices('/').map(|(slash, _)| slash + 1));
    let from = starts().nth(first).unwrap_or(path.len());
    let to = starts().nth(end).map_or(path.len(), |next| next - 1);
    &path[from..to]
}

/// Decodes the covered text once; in a multi-segment capture `%2F` and `%2f` stay as sent. `None` when the
/// result is not UTF-8. The escapes must be well-formed.
pub(crate) fn decode(text: &str, multi: bool) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(percent) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..percent]);
        let escape = rest.get(percent..percent + 3)?;
        match percent::escape_at(escape.as_bytes(), 0)? {
            b'/' if multi => bytes.extend_from_slice(escape.as_bytes()),
            byte => bytes.push(byte),
        }
        rest = &rest[percent + 3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_by_the_table() {
        for (text, single, multi) in [
            ("a%2Fb%2fc", "a/b/c", "a%2Fb%2fc"),
            ("%41+%20", "A+ ", "A+ "),
            ("%252F", "%2F", "%2F"),
            ("%E2%82%AC%2F", "€/", "€%2F"),
            ("", "", ""),
        ] {
            assert_eq!(decode(text, false).as_deref(), Some(single), "{text}");
            assert_eq!(decode(text, true).as_deref(), Some(multi), "{text}");
        }
        assert_eq!(decode("%FF", false), None);
        assert_eq!(decode("%E2%2F%82%AC", true), None);
    }
}
