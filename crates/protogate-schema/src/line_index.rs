//! Byte offsets of a text → lines and columns.

use std::ops::Range;

use crate::model::span::Span;

/// Where the lines of a text start.
pub(crate) struct LineIndex {
    starts: Vec<usize>,
    length: usize,
}

impl LineIndex {
    pub(crate) fn new(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts, length: text.len() }
    }

    /// The place of a byte range; ranges beyond the end are cut off, an empty one becomes one column wide.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let start = range.start.min(self.length);
        let end = range.end.min(self.length).max(start);
        let (start_line, start_column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        let end_column = if start == end { end_column + 1 } else { end_column };
        Span { start_line, start_column, end_line, end_column }
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset);
        let column = offset - self.starts[line - 1] + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_start_at_one() {
        let index = LineIndex::new("ab\ncd\n");
        let span = |range| {
            let it = index.span(range);
            (it.start_line, it.start_column, it.end_line, it.end_column)
        };
        assert_eq!(span(0..2), (1, 1, 1, 3));
        assert_eq!(span(1..4), (1, 2, 2, 2));
        assert_eq!(span(3..3), (2, 1, 2, 2));
        assert_eq!(span(6..99), (3, 1, 3, 2));
    }
}
