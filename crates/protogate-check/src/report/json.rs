//! One JSON object a line, with the keys that schema-checking users already know; ours come after them.

use std::fmt;

use protogate_schema::model::span::Span;
use serde::Serialize;

use super::View;
use crate::finding::{Finding, Impact, Report};
use crate::rule::Severity;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<AgainstLine>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct AgainstLine {
    path: String,
    #[serde(flatten)]
    place: Place,
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
    for finding in &report.findings {
        writeln!(out, "{}", to_json(&line(finding, view))?)?;
    }
    Ok(())
}

/// JSON text. Our structs always have one.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, fmt::Error> {
    serde_json::to_string(value).map_err(|_| fmt::Error)
}

fn line<'a>(finding: &'a Finding, view: &View<'_>) -> Line<'a> {
    Line {
        path: view.path(finding.path.as_deref()),
        place: finding.span.into(),
        r#type: finding.rule,
        message: &finding.message,
        severity: finding.severity,
        element: &finding.element,
        impact: &finding.impact,
        help: finding.help.as_deref(),
        against: finding
            .against
            .as_ref()
            .map(|against| AgainstLine { path: (view.show_path)(&against.path), place: against.span.into() }),
        fingerprint: &finding.fingerprint,
    }
}
