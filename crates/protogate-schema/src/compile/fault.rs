//! What the compiler says is wrong, before it is a diagnostic.

use std::ops::Range;

use crate::error::{Diagnostic, Related};
use crate::line_index::LineIndex;
use crate::model::span::Span;

/// Longest message, in bytes: names in hostile files can be megabytes long.
const MAX_MESSAGE: usize = 600;

/// An error of the parser, with a byte range.
pub(super) struct ParseFault {
    pub(super) message: String,
    pub(super) labels: Vec<(Range<usize>, Option<String>)>,
    pub(super) help: Option<String>,
}

impl ParseFault {
    pub(super) fn into_diagnostic(self, display: &str, index: &LineIndex) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(tidy(&self.message)).in_file(display);
        // With two labels, as in "defined here… and again here", the last one is the fault.
        let mut labels = self.labels.into_iter().rev();
        if let Some((range, label)) = labels.next() {
            diagnostic = diagnostic.at(index.span(range));
            diagnostic.label = label.map(|it| tidy(&it));
        }
        diagnostic.related = labels
            .map(|(range, label)| Related {
                path: display.to_owned(),
                span: index.span(range),
                label: tidy(&label.unwrap_or_default()),
            })
            .collect();
        diagnostic.help = self.help.map(|it| tidy(&it));
        diagnostic
    }
}

/// An error of the linker.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LinkFault {
    /// Import name of the file; empty when no file is to blame.
    pub(super) file: String,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The place at fault first, then related ones in the same file.
    pub(super) places: Vec<(Span, String)>,
}

/// The compiler's words in our form: lower case, backquotes, no final stop, of bounded length.
pub(super) fn tidy(message: &str) -> String {
    let mut text = message.trim().trim_end_matches('.').to_owned();
    if text.len() > MAX_MESSAGE {
        // The middle goes: what is wrong is said at the ends.
        let head = text.floor_char_boundary(MAX_MESSAGE / 2);
        let tail = text.ceil_char_boundary(text.len() - MAX_MESSAGE / 2);
        text = format!("{}…{}", &text[..head], &text[tail..]);
    }
    if text.matches('\'').count().is_multiple_of(2) {
        text = text.replace('\'', "`");
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_become_ours() {
        for (theirs, ours) in [
            ("Name 'x' is not defined.", "name `x` is not defined"),
            ("it's odd", "it's odd"),
            ("JSON 'a' 'b'", "JSON `a` `b`"),
            ("", ""),
        ] {
            assert_eq!(tidy(theirs), ours);
        }
        assert!(tidy(&"ü".repeat(5000)).len() < 610);
    }
}
