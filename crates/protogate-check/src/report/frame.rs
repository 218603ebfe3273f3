//! Code frames: the lines of a source that a span marks, cut, escaped and with the mark at the right place.
//!
//! Only these lines are handed to the renderer, never the whole source: a file can be large, and a line can be longer than any
//! terminal.

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Patch, Snippet};
use protogate_schema::model::span::Span;

use super::escape;
use crate::fix::Edit;

/// Longest line that is shown.
const COLUMNS: usize = 200;

/// The first line of a span, ready to be shown.
struct Line {
    text: String,
    /// Byte range of the mark in `text`.
    mark: std::ops::Range<usize>,
}

/// A place with its source line, or without when there is no source or the mark lies beyond what is shown.
pub(super) fn element<'a>(
    source: Option<&str>,
    path: String,
    span: Option<Span>,
    kind: AnnotationKind,
    label: Option<&str>,
) -> Element<'a> {
    let Some(span) = span else { return Origin::path(path).into() };
    match source.and_then(|source| cut(source, span)) {
        Some(line) => {
            let label = label.filter(|label| !label.is_empty()).map(|label| escape::line(label).into_owned());
            let annotation: Annotation<'a> = kind.span(line.mark).label(label);
            Snippet::source(line.text)
                .path(path)
                .line_start(span.start_line as usize)
                .annotation(annotation)
                .into()
        }
        None => {
            Origin::path(path).line(span.start_line as usize).char_column(span.start_column as usize).into()
        }
    }
}

/// The edits of one file as a patch: only the lines that they touch are handed to the renderer. `None` when they cannot be shown as
/// they are.
pub(super) fn patch<'a>(source: &str, shown: String, path: &str, edits: &[Edit]) -> Option<Element<'a>> {
    if edits
        .iter()
        .any(|edit| edit.path != path || edit.text.contains(|c| c != '\n' && escape::is_harmful(c)))
    {
        return None;
    }
    let first = edits.iter().map(|edit| edit.span.start_line).min()? as usize;
    let last = edits.iter().map(|edit| edit.span.end_line).max()? as usize;
    let mut excerpt = String::new();
    let mut starts = Vec::new();
    for line in source.lines().skip(first.checked_sub(1)?).take(last + 1 - first) {
        starts.push(excerpt.len());
        excerpt.push_str(line);
        excerpt.push('\n');
    }
    // An insertion after the last line.
    starts.push(excerpt.len());
    if excerpt.len() > 10 * COLUMNS || excerpt.contains(|c| c != '\n' && escape::is_harmful(c)) {
        return None;
    }
    let offset = |line: u32, column: u32| {
        let offset = starts.get(line as usize - first)? + (column as usize).checked_sub(1)?;
        excerpt.is_char_boundary(offset).then_some(offset)
    };
    let mut patches = Vec::new();
    for edit in edits {
        let from = offset(edit.span.start_line, edit.span.start_column)?;
        let to = offset(edit.span.end_line, edit.span.end_column)?;
        patches.push(Patch::new(from..to.max(from), edit.text.clone()));
    }
    Some(Snippet::source(excerpt).path(shown).line_start(first).patches(patches).into())
}

/// The first line of a span. A declaration of many lines is marked on its first line only: the mark says which one, and the rest
/// would push the other side off the screen.
fn cut(source: &str, span: Span) -> Option<Line> {
    let line = source.lines().nth((span.start_line as usize).checked_sub(1)?)?;
    let start = (span.start_column as usize).checked_sub(1)?;
    let end =
        if span.end_line == span.start_line { span.end_column as usize - 1 } else { line.trim_end().len() };
    if start > line.len() {
        return None;
    }
    let mut text = String::with_capacity(line.len());
    let (mut from, mut to) = (None, None);
    for (shown, (offset, c)) in line.char_indices().enumerate() {
        if offset >= start && from.is_none() {
            from = Some(text.len());
        }
        if offset >= end && to.is_none() {
            to = Some(text.len());
        }
        if shown >= COLUMNS {
            text.push('…');
            break;
        }
        if escape::is_harmful(c) {
            text.extend(c.escape_unicode());
        } else {
            text.push(c);
        }
    }
    let shown = text.len();
    let complete = end >= line.len() || to.is_some();
    let from = from.or_else(|| (start == line.len()).then_some(shown))?;
    let to = if complete { to.unwrap_or(shown) } else { shown };
    Some(Line { text, mark: from..to.max(from) })
}

#[cfg(test)]
mod tests {
    use super::cut;
    use protogate_schema::model::span::Span;

    fn marked(source: &str, line: u32, start: u32, end_line: u32, end: u32) -> Option<(String, String)> {
        let span = Span { start_line: line, start_column: start, end_line, end_column: end };
        cut(source, span).map(|line| (line.text[line.mark.clone()].to_owned(), line.text))
    }

    #[test]
    fn marks_stay_on_their_text() {
        let source = "message A {\n  string \u{1b}x = 1;\n}\n";
        assert_eq!(marked(source, 1, 1, 3, 2).unwrap().0, "message A {");
        assert_eq!(marked(source, 2, 3, 2, 9).unwrap().0, "string");
        assert_eq!(marked(source, 2, 11, 2, 12).unwrap(), ("x".into(), "  string \\u{1b}x = 1;".into()));
        assert_eq!(marked(source, 9, 1, 9, 2), None);
        let long = format!("{}x", "é".repeat(300));
        let (mark, text) = marked(&long, 1, 1, 1, 500).unwrap();
        assert!(text.chars().count() <= 201 && mark.ends_with('…'));
        assert_eq!(marked(&long, 1, 601, 1, 602), None);
    }
}
