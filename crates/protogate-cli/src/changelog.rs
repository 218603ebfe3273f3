//! The schema's own changelog, `CHANGELOG.proto.md`: what each `baseline accept` made part of the promise, and why. Newest first.
//!
//! It is a file for people: whatever stands around its sections stays, and only a section is put in. Names and texts come from
//! contracts and command lines; they are written so that Markdown shows them as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use protogate_check::difference::{Change, Difference, Mark};
use protogate_check::{Finding, Waived};

use crate::escape;
use crate::listing;

/// Name of the file, beside `protogate.toml`.
pub(crate) const FILE_NAME: &str = "CHANGELOG.proto.md";

/// What the file begins with.
const HEAD: &str = "# Schema changelog\n\nWritten by `protogate baseline accept`: what became part of the promise, and why. Newest first.\n";

/// Lines of a list that are written; more are counted.
const MAX_LINES: usize = 500;

/// What was accepted.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) day: Date,
    /// Why, as given on the command line.
    pub(crate) reason: Option<&'a str>,
    /// There was no baseline before.
    pub(crate) first: bool,
    pub(crate) breaks: &'a [Finding],
    pub(crate) waived: &'a [Waived],
    pub(crate) difference: &'a Difference,
}

/// The file with a section more, above the older ones.
pub(crate) fn with_entry(text: &str, entry: &Entry<'_>) -> String {
    let section = section(entry);
    if text.trim().is_empty() {
        return format!("{HEAD}\n{section}");
    }
    // Before the newest section; a file without one has it at its end.
    let at = if text.starts_with("## ") { Some(0) } else { text.find("\n## ").map(|at| at + 1) };
    match at {
        Some(at) => format!("{}{section}\n{}", &text[..at], &text[at..]),
        None => format!("{}\n\n{section}", text.trim_end()),
    }
}

fn section(entry: &Entry<'_>) -> String {
    let mut out = String::new();
    let reason = entry.reason.map(str::trim).filter(|it| !it.is_empty());
    // Writing to a string cannot fail.
    let _ = match reason {
        Some(reason) => writeln!(out, "## {} · {}", entry.day, plain(reason)),
        None => writeln!(out, "## {}", entry.day),
    };
    if entry.first {
        let _ = writeln!(out, "\nThe first promise: {} entries.", entry.difference.count(Mark::Added));
        return out;
    }
    let mut by_rule: BTreeMap<&str, Vec<(&Finding, Option<&Waived>)>> = BTreeMap::new();
    for finding in entry.breaks {
        by_rule.entry(finding.rule).or_default().push((finding, None));
    }
    for waived in entry.waived {
        by_rule.entry(waived.finding.rule).or_default().push((&waived.finding, Some(waived)));
    }
    if !by_rule.is_empty() {
        out.push_str("\n### Breaking\n\n");
        let mut lines = Vec::new();
        for (rule, findings) in &by_rule {
            lines.push(format!("- `{rule}`"));
            for (finding, waived) in findings {
                let why = waived.map_or_else(String::new, |it| {
                    let owner = it.owner.as_deref().map_or_else(String::new, |it| format!(", {}", plain(it)));
                    format!(" (waived: {}{owner})", plain(&it.reason))
                });
                lines.push(format!("  - {}{why}", message(&finding.message)));
            }
        }
        list(&mut out, lines);
    }
    let difference = entry.difference;
    let named = |change: &Change| match change.text() {
        text if text.is_empty() => format!("- {}", code(&listing::name(change))),
        text => format!("- {} {}", code(&listing::name(change)), code(&text)),
    };
    // What only breaks is named above.
    let of = |mark: Mark| -> Vec<String> {
        let changes = difference.changes.iter().filter(|it| it.mark == mark);
        let seen =
            |it: &&Change| mark != Mark::Changed || !it.deltas.is_empty() || it.renamed_from().is_some();
        changes.filter(seen).map(named).collect()
    };
    let groups = [("Removed", of(Mark::Removed)), ("Changed", of(Mark::Changed)), ("Added", of(Mark::Added))];
    for (title, lines) in groups.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(out, "\n### {title}\n\n");
        list(&mut out, lines);
    }
    out
}

fn list(out: &mut String, lines: Vec<String>) {
    let more = lines.len().saturating_sub(MAX_LINES);
    for line in lines.into_iter().take(MAX_LINES) {
        out.push_str(&line);
        out.push('\n');
    }
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more");
    }
}

/// A text as code. Names of contracts hold no backquote; whatever does is not what it seems.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", escape::line(text).replace('`', "'"))
}

/// A message of a finding: its backquotes are ours and stay code, the rest is plain.
pub(crate) fn message(text: &str) -> String {
    let text = escape::line(text);
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(index, part)| if index % 2 == 1 { format!("`{part}`") } else { plain(part) });
    parts.collect()
}

/// A text on one line that Markdown shows as it is.
fn plain(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let leading = if text.starts_with(' ') { " " } else { "" };
    let trailing = if text.len() > 1 && text.ends_with(' ') { " " } else { "" };
    let mut out = String::from(leading);
    for c in escape::line(&one_line).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out + trailing
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use protogate_schema::compile::{Source, compile};

    use super::*;

    fn entry<'a>(difference: &'a Difference, reason: &'a str) -> Entry<'a> {
        Entry {
            day: date(2026, 10, 2),
            reason: Some(reason),
            first: false,
            breaks: &[],
            waived: &[],
            difference,
        }
    }

    #[test]
    fn newest_first_and_the_rest_stays() {
        let schema = |text: &str| {
            let source = format!("syntax = \"proto3\"; package a; {text}");
            compile(vec![Source::new("a.proto", source)]).unwrap()
        };
        let (old, new) = (schema(""), schema("message B {}"));
        let difference = Difference::between(&new, Some(&old), [], false);
        let one = with_entry("", &entry(&difference, "one"));
        assert!(one.starts_with(HEAD) && one.ends_with("### Added\n\n- `a.B` `message`\n"), "{one}");
        let two = with_entry(&one, &entry(&difference, "two"));
        let at = |text: &str| two.find(text).unwrap();
        assert!(at("# Schema") < at("· two") && at("· two") < at("· one"), "{two}");
        assert_eq!(two.matches("\n\n## ").count(), 2, "{two}");
        // A file that somebody else began.
        let own = with_entry("My notes.\n", &entry(&difference, "x"));
        assert!(own.starts_with("My notes.\n\n## 2026-10-02 · x\n"), "{own}");
    }

    #[test]
    fn texts_are_shown_as_they_are() {
        let difference = Difference::default();
        let text = with_entry("", &entry(&difference, "a\n## b <script> `c` \x1b[31m *d*"));
        assert!(text.contains("## 2026-10-02 · a \\#\\# b \\<script\\> \\`c\\` "), "{text}");
        assert!(!text.contains('\x1b'), "{text}");
        assert_eq!(message("field 2 `a_b` of `M`: x_y"), "field 2 `a_b` of `M`: x\\_y");
    }
}
