//! Texts of the catalogue with their placeholders filled, once.
//!
//! `{name}` is a placeholder, `{{` and `}}` stand for the braces. A value is made safe before it enters a text or a detail:
//! control characters are escaped and it is cut at 256 bytes; it is never scanned for placeholders again. Which text is chosen
//! is decided in `locale`.

use std::fmt::Write as _;

/// The longest value of a placeholder, in bytes, after escaping.
pub(crate) const MAX_VALUE: usize = 256;

/// Whether a character could end a line, move a cursor or reorder text where it is shown: C0, DEL, C1, line separators and the
/// controls of bidirectional text.
pub(crate) const fn is_hostile(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A value as it may be shown: hostile characters as `\u{…}`, at most `limit` bytes, cut between characters with `…`.
pub(crate) fn safe_value(value: &str, limit: usize) -> String {
    if value.len() <= limit && !value.chars().any(is_hostile) {
        return value.to_owned();
    }
    let mut safe = String::with_capacity(value.len().min(limit));
    let mut piece = String::new();
    for character in value.chars() {
        piece.clear();
        match character {
            '\n' => piece.push_str("\\n"),
            '\r' => piece.push_str("\\r"),
            '\t' => piece.push_str("\\t"),
            hostile if is_hostile(hostile) => {
                // Writing to a string cannot fail.
                let _ = write!(piece, "\\u{{{:x}}}", u32::from(hostile));
            }
            plain => piece.push(plain),
        }
        if safe.len() + piece.len() > limit.saturating_sub('…'.len_utf8()) {
            safe.push('…');
            break;
        }
        safe.push_str(&piece);
    }
    safe
}

/// Fills a text. A placeholder without a value stays as it is written, which the build has excluded for generated catalogues.
pub(crate) fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        let tail = &rest[at..];
        if tail.starts_with("{{") || tail.starts_with("}}") {
            filled.push_str(&tail[..1]);
            rest = &tail[2..];
            continue;
        }
        let end = if tail.starts_with('{') { tail.find('}') } else { None };
        match end.and_then(|end| Some((end, value(&tail[1..end])?))) {
            Some((end, value)) => {
                filled.push_str(value);
                rest = &tail[end + 1..];
            }
            None => {
                filled.push_str(&tail[..1]);
                rest = &tail[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_once_and_never_scanned() {
        for hostile in ["{{7*7}}", "{field}", "%s", "<script>alert(1)</script>", "}}{{"] {
            let filled = fill("bad `{field}` in {{x}}", |name| (name == "field").then_some(hostile));
            assert_eq!(filled, format!("bad `{hostile}` in {{x}}"));
        }
    }

    #[test]
    fn unknown_placeholders_and_lone_braces_stay() {
        assert_eq!(fill("a {b} c } {", |_| None), "a {b} c } {");
        assert_eq!(fill("「{field}」格式", |_| Some("名")), "「名」格式");
    }

    #[test]
    fn values_are_escaped_and_cut() {
        assert_eq!(safe_value("a\r\nb\u{1b}[0m\u{202e}", 256), "a\\r\\nb\\u{1b}[0m\\u{202e}");
        let long = safe_value(&"é".repeat(400), MAX_VALUE);
        assert!(long.len() <= MAX_VALUE && long.ends_with('…'), "{}", long.len());
        let edge = "x".repeat(MAX_VALUE);
        assert_eq!(safe_value(&edge, MAX_VALUE), edge);
    }
}
