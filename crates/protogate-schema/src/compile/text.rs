//! What a source file must be before the parser sees it: bounded, clean text.
//!
//! The parser recurses with the nesting of its input and overflows its stack on hostile files, which nothing can catch. So a
//! scan that knows strings and comments, and is a loop, counts brackets and dots first. It reads tokens exactly as the parser
//! does: a `#` outside strings starts a comment, a string ends at the end of its line, block comments do not nest (that is
//! refused here).

use std::ops::Range;

use super::{MAX_BRACKETS, MAX_FILE_BYTES};

/// Most dots in one name: the compiler recurses with the length of an option's name too.
const MAX_DOTS: usize = 100;

/// What is wrong with a text, and where.
pub(super) struct TextFault {
    pub(super) range: Option<Range<usize>>,
    pub(super) message: String,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
}

fn fault(
    range: Range<usize>,
    message: impl Into<String>,
    label: &'static str,
    help: &'static str,
) -> TextFault {
    TextFault { range: Some(range), message: message.into(), label, help }
}

/// Bytes → text without its byte order mark; or the reason, with the text as far as it can be shown.
pub(super) fn decode(mut bytes: Vec<u8>) -> Result<String, (String, TextFault)> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let message = format!("has more than {MAX_FILE_BYTES} bytes");
        return Err((String::new(), TextFault { range: None, message, label: "", help: "split the file" }));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let message = format!("is not UTF-8: byte 0x{:02X} at offset {at} is not valid", bytes[at]);
            // Only the valid part is shown.
            let valid = String::from_utf8_lossy(&bytes[..at]).into_owned();
            return Err((valid, fault(at..at, message, "not UTF-8 from here", "save the file as UTF-8")));
        }
    };
    match scan(&text) {
        Ok(_) => Ok(text),
        Err(found) => Err((text, found)),
    }
}

/// Reads the tokens of a text. Returns the single numbers that stand before the options of an `extensions` statement, which
/// the parser cannot read; [`super::single_range`] is about them.
pub(super) fn scan(text: &str) -> Result<Vec<Range<usize>>, TextFault> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut open: Vec<usize> = Vec::new();
    let mut dots = 0;
    let mut first_word = true;
    let mut singles = Vec::new();
    let mut statement = Statement::Start;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            0 => {
                return Err(fault(
                    start..at,
                    "holds a NUL character",
                    "NUL",
                    "remove it: proto files are text",
                ));
            }
            b'\t' | b'\n' | b'\x0B' | b'\x0C' | b'\r' | b' ' => continue,
            b'"' | b'\'' => at = end_of_string(bytes, start)?,
            b'#' => {
                at = end_of_line(bytes, start)?;
                continue;
            }
            b'/' if bytes.get(at) == Some(&b'/') => {
                at = end_of_line(bytes, start)?;
                continue;
            }
            b'/' if bytes.get(at) == Some(&b'*') => {
                at = end_of_comment(bytes, start)?;
                continue;
            }
            b'{' | b'[' | b'(' | b'<' => {
                open.push(start);
                // `(a).(b).(c)` is one name.
                if byte != b'(' {
                    dots = 0;
                }
                if open.len() > MAX_BRACKETS {
                    return Err(fault(
                        start..at,
                        format!("brackets are nested more than {MAX_BRACKETS} deep"),
                        "too deep",
                        "flatten the messages or the option's value",
                    ));
                }
            }
            // A closing bracket of another kind is the parser's to report; here it only must not hide depth, so it closes
            // nothing that it does not match.
            b'}' | b']' | b')' | b'>' => {
                if open.last().is_some_and(|&it| closes(bytes[it], byte)) {
                    open.pop();
                }
                // `(a.b).c` goes on with the same name.
                if byte != b')' {
                    dots = 0;
                }
            }
            b';' | b'=' | b':' | b',' => dots = 0,
            b'.' => {
                dots += 1;
                if dots > MAX_DOTS {
                    return Err(fault(
                        start..at,
                        format!("a name has more than {MAX_DOTS} parts"),
                        "too long",
                        "shorten the name",
                    ));
                }
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => {
                while bytes.get(at).is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_') {
                    at += 1;
                }
                if first_word && &bytes[start..at] == b"edition" {
                    return Err(edition(bytes, start..at));
                }
                first_word = false;
            }
            b'0'..=b'9' => {
                while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                    at += 1;
                }
            }
            _ => {}
        }
        let (next, single) = statement.next(&bytes[start..at], start..at);
        statement = next;
        singles.extend(single);
    }
    Ok(singles)
}

/// Where in a statement the scan is, as far as `extensions` statements go.
enum Statement {
    /// At the first token.
    Start,
    /// Before a range.
    Range,
    /// After the first number of a range.
    First(Range<usize>),
    /// After `to`, or after both ends.
    Second,
    /// In any other statement.
    Other,
}

impl Statement {
    fn next(self, token: &[u8], at: Range<usize>) -> (Self, Option<Range<usize>>) {
        match (self, token) {
            (_, b";" | b"{" | b"}") => (Self::Start, None),
            (Self::Start, b"extensions") => (Self::Range, None),
            (Self::Range, [b'0'..=b'9', ..]) => (Self::First(at), None),
            (Self::First(_), b"to") | (Self::Second, b"max" | [b'0'..=b'9', ..]) => (Self::Second, None),
            (Self::First(_) | Self::Second, b",") => (Self::Range, None),
            (Self::First(number), b"[") => (Self::Other, Some(number)),
            _ => (Self::Other, None),
        }
    }
}

fn closes(open: u8, close: u8) -> bool {
    matches!((open, close), (b'{', b'}') | (b'[', b']') | (b'(', b')') | (b'<', b'>'))
}

fn edition(bytes: &[u8], word: Range<usize>) -> TextFault {
    let end = bytes[word.start..].iter().position(|it| matches!(it, b';' | b'\n')).unwrap_or(word.len());
    fault(
        word.start..word.start + end.min(80),
        "is written in an edition; sources must say `syntax = \"proto2\"` or `syntax = \"proto3\"`",
        "editions are read from descriptor sets only",
        "compile it with `protoc --include_imports --include_source_info -o set.binpb FILE` and give `set.binpb` as input",
    )
}

fn clean_run(bytes: &[u8], range: Range<usize>) -> Result<(), TextFault> {
    match bytes[range.clone()].iter().position(|&it| it == 0) {
        None => Ok(()),
        Some(offset) => {
            let at = range.start + offset;
            Err(fault(at..at + 1, "holds a NUL character", "NUL", "remove it: proto files are text"))
        }
    }
}

fn end_of_line(bytes: &[u8], start: usize) -> Result<usize, TextFault> {
    let end = bytes[start..].iter().position(|&it| it == b'\n').map_or(bytes.len(), |it| start + it);
    clean_run(bytes, start..end)?;
    Ok(end)
}

fn end_of_string(bytes: &[u8], start: usize) -> Result<usize, TextFault> {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes.get(at + 1).is_some_and(|&it| it != b'\n') => at += 2,
            b'\n' => break,
            _ if byte == bytes[start] => {
                at += 1;
                break;
            }
            _ => at += 1,
        }
    }
    let end = at.min(bytes.len());
    clean_run(bytes, start..end)?;
    Ok(end)
}

fn end_of_comment(bytes: &[u8], start: usize) -> Result<usize, TextFault> {
    let mut at = start + 2;
    while at < bytes.len() {
        match &bytes[at..bytes.len().min(at + 2)] {
            b"*/" => {
                clean_run(bytes, start..at)?;
                return Ok(at + 2);
            }
            b"/*" => {
                return Err(fault(
                    at..at + 2,
                    "a block comment starts inside a block comment",
                    "starts again here",
                    "block comments do not nest: use `//` inside",
                ));
            }
            _ => at += 1,
        }
    }
    Err(fault(start..start + 2, "a block comment has no end", "starts here", "close it with `*/`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8]) -> String {
        match decode(text.to_vec()) {
            Ok(text) => format!("ok {}", text.len()),
            Err((_, fault)) => format!("{:?} {}", fault.range, fault.message),
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "{[(<".repeat(60);
        for text in [
            format!("option a = \"{many}\";"),
            format!("option a = '\\'{many}';"),
            format!("// {many}\n"),
            format!("# {many}\n"),
            format!("/* {many} */"),
            format!("/*/ {many} */"),
        ] {
            assert_eq!(check(text.as_bytes()), format!("ok {}", text.len()), "{text}");
            let hidden = format!("{text}\n{many}");
            assert!(check(hidden.as_bytes()).contains("nested more than 100"), "{text}");
        }
    }

    #[test]
    fn a_string_ends_with_its_line() {
        let many = "{".repeat(101);
        for start in ["\"", "'", "\"\\", "\"\\\\"] {
            assert!(check(format!("{start}\n{many}").as_bytes()).contains("nested"), "{start}");
        }
    }

    #[test]
    fn wrong_closers_hide_nothing() {
        assert!(check("{]".repeat(101).as_bytes()).contains("nested"));
        assert!(check("{}".repeat(1000).as_bytes()).starts_with("ok"));
    }

    #[test]
    fn long_names_are_refused_and_long_lists_are_not() {
        assert!(
            check(format!("option (x){} = 1;", ".a".repeat(101)).as_bytes()).contains("more than 100 parts")
        );
        assert!(
            check(format!("option (x){} = 1;", ".(a)".repeat(101)).as_bytes())
                .contains("more than 100 parts")
        );
        assert!(check("a: 1.5 b { c: 2.5 }\n".repeat(500).as_bytes()).starts_with("ok"));
        assert!(check(format!("[{}]", "1.0,".repeat(500)).as_bytes()).starts_with("ok"));
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(check(b"\xEF\xBB\xBFab"), "ok 2");
        assert_eq!(check(b"ab\xFFc"), "Some(2..2) is not UTF-8: byte 0xFF at offset 2 is not valid");
        for text in [&b"a\0"[..], b"\"\0\"", b"//\0\n", b"/*\0*/", b"#\0"] {
            assert!(check(text).ends_with("holds a NUL character"), "{text:?}");
        }
    }

    #[test]
    fn comments_that_do_not_end_or_nest() {
        assert!(check(b"/* a /* b */").contains("inside a block comment"));
        assert!(check(b"/* a").contains("has no end"));
        assert!(check(b"/*/").contains("has no end"));
    }

    #[test]
    fn editions_are_named() {
        assert!(check(b"// x\nedition = \"2023\";").starts_with("Some(5..21) is written in an edition"));
        assert!(check(b"syntax = \"proto3\"; message edition {}").starts_with("ok"));
    }
}
