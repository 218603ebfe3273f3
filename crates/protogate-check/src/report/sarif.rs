//! SARIF 2.1.0 for code scanning: rules with their pages, results with stable fingerprints, waived findings as suppressions.
//!
//! The few structs are written by hand; a crate for all of SARIF would bring more code than all our rules.

use std::fmt;

use protogate_schema::model::span::Span;
use serde::Serialize;
use serde_json::{Value, json};

use super::json::to_json;
use super::{View, escape, fields, link};
use crate::finding::{Finding, Report, Waived};
use crate::fix::Fix;
use crate::rule::{Group, Rule, Severity};
use crate::rules;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    /// Columns count bytes in our positions; SARIF knows UTF-16 units and code points, which are the same for ASCII.
    column_kind: &'static str,
    results: Vec<ResultObject<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
    properties: Value,
}

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    // A waiver of a cause covers its consequences.
    let waived =
        || report.waived.iter().flat_map(|it| it.finding.with_folded().map(move |finding| (finding, it)));
    let mut ids: Vec<&'static str> =
        report.all().chain(waived().map(|(finding, _)| finding)).map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut results: Vec<ResultObject<'_>> =
        fields::flat(report).map(|(finding, cause)| result(finding, cause, None, &ids, view)).collect();
    results.extend(waived().map(|(finding, waived)| {
        let cause = Some(waived.finding.fingerprint.as_str()).filter(|it| *it != finding.fingerprint);
        result(finding, cause, Some(waived), &ids, view)
    }));
    let driver = json!({
        "name": "protogate",
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": ids.iter().map(|id| rules::find(id).map_or_else(|| json!({ "id": id }), descriptor)).collect::<Vec<_>>(),
    });
    let run = Run { tool: json!({ "driver": driver }), column_kind: "unicodeCodePoints", results };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    writeln!(out, "{}", to_json(&log)?)
}

fn descriptor(rule: &'static Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.why },
        "helpUri": link::of(rule.id),
        "help": { "text": rule.help, "markdown": rule.explanation() },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": tags(rule) },
    })
}

fn tags(rule: &Rule) -> Vec<&'static str> {
    let group = match rule.group() {
        Group::Breaking => "breaking",
        Group::Lint => "lint",
        Group::Waiver => "waiver",
    };
    std::iter::once(group).chain(rule.categories.iter().copied()).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Allow => "note",
    }
}

fn result<'a>(
    finding: &'a Finding,
    cause: Option<&str>,
    waived: Option<&Waived>,
    ids: &[&'static str],
    view: &View<'_>,
) -> ResultObject<'a> {
    let location = |path: &str, span: Option<Span>| {
        let mut place = json!({ "artifactLocation": { "uri": uri(&(view.show_path)(path)) } });
        if let Some(span) = span {
            place["region"] = region(span);
        }
        json!({ "physicalLocation": place, "logicalLocations": [{ "fullyQualifiedName": finding.element }] })
    };
    let related = finding.against.as_ref().map(|against| {
        let mut place = location(&against.path, against.span);
        place["message"] = json!({ "text": format!("{}: as it was", view.baseline_of(against).1) });
        place
    });
    let mut text = fields::title(finding, cause);
    for impact in &finding.impact {
        text.push_str(&format!("; {}: {}", impact.audience.label(), impact.text));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("; help: {help}"));
    }
    ResultObject {
        rule_id: finding.rule,
        rule_index: ids.binary_search(&finding.rule).unwrap_or(0),
        level: level(finding.severity),
        message: json!({ "text": escape::line(&text) }),
        locations: finding.path.iter().map(|path| location(path, finding.span)).collect(),
        related_locations: related.into_iter().collect(),
        partial_fingerprints: json!({ "protogate/v1": finding.fingerprint }),
        suppressions: waived
            .map(|waived| json!({ "kind": "external", "status": "accepted", "justification": waived.reason }))
            .into_iter()
            .collect(),
        fixes: finding.fix.iter().map(|it| fix(it, view)).collect(),
        properties: properties(finding, cause),
    }
}

fn properties(finding: &Finding, cause: Option<&str>) -> Value {
    let mut out = json!({ "element": finding.element, "impact": finding.impact });
    if !finding.sides.is_empty() {
        out["sides"] = json!(finding.sides);
    }
    if let Some(witness) = &finding.witness {
        out["witness"] = json!(witness);
    }
    if let Some(since) = fields::since(finding) {
        out["since"] = since.into();
    }
    if let Some(cause) = cause {
        out["cause"] = cause.into();
    }
    out
}

/// A repair: the changes of each file.
fn fix(fix: &Fix, view: &View<'_>) -> Value {
    let changes = fix.edits.chunk_by(|a, b| a.path == b.path).map(|edits| {
        let replacements: Vec<Value> = edits
            .iter()
            .map(|edit| json!({ "deletedRegion": region(edit.span), "insertedContent": { "text": edit.text } }))
            .collect();
        json!({
            "artifactLocation": { "uri": uri(&(view.show_path)(&edits[0].path)) },
            "replacements": replacements,
        })
    });
    json!({ "description": { "text": escape::line(&fix.title) }, "artifactChanges": changes.collect::<Vec<_>>() })
}

fn region(span: Span) -> Value {
    json!({
        "startLine": span.start_line,
        "startColumn": span.start_column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    })
}

/// A path as a relative URI: what is not allowed in one is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
