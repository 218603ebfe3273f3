//! One JSON object a line, with the keys that schema-checking users already know; ours come after them.

use std::fmt::{self, Write as _};

use protogate_schema::model::span::Span;
use serde::Serialize;

use super::{View, escape, fields};
use crate::finding::{Finding, Impact, Report, Side};
use crate::fix::Edit;
use crate::rule::Severity;
use crate::witness::Witness;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(flatten)]
    place: Place,
    r#type: &'a str,
    message: &'a str,
    severity: Severity,
    element: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    impact: &'a [Impact],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    sides: &'a [Side],
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<&'a Witness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<AgainstLine<'a>>,
    fingerprint: &'a str,
    /// The cause in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a str>,
    /// How many of the following lines are consequences of this one.
    #[serde(skip_serializing_if = "is_zero")]
    consequences: usize,
    /// Fingerprint of the finding that this one is a consequence of.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

#[derive(Serialize)]
struct AgainstLine<'a> {
    path: String,
    #[serde(flatten)]
    place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_by: Option<&'a str>,
}

#[derive(Serialize)]
struct FixLine<'a> {
    title: &'a str,
    safe: bool,
    edits: &'a [Edit],
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// 1-based; 1:1–1:1 when only the file is known.
#[derive(Serialize)]
struct Place {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl From<Option<Span>> for Place {
    fn from(span: Option<Span>) -> Self {
        let span = span.unwrap_or(Span { start_line: 1, start_column: 1, end_line: 1, end_column: 1 });
        Self {
            start_line: span.start_line,
            start_column: span.start_column,
            end_line: span.end_line,
            end_column: span.end_column,
        }
    }
}

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    for (finding, cause) in fields::flat(report) {
        writeln!(out, "{}", to_json(&line(finding, cause, view))?)?;
    }
    Ok(())
}

/// JSON text. Our structs always have one. Characters that could steer a terminal are escaped the way JSON does it: they can only
/// stand in strings, and mean the same there.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, fmt::Error> {
    let text = serde_json::to_string(value).map_err(|_| fmt::Error)?;
    if !text.contains(escape::is_harmful) {
        return Ok(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if escape::is_harmful(c) {
            write!(out, "\\u{:04x}", u32::from(c))?;
        } else {
            out.push(c);
        }
    }
    Ok(out)
}

fn line<'a>(finding: &'a Finding, cause: Option<&'a str>, view: &View<'_>) -> Line<'a> {
    Line {
        path: view.path(finding.path.as_deref()),
        place: finding.span.into(),
        r#type: finding.rule,
        message: &finding.message,
        severity: finding.severity,
        element: &finding.element,
        impact: &finding.impact,
        sides: &finding.sides,
        witness: finding.witness.as_deref(),
        help: finding.help.as_deref(),
        fix: finding.fix.as_deref().map(|fix| FixLine {
            title: &fix.title,
            safe: fix.safe,
            edits: &fix.edits,
        }),
        against: finding.against.as_ref().map(|against| AgainstLine {
            path: (view.show_path)(&against.path),
            place: against.span.into(),
            since: against.since.as_deref(),
            broken_by: against.broken_by.as_deref(),
        }),
        fingerprint: &finding.fingerprint,
        because: finding.because.as_deref(),
        consequences: finding.folded.len(),
        cause,
    }
}
