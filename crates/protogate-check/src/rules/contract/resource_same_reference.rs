//! Fields that name a resource go on naming resources of that type.

use super::resources;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, FieldId};
use protogate_schema::model::options::ResourceReference;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RESOURCE_SAME_REFERENCE",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields refer to resources of the same type",
    breaks: &[
        (Audience::Wire, "names that callers send, and that are stored, are names of something else"),
        (Audience::Json, "the same"),
        (Audience::Rest, "the same"),
        (Audience::Source, "generated functions take names of another type"),
    ],
    why: "A field with `google.api.resource_reference` is a text that holds the name of a resource (AIP-4231, AIP-124). Its type is still `string` when it refers to something else, so existing callers go on sending names of the old type. A reference that allows more (`*`) breaks no sender; one that is taken away is a warning, because names stay valid and generated functions go.",
    help: "keep the reference, and add a new field for names of another type",
    bad: r#"  message MoveDeviceRequest {
-   string target = 1 [(google.api.resource_reference).type = "inventory.example.com/Site"];
+   string target = 1 [(google.api.resource_reference).type = "inventory.example.com/Rack"];
  }"#,
    good: r#"  message MoveDeviceRequest {
    string target = 1 [(google.api.resource_reference).type = "inventory.example.com/Site"];
+   string rack = 2 [(google.api.resource_reference).type = "inventory.example.com/Rack"];
  }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let Some(was) = resources::reference(pairs.baseline, pair.baseline) else { return };
    if pairs.current.file(pairs.current.file_of(Element::Field(pair.current))).is_import {
        return;
    }
    let now = resources::reference(pairs.current, pair.current);
    if now == Some(was) || now.is_some_and(|it| it.r#type == "*") {
        return;
    }
    let field = pairs.current.field(pair.current);
    let (is, severity) = match now {
        Some(now) => (text(now), Severity::Deny),
        None => ("nothing".to_owned(), Severity::Warn),
    };
    let before = text(was);
    out.report(
        resources::at_reference(pairs.current, pair.current),
        &field.full_name,
        format!("field `{}` refers to other resources: {before} -> {is}", field.full_name),
    )
    .against(resources::at_reference(pairs.baseline, pair.baseline))
    .labels(format!("names {is}"), format!("named {before}"))
    .sides(match now {
        Some(_) => &[Side::OldClientNewServer, Side::NewClientOldServer, Side::StoredData, Side::Rebuild],
        None => &[Side::Rebuild],
    })
    .key(format!("{before} -> {is}"))
    .severity = severity;
}

fn text(reference: &ResourceReference) -> String {
    match (reference.r#type.as_str(), reference.child_type.as_str()) {
        ("", "") => "nothing".to_owned(),
        ("", child) => format!("parents of `{child}`"),
        (r#type, _) => format!("`{type}`"),
    }
}
