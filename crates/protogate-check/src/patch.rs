//! The safe repairs of many findings as new texts of files.
//!
//! Findings are taken in their order. A repair that would touch what an earlier one touches is left for the next run; equal repairs
//! of several findings are one. What is not replaced stays byte by byte. Whether the result compiles is the caller's to see.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::span::Span;

use crate::finding::{Finding, Report};
use crate::fix::{Edit, Fix};

/// New texts, and whose repairs made them.
#[derive(Debug, Default)]
pub struct Patch<'r> {
    /// The new text of each file that changes, by import name.
    pub files: BTreeMap<String, String>,
    /// Findings whose repair is in it, in order.
    pub applied: Vec<&'r Finding>,
    /// Findings whose repair is safe but touches what that of another one touches.
    pub postponed: Vec<&'r Finding>,
}

/// An edit by bytes of the old text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    text: String,
}

impl Piece {
    /// Whether the order of two pieces could matter. Insertions at one place are in the order of their findings.
    fn collides(&self, other: &Self) -> bool {
        match (self.start == self.end, other.start == other.end) {
            (true, true) => false,
            (true, false) => other.start < self.start && self.start < other.end,
            (false, true) => self.start < other.start && other.start < self.end,
            (false, false) => self.start < other.end && other.start < self.end,
        }
    }
}

impl<'r> Patch<'r> {
    /// Applies the safe repairs of a report's findings, consequences included, to the sources of the target files.
    #[must_use]
    pub fn of(report: &'r Report, current: &Schema) -> Self {
        let mut patch = Self::default();
        let mut pieces: BTreeMap<&str, Vec<Piece>> = BTreeMap::new();
        let mut seen: Vec<&Fix> = Vec::new();
        for finding in report.all() {
            let Some(fix) = finding.fix.as_deref().filter(|fix| fix.safe && !fix.edits.is_empty()) else {
                continue;
            };
            if seen.iter().any(|it| it.edits == fix.edits) {
                patch.applied.push(finding);
                continue;
            }
            let Some(own) = fix.edits.iter().map(|edit| piece(current, edit)).collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            let clashes = fix.edits.iter().zip(&own).any(|(edit, piece)| {
                pieces.get(edit.path.as_str()).is_some_and(|all| all.iter().any(|it| it.collides(piece)))
            });
            if clashes {
                patch.postponed.push(finding);
                continue;
            }
            for (edit, piece) in fix.edits.iter().zip(own) {
                pieces.entry(&edit.path).or_default().push(piece);
            }
            seen.push(fix);
            patch.applied.push(finding);
        }
        for (path, pieces) in pieces {
            if let Some(source) = current.source(path) {
                patch.files.insert(path.to_owned(), apply(source, pieces));
            }
        }
        patch
    }
}

/// The bytes that an edit is about; `None` when the file is no target with a source, or the place is not in it.
fn piece(schema: &Schema, edit: &Edit) -> Option<Piece> {
    let file = schema.file(schema.find_file(&edit.path)?);
    let source = schema.source(&edit.path).filter(|_| !file.is_import)?;
    let Span { start_line, start_column, end_line, end_column } = edit.span;
    let (start, end) = (offset(source, start_line, start_column)?, offset(source, end_line, end_column)?);
    let text = if source.contains("\r\n") { edit.text.replace('\n', "\r\n") } else { edit.text.clone() };
    (start <= end).then_some(Piece { start, end, text })
}

/// The byte at a line and column, both from 1.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        start += text[start..].find('\n')? + 1;
    }
    let at = start.checked_add((column as usize).checked_sub(1)?)?;
    let end = text[start..].find('\n').map_or(text.len(), |it| start + it);
    (at <= end && text.is_char_boundary(at)).then_some(at)
}

fn apply(source: &str, mut pieces: Vec<Piece>) -> String {
    // Stable, and insertions before replacements that start at the same byte.
    pieces.sort_by_key(|it| (it.start, it.end));
    let mut out = String::with_capacity(source.len() + 64 * pieces.len());
    let mut from = 0;
    let same_place = |a: &Piece, b: &Piece| a.start == b.start && (a.start, b.start) == (a.end, b.end);
    for group in pieces.chunk_by(same_place) {
        let first = &group[0];
        out.push_str(&source[from..first.start]);
        match Reserved::of(group) {
            Some(reserved) => reserved.write(&mut out),
            None => group.iter().for_each(|it| out.push_str(&it.text)),
        }
        from = first.end;
    }
    out.push_str(&source[from..]);
    out
}

/// Several `reserved` statements for one place, which become one for the numbers and one for the names.
struct Reserved<'p> {
    numbers: Vec<i32>,
    names: Vec<&'p str>,
    /// What stands before a statement, and after it.
    around: (&'p str, &'p str),
}

impl<'p> Reserved<'p> {
    /// `None` when something else is inserted there as well.
    fn of(group: &'p [Piece]) -> Option<Self> {
        let first = group.first().filter(|_| group.len() > 1)?.text.as_str();
        let before = &first[..first.find("reserved")?];
        let rest = &first[first.find(';')? + 1..];
        let after = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
        let mut found = Self { numbers: Vec::new(), names: Vec::new(), around: (before, after) };
        for statement in group.iter().flat_map(|it| it.text.split(';')) {
            let Some(what) = statement.trim().strip_prefix("reserved ") else {
                if statement.trim().is_empty() {
                    continue;
                }
                return None;
            };
            for what in what.split(", ") {
                match what.parse() {
                    Ok(number) => found.numbers.push(number),
                    Err(_) if found.names.contains(&what) => {}
                    Err(_) => found.names.push(what),
                }
            }
        }
        found.numbers.sort_unstable();
        // Two names of one number, deleted together.
        found.numbers.dedup();
        Some(found)
    }

    fn write(&self, out: &mut String) {
        let numbers: Vec<String> = self.numbers.iter().map(i32::to_string).collect();
        for list in [numbers.join(", "), self.names.join(", ")] {
            if !list.is_empty() {
                out.push_str(&format!("{}reserved {list};{}", self.around.0, self.around.1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, apply, offset};

    fn insert(at: usize, text: &str) -> Piece {
        Piece { start: at, end: at, text: text.to_owned() }
    }

    #[test]
    fn places_are_bytes() {
        let text = "ab\nü c\r\nd";
        assert_eq!(offset(text, 1, 1), Some(0));
        assert_eq!(offset(text, 2, 3), Some(5));
        assert_eq!(offset(text, 2, 2), None, "inside of a character");
        assert_eq!(offset(text, 3, 1), Some(9));
        assert_eq!(offset(text, 3, 2), Some(10), "the end of the text");
        assert_eq!(offset(text, 3, 3), None);
        assert_eq!(offset(text, 9, 1), None);
    }

    #[test]
    fn statements_of_one_place_become_one() {
        let both = vec![
            insert(2, "  reserved 4;\n  reserved \"b\";\n"),
            insert(2, "  reserved 3;\n  reserved \"a\";\n"),
            insert(2, "  reserved 3;\n  reserved \"c\";\n"),
        ];
        assert_eq!(apply("{\n}", both), "{\n  reserved 3, 4;\n  reserved \"b\", \"a\", \"c\";\n}");
        let inline = vec![insert(1, " reserved 2;"), insert(1, " reserved x;")];
        assert_eq!(apply("{}", inline), "{ reserved 2; reserved x;}");
        let other = vec![insert(1, "a"), insert(1, " reserved 2;")];
        assert_eq!(apply("{}", other), "{a reserved 2;}");
    }

    #[test]
    fn only_overlaps_collide() {
        let replace = |start, end| Piece { start, end, text: String::new() };
        assert!(replace(1, 4).collides(&replace(3, 6)) && !replace(1, 3).collides(&replace(3, 6)));
        assert!(replace(1, 4).collides(&insert(2, "")) && !replace(1, 4).collides(&insert(4, "")));
        assert!(!insert(2, "a").collides(&insert(2, "b")) && insert(2, "").collides(&replace(1, 4)));
        assert_eq!(apply("abc", vec![replace(0, 1), insert(0, "x"), insert(3, "y")]), "xbcy");
    }
}
