//! Comments of a `.proto` as doc comments that can do no harm.
//!
//! A comment is text by somebody else that ends up in the user's source, where rustdoc compiles and runs code blocks. After this
//! module every code block is tagged `text`, no line is indented like a code block, nothing can end the comment, and characters
//! that mislead a reader (bidi, control) are gone. Markdown that merely renders badly is left alone.

/// Longest comment that is kept, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// The lines of a doc comment, leading comment first, each to be put behind `///`. Non-empty lines start with one space.
pub(crate) fn lines(leading: &str, trailing: &str) -> Vec<String> {
    let (leading, trailing) = (block(leading), block(trailing));
    let gap = !leading.is_empty() && !trailing.is_empty();
    leading.into_iter().chain(gap.then(String::new)).chain(trailing).collect()
}

fn block(text: &str) -> Vec<String> {
    let text = harmless(text);
    let mut out = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    for line in text.lines() {
        // The compiler leaves the space after `//`.
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        match fence {
            Some((mark, length)) => {
                if closes(line, mark, length) {
                    out.push(format!(" {}", mark.to_string().repeat(length)));
                    fence = None;
                } else {
                    out.push(spaced(line));
                }
            }
            None => {
                let (prefix, rest) = containers(line);
                if let Some((mark, length)) = opening(rest) {
                    out.push(format!(" {}text", mark.to_string().repeat(length)));
                    fence = Some((mark, length));
                } else {
                    // A line that starts with `<` could open an HTML block, inside which fences do not count.
                    let escape = if rest.starts_with('<') { "\\" } else { "" };
                    out.push(spaced(&format!("{prefix}{escape}{rest}")));
                }
            }
        }
    }
    if let Some((mark, length)) = fence {
        out.push(format!(" {}", mark.to_string().repeat(length)));
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    let first = out.iter().position(|it| !it.is_empty()).unwrap_or(out.len());
    out.split_off(first)
}

fn spaced(line: &str) -> String {
    if line.trim().is_empty() { String::new() } else { format!(" {line}") }
}

/// Without characters that mislead or end something, and not too long.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_BYTES) + 32);
    let text = text.replace("\r\n", "\n");
    for c in text.chars() {
        if out.len() >= MAX_BYTES {
            out.push_str("\n… (shortened)");
            break;
        }
        match c {
            '\n' => out.push('\n'),
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => out.push('\n'),
            '\t' => out.push_str("    "),
            '/' if out.ends_with('*') => out.push_str(" /"),
            '*' if out.ends_with('/') => out.push_str(" *"),
            c if c.is_control() || is_bidi(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Block quote and list markers at the start of a line, and the rest. The prefix has one space after each marker and at most two
/// before the first, so that the rest never counts as an indented code block.
fn containers(line: &str) -> (String, &str) {
    let mut rest = line.trim_start_matches(' ');
    let mut prefix = " ".repeat((line.len() - rest.len()).min(2));
    let mut depth = 0;
    while let Some(length) = marker(rest) {
        // Deep nesting is never meant, and costs rustdoc quadratic time.
        if depth < 8 {
            prefix.push_str(&rest[..length]);
            prefix.push(' ');
        }
        depth += 1;
        rest = rest[length..].trim_start_matches(' ');
    }
    (prefix, rest)
}

/// Length of a block quote or list marker at the start of `text`.
fn marker(text: &str) -> Option<usize> {
    if text.starts_with('>') {
        return Some(1);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let length = match text.as_bytes().get(digits)? {
        b'-' | b'*' | b'+' if digits == 0 => 1,
        b'.' | b')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    (text.len() == length || text[length..].starts_with(' ')).then_some(length)
}

fn opening(text: &str) -> Option<(char, usize)> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = run(text, mark);
    // With another backtick in the line it is inline code, not a fence.
    let inline = mark == '`' && text[length..].contains('`');
    (length >= 3 && !inline).then_some((mark, length))
}

fn closes(line: &str, mark: char, length: usize) -> bool {
    let (_, rest) = containers(line);
    let run = run(rest, mark);
    run >= length && rest[run..].trim().is_empty()
}

fn run(text: &str, mark: char) -> usize {
    text.len() - text.trim_start_matches(mark).len()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn tames_comments() {
        for (text, expected) in [
            (" One.\n Two.\n", &[" One.", " Two."][..]),
            ("```rust\npanic!()\n```", &[" ```text", " panic!()", " ```"]),
            ("~~~\npanic!()", &[" ~~~text", " panic!()", " ~~~"]),
            ("> ```\n> panic!()\n> ```\nafter", &[" ```text", " > panic!()", " ```", " after"]),
            ("- ````rust\n  ```\n  x\n  ````", &[" ````text", "  ```", "  x", " ````"]),
            ("a\n\n        let x = 1;", &[" a", "", "   let x = 1;"]),
            (">      let x = 1;", &[" > let x = 1;"]),
            ("-      let x = 1;", &[" - let x = 1;"]),
            ("\tlet x = 1;", &["   let x = 1;"]),
            ("<!--\n```\n-->\n```\nx", &[" \\<!--", " ```text", " -->", " ```", " x"]),
            ("a */ b /* c", &[" a * / b / * c"]),
            ("a\rb\u{202e}c\u{1b}", &[" a", " b\u{fffd}c\u{fffd}"]),
            ("```not a fence``` here", &[" ```not a fence``` here"]),
            ("", &[]),
        ] {
            assert_eq!(lines(text, ""), expected, "{text:?}");
        }
        assert_eq!(lines("a", "b"), [" a", "", " b"]);
    }

    #[test]
    fn cuts_long_comments_quickly() {
        let long = lines(&"> ".repeat(100_000), "");
        assert!(long.iter().map(String::len).sum::<usize>() < 17 * 1024);
        let long = lines(&"ä".repeat(100_000), "");
        assert!(long.iter().map(String::len).sum::<usize>() < 17 * 1024);
    }
}
