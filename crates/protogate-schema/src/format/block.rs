//! How are the lines of a block comment indented?
//!
//! When all lines after the first start with the same punctuation character (`*`, mostly), that character is put one column in.
//! Else the lines keep their distances from each other, three columns in. Tabs are 8 columns.

use std::borrow::Cow;

use super::page::Page;

const TAB: usize = 8;
const BLANK: [char; 2] = [' ', '\t'];

/// Writes a block comment.
pub(super) fn write<'a>(text: &'a str, page: &mut Page<'a>) {
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default();
    let mut lines: Vec<&str> = lines.collect();
    if lines.is_empty() {
        page.text(text);
        return;
    }
    page.text(first.trim_end_matches(BLANK));
    let style = Style::of(&lines);
    let closes_alone = lines.last().is_some_and(|it| it.trim_matches(BLANK) == "*/");
    if closes_alone {
        lines.pop();
    }
    let mut breaks = 0;
    for line in lines {
        breaks += 1;
        let body = line.trim_matches(BLANK);
        if body.is_empty() {
            continue;
        }
        page.line_breaks(breaks);
        breaks = 0;
        match style.prefix {
            Some(_) => page.text(format!(" {body}")),
            None => page.text(format!("   {}", without_indent(line, style.indent).trim_end_matches(BLANK))),
        }
    }
    if closes_alone {
        page.line_breaks(breaks + 1);
        page.text(if style.prefix == Some(b'*') { " */" } else { "*/" });
    }
}

struct Style {
    /// Character that all lines start with.
    prefix: Option<u8>,
    /// Columns before the line that has fewest.
    indent: usize,
}

impl Style {
    fn of(lines: &[&str]) -> Self {
        let bodies = lines.iter().filter(|it| !matches!(it.trim_start_matches(BLANK), "" | "*/"));
        let indent = bodies.clone().map(|it| columns(it)).min().unwrap_or(0);
        let mut firsts = bodies.filter_map(|it| it.trim_start_matches(BLANK).bytes().next());
        let prefix = firsts.next().filter(u8::is_ascii_punctuation);
        let prefix = prefix.filter(|&prefix| firsts.all(|it| it == prefix));
        Self { prefix, indent }
    }
}

/// Columns of white space at the start of a line.
fn columns(line: &str) -> usize {
    line.bytes().take_while(|it| matches!(it, b' ' | b'\t')).fold(0, step)
}

fn step(column: usize, byte: u8) -> usize {
    if byte == b'\t' { column + TAB - column % TAB } else { column + 1 }
}

/// A line without its first columns of white space; a tab that reaches further leaves spaces.
fn without_indent(line: &str, columns: usize) -> Cow<'_, str> {
    let mut column = 0;
    for (at, byte) in line.bytes().enumerate() {
        if column > columns {
            return Cow::Owned(format!("{}{}", " ".repeat(column - columns), &line[at..]));
        }
        if column == columns || !matches!(byte, b' ' | b'\t') {
            return Cow::Borrowed(&line[at..]);
        }
        column = step(column, byte);
    }
    Cow::Borrowed("")
}
