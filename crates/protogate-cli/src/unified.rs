//! Unified diffs on a terminal: signs say what colours show; untrusted text is escaped.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::escape;

/// A unified diff with three lines around each change; untrusted text is escaped. Colour is taken away where nobody wants it.
pub(crate) fn unified(from: &str, to: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut out = String::new();
    let bold = Style::new().bold();
    let hunk = AnsiColor::Cyan.on_default();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{bold}--- {}{bold:#}", escape::line(from));
    let _ = writeln!(out, "{bold}+++ {}{bold:#}", escape::line(to));
    for group in diff.unified_diff().context_radius(3).iter_hunks() {
        let _ = writeln!(out, "{hunk}{}{hunk:#}", group.header());
        for change in group.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', AnsiColor::Red.on_default()),
                ChangeTag::Insert => ('+', AnsiColor::Green.on_default()),
                ChangeTag::Equal => (' ', Style::new()),
            };
            let text = change.value();
            let line = text.strip_suffix('\n').unwrap_or(text);
            let line = escape::block(line.strip_suffix('\r').unwrap_or(line));
            let _ = writeln!(out, "{style}{sign}{line}{style:#}");
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}
