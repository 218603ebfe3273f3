//! Percent-decoding of bytes (RFC 3986 section 2.1), the one place that reads `%XX`.
//!
//! Templates, paths and query strings differ in what they do with the bytes (`+`, `%2F`, UTF-8), so this
//! file only finds escapes and yields bytes; the policies live with their callers.

use std::fmt;

/// The longest piece of input that an error message quotes, in characters.
const QUOTE_LIMIT: usize = 100;

/// The value of one hexadecimal digit.
const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The byte that the escape at `text[at]` (a `%`) stands for; `None` when it is malformed.
pub(crate) fn escape_at(text: &[u8], at: usize) -> Option<u8> {
    let high = hex(*text.get(at + 1)?)?;
    let low = hex(*text.get(at + 2)?)?;
    Some(high << 4 | low)
}

/// The offset of the first malformed escape.
pub(crate) fn malformed_escape(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == b'%') {
        let percent = at + found;
        if escape_at(bytes, percent).is_none() {
            return Some(percent);
        }
        at = percent + 3;
    }
    None
}

/// The decoded bytes of `text`, without allocating. A malformed escape yields its own characters; callers
/// that mind ask [`malformed_escape`] first.
pub(crate) fn decoded(text: &str) -> impl Iterator<Item = u8> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let byte = *bytes.get(at)?;
        match escape_at(bytes, at) {
            Some(value) if byte == b'%' => {
                at += 3;
                Some(value)
            }
            _ => {
                at += 1;
                Some(byte)
            }
        }
    })
}

/// Writes `%XX` in upper case.
pub(crate) fn write_escape(out: &mut impl fmt::Write, byte: u8) -> fmt::Result {
    write!(out, "%{byte:02X}")
}

/// The part of `text` that an error message may quote.
pub(crate) fn quote(text: &str) -> &str {
    text.char_indices().nth(QUOTE_LIMIT).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_malformed_escape() {
        assert_eq!(malformed_escape("a%20b"), None);
        assert_eq!(malformed_escape("%41%4"), Some(3));
        assert_eq!(malformed_escape("%"), Some(0));
        assert_eq!(malformed_escape("%41%%41"), Some(3));
        assert_eq!(malformed_escape("%é0"), Some(0));
    }

    #[test]
    fn decodes_once() {
        assert_eq!(decoded("%252F+%e2%82%AC").collect::<Vec<_>>(), "%2F+€".as_bytes());
        assert_eq!(decoded("%zz%4").collect::<Vec<_>>(), b"%zz%4");
    }

    #[test]
    fn quotes_at_most_a_hundred_characters() {
        assert_eq!(quote("short"), "short");
        assert_eq!(quote(&"é".repeat(150)).chars().count(), QUOTE_LIMIT);
    }
}
