//! Reviewdog's diagnostic format, one JSON object a line (`rdjsonl`): comments on a review, with repairs as suggestions.
//!
//! <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>. Columns are bytes there as here.

use std::fmt;

use protogate_schema::model::span::Span;
use serde_json::{Value, json};

use super::json::to_json;
use super::{View, fields, link};
use crate::finding::{Finding, Report};
use crate::rule::Severity;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    for (finding, cause) in fields::flat(report) {
        writeln!(out, "{}", to_json(&diagnostic(finding, cause, view))?)?;
    }
    Ok(())
}

fn diagnostic(finding: &Finding, cause: Option<&str>, view: &View<'_>) -> Value {
    let severity = match finding.severity {
        Severity::Deny => "ERROR",
        Severity::Warn => "WARNING",
        Severity::Allow => "INFO",
    };
    let mut message = fields::title(finding, cause);
    for impact in &finding.impact {
        message.push_str(&format!("\n{}: {}", impact.audience.label(), impact.text));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    if let Some(cause) = cause {
        message.push_str(&format!("\na consequence of {cause}"));
    }
    let mut code = json!({ "value": finding.rule });
    if let Some(url) = link::of(finding.rule) {
        code["url"] = url.into();
    }
    let mut out = json!({
        "message": message,
        "severity": severity,
        "source": { "name": "protogate", "url": env!("CARGO_PKG_REPOSITORY") },
        "code": code,
        "location": location(&view.path(finding.path.as_deref()).unwrap_or_else(|| "<input>".to_owned()), finding.span),
    });
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
    // A suggestion is for the file of its diagnostic.
    let suggestions: Vec<Value> = edits
        .filter(|edit| Some(&edit.path) == finding.path.as_ref())
        .map(|edit| json!({ "range": range(edit.span), "text": edit.text }))
        .collect();
    if !suggestions.is_empty() {
        out["suggestions"] = suggestions.into();
    }
    if let Some(against) = finding.against.as_ref().filter(|_| finding.path.is_none()) {
        out["message"] = format!("{message}\nwas in {}", (view.show_path)(&against.path)).into();
    }
    out
}

fn location(path: &str, span: Option<Span>) -> Value {
    match span {
        Some(span) => json!({ "path": path, "range": range(span) }),
        None => json!({ "path": path }),
    }
}

fn range(span: Span) -> Value {
    json!({
        "start": { "line": span.start_line, "column": span.start_column },
        "end": { "line": span.end_line, "column": span.end_column },
    })
}
