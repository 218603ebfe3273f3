//! Makes text from schemas harmless: control characters, and characters that reorder a line, are written as escapes.

use std::borrow::Cow;

/// Whether a character could steer a terminal or hide what a line says.
pub(super) fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(
            c,
            // Bidirectional embeddings, overrides and isolates; marks; separators of lines and paragraphs.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
                | '\u{2028}' | '\u{2029}' | '\u{feff}'
        )
}

/// The text with harmful characters as `\u{…}`; line ends too.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn harmful_characters_are_written_out() {
        assert_eq!(line("plain `näme`\t7"), "plain `näme`\t7");
        assert_eq!(line("\u{1b}[31mred\n"), "\\u{1b}[31mred\\u{a}");
        assert_eq!(line("a\u{202e}b\u{2066}"), "a\\u{202e}b\\u{2066}");
    }
}
