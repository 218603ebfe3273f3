//! GitLab's code quality report: one line with a JSON array.

use std::fmt;

use protogate_schema::model::span::Span;
use serde_json::{Value, json};

use super::json::to_json;
use super::{View, escape, fields};
use crate::finding::{Finding, Report};
use crate::rule::Severity;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    let list: Vec<Value> = fields::flat(report).map(|(finding, cause)| entry(finding, cause, view)).collect();
    writeln!(out, "{}", to_json(&list)?)
}

fn entry(finding: &Finding, cause: Option<&str>, view: &View<'_>) -> Value {
    let mut description = fields::title(finding, cause);
    if let Some(cause) = cause {
        description.push_str(&format!(" (a consequence of {cause})"));
    }
    let Span { start_line, start_column, end_line, end_column } = finding.position();
    let location = match view.path(finding.path.as_deref()) {
        Some(path) => json!({
            "path": path,
            "positions": {
                "begin": { "line": start_line, "column": start_column },
                "end": { "line": end_line, "column": end_column },
            },
        }),
        None => json!({ "positions": { "begin": {}, "end": {} } }),
    };
    json!({
        "description": escape::line(&description),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "location": location,
        "severity": if finding.severity == Severity::Deny { "major" } else { "minor" },
    })
}
