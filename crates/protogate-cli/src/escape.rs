//! Untrusted text made safe to print: names, comments, server answers and file names may hold terminal commands.
//!
//! C0 and C1 controls, `DEL` and the bidirectional controls of Unicode are shown as escapes. Nothing is removed, so that what was
//! there can still be seen.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could steer a terminal or reorder what is read.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text for one line: line breaks are escaped too.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escape(text, is_unsafe, |out, c| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", c.escape_unicode());
    })
}

/// Text that may have several lines.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    escape(
        text,
        |c| is_unsafe(c) && c != '\n' && c != '\t',
        |out, c| {
            let _ = write!(out, "{}", c.escape_unicode());
        },
    )
}

/// JSON text, which stays the same JSON: outside strings there is nothing to escape but line breaks.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    escape(
        text,
        |c| is_unsafe(c) && c != '\n',
        |out, c| {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        },
    )
}

fn escape(text: &str, is_unsafe: impl Fn(char) -> bool, write: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if !text.contains(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            write(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{block, json, line};

    #[test]
    fn commands_become_visible() {
        assert_eq!(line("plain ünïcode ✓"), "plain ünïcode ✓");
        assert_eq!(
            line("\x1b]8;;x\x07a\rb\nc\u{202e}d\u{9b}"),
            r"\u{1b}]8;;x\u{7}a\u{d}b\u{a}c\u{202e}d\u{9b}"
        );
        assert_eq!(block("a\n\tb\x08"), "a\n\tb\\u{8}");
        let text = json("{\n\"a\":\"\u{202e}\u{9b}\u{7f}\"}");
        assert_eq!(text, "{\n\"a\":\"\\u202e\\u009b\\u007f\"}");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["a"], "\u{202e}\u{9b}\u{7f}");
    }
}
