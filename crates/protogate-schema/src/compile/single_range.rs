//! A way round a gap in the parser: it refuses `extensions 100 [declaration = …];`, where options follow a range of one number.
//!
//! Protobuf's own `descriptor.proto` is written so. The number is written out as a range, `100 to 100`, for the parser, and the
//! places that it reports are moved back. With a parser that reads the statement this file goes.

use std::borrow::Cow;
use std::ops::Range;

use prost_types::FileDescriptorProto;

use super::text;

/// Most numbers that are written out in one file: places are moved in a loop over those of a line.
const MAX_NUMBERS: usize = 1000;

/// Single numbers before options, in order.
pub(super) struct SingleRanges {
    numbers: Vec<Number>,
}

struct Number {
    /// In the original text.
    range: Range<usize>,
    /// 0-based, where the number ends.
    line: i32,
    column: i32,
}

/// Length of what is written after a number: ` to ` and the number again.
fn inserted(number: &Number) -> usize {
    " to ".len() + number.range.len()
}

impl SingleRanges {
    pub(super) fn find(text: &str) -> Self {
        let found =
            if text.contains("extensions") { text::scan(text).unwrap_or_default() } else { Vec::new() };
        let mut numbers = Vec::new();
        let (mut line, mut line_start, mut done) = (0, 0, 0);
        for range in found.into_iter().take(MAX_NUMBERS) {
            for (at, _) in text[done..range.end].match_indices('\n') {
                (line, line_start) = (line + 1, done + at + 1);
            }
            done = range.end;
            let column = i32::try_from(range.end - line_start).unwrap_or(i32::MAX);
            numbers.push(Number { range, line, column });
        }
        Self { numbers }
    }

    /// The text that the parser can read.
    pub(super) fn written_out<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.numbers.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len() + self.numbers.len() * 16);
        let mut done = 0;
        for Number { range, .. } in &self.numbers {
            out.push_str(&text[done..range.end]);
            out.push_str(" to ");
            out.push_str(&text[range.clone()]);
            done = range.end;
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }

    /// A byte range of the written-out text, in the original one.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let back = |offset: usize| {
            let mut shift = 0;
            for number in &self.numbers {
                let start = number.range.end + shift;
                if offset <= start {
                    break;
                }
                if offset < start + inserted(number) {
                    return number.range.end;
                }
                shift += inserted(number);
            }
            offset - shift
        };
        back(range.start)..back(range.end)
    }

    /// Moves the locations of a parsed file back.
    pub(super) fn restore(&self, file: &mut FileDescriptorProto) {
        if self.numbers.is_empty() {
            return;
        }
        for location in file.source_code_info.iter_mut().flat_map(|it| &mut it.location) {
            match &mut location.span[..] {
                [line, start, end] => {
                    let line = *line;
                    // The second number of a range that has only one: its place is that of the first.
                    if let Some(number) = self.repeated(line, *start, *end) {
                        let length = i32::try_from(number.range.len()).unwrap_or(0);
                        (*start, *end) = (number.column - length, number.column);
                    } else {
                        (*start, *end) = (self.column(line, *start), self.column(line, *end));
                    }
                }
                [line, start, end_line, end] => {
                    (*start, *end) = (self.column(*line, *start), self.column(*end_line, *end));
                }
                _ => {}
            }
        }
    }

    fn on(&self, line: i32) -> impl Iterator<Item = &Number> {
        let first = self.numbers.partition_point(|it| it.line < line);
        self.numbers[first..].iter().take_while(move |it| it.line == line)
    }

    fn repeated(&self, line: i32, start: i32, end: i32) -> Option<&Number> {
        let mut shift = 0;
        self.on(line).find(|number| {
            let from = number.column + shift;
            let length = i32::try_from(inserted(number)).unwrap_or(0);
            shift += length;
            start > from && end == from + length
        })
    }

    fn column(&self, line: i32, column: i32) -> i32 {
        let mut shift = 0;
        for number in self.on(line) {
            let length = i32::try_from(inserted(number)).unwrap_or(0);
            let from = number.column + shift;
            if column <= from {
                break;
            }
            if column < from + length {
                return number.column;
            }
            shift += length;
        }
        column - shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "message A {\n  extensions 7, 0x10 [x = 1]; extensions 9 [y = 2]; // extensions 5 [\n  int32 extensions = 3 [z = 1];\n}\n";

    #[test]
    fn only_single_numbers_before_options_change() {
        let ranges = SingleRanges::find(TEXT);
        let out = ranges.written_out(TEXT);
        assert_eq!(out, TEXT.replace("0x10 [", "0x10 to 0x10 [").replace("9 [y", "9 to 9 [y"),);
        for word in ["x = 1", "y = 2", "extensions 9", "int32", "message"] {
            let (new, old) = (out.find(word).unwrap(), TEXT.find(word).unwrap());
            assert_eq!(ranges.original(new..new + 3), old..old + 3, "{word}");
        }
        for text in [
            "extensions 5 to 9 [a = 1];",
            "extensions 5 to max [a = 1];",
            "extensions 5;",
            "// extensions 5 [",
        ] {
            assert!(matches!(SingleRanges::find(text).written_out(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_original() {
        let text = TEXT
            .replace("[x = 1]", "[verification = UNVERIFIED]")
            .replace("[y = 2]", "[verification = UNVERIFIED]");
        let text = format!(
            "syntax = \"proto2\";\n{}",
            text.replace("int32", "optional int32").replace("z = 1", "packed = false")
        );
        let ranges = SingleRanges::find(&text);
        let mut file = protox_parse::parse("a.proto", &ranges.written_out(&text)).unwrap();
        ranges.restore(&mut file);
        let lines: Vec<_> = text.lines().collect();
        let shown: Vec<_> = file
            .source_code_info
            .unwrap()
            .location
            .into_iter()
            .filter(|it| it.path.starts_with(&[4, 0, 5]) && it.span.len() == 3)
            .map(|it| {
                let at = |index: usize| usize::try_from(it.span[index]).unwrap();
                format!("{:?} {}", &it.path[3..], &lines[at(0)][at(1)..at(2)])
            })
            .collect();
        for expected in
            ["[1] 0x10", "[1, 1] 0x10", "[1, 2] 0x10", "[2] 9", "[2, 1] 9", "[2, 2] 9", "[0, 2] 7"]
        {
            assert!(shown.iter().any(|it| it == expected), "{expected}: {shown:#?}");
        }
    }
}
