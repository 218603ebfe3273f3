//! The variables of a path go on setting the same fields to the same texts, and accept the same texts.

use std::collections::BTreeMap;

use super::parameter;
use super::route_change::Change;
use super::routes::{self, Route};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::Schema;
use protogate_schema::model::element::{FieldId, MethodId};
use protogate_schema::pair::{Pair, Pairs};
use protogate_transcode::example_path;

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_SAME_VARIABLE",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "path variables set the same fields from the same part of the path",
    breaks: &[(
        Audience::Rest,
        "the same URL reaches the rpc with another request, or is refused; clients from OpenAPI lose the parameter's name",
    )],
    why: "The URL of a request may stay as it is and mean something else: the text of `{id}` goes to another field, `{name}` loses its prefix `sites/`, or a number is expected where any text was taken. Callers see other answers, and nothing in the binary protocol has changed. A variable whose field was merely renamed is a warning: URLs stay, names in OpenAPI documents and in error details do not.",
    help: "keep the variable on its field, and add another template as one of `additional_bindings`",
    bad: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
-     option (google.api.http) = { get: "/v1/devices/{id}" };
+     option (google.api.http) = { get: "/v1/devices/{serial}" };
    }"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (google.api.http) = {
        get: "/v1/devices/{id}"
+       additional_bindings { get: "/v1/serials/{serial}" }
      };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old_rpc, new_rpc) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    if old_rpc.options.http.is_none() || !routes::is_target(pairs.current, pair.current) {
        return;
    }
    if old_rpc.options.http == new_rpc.options.http && takes_the_same(pairs, pair) {
        return;
    }
    for (old, new) in Change::of(pairs, pair).kept() {
        let path = example_path(&old.template);
        let before = captures(pairs.baseline, old, &path);
        let now = captures(pairs.current, new, &path);
        for was in &before {
            let Some((what, severity, help)) = change(pairs, pair, was, &now) else { continue };
            let name = &was.name;
            out.report(
                routes::at(pairs.current, pair.current, &new.binding),
                &new_rpc.full_name,
                format!("path variable `{name}` of `{}` of `{}` {what}", old.name(), new_rpc.full_name),
            )
            .against(routes::at(pairs.baseline, pair.baseline, &old.binding))
            .labels("", format!("`{name}` was here"))
            .sides(if severity == Severity::Warn { &[Side::Rebuild] } else { &[Side::OldClientNewServer] })
            .help(help)
            .key(format!("{} {name}", old.name()))
            .severity = severity;
        }
    }
}

/// Whether the fields of all variables are there under their names and take the texts that they took: of equal annotations, the rest is
/// equal as well.
fn takes_the_same(pairs: &Pairs<'_>, pair: Pair<MethodId>) -> bool {
    let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    routes::of(pairs.baseline, pair.baseline).iter().flat_map(|route| route.template.variables()).all(
        |variable| {
            let parts = variable.field_path.parts();
            let before = routes::resolve(pairs.baseline, old.input, parts).and_then(|it| it.last().copied());
            let now = routes::resolve(pairs.current, new.input, parts).and_then(|it| it.last().copied());
            match (before, now) {
                (Some(before), Some(now)) => parameter::refused(pairs, before, now).is_none(),
                // A binding to a field that is not there is an error of the generator.
                _ => true,
            }
        },
    )
}

/// A variable with what it takes from an example path.
struct Captured {
    /// Its field path, as written.
    name: String,
    /// The fields of that path; empty when there are none of these names.
    fields: Vec<FieldId>,
    value: String,
}

fn captures(schema: &Schema, route: &Route, path: &str) -> Vec<Captured> {
    let input = schema.method(route.rpc).input;
    let values: BTreeMap<usize, String> = route.captures(path);
    let variables = route.template.variables().iter().enumerate();
    variables
        .map(|(index, variable)| Captured {
            name: variable.field_path.to_string(),
            fields: routes::resolve(schema, input, variable.field_path.parts()).unwrap_or_default(),
            value: values.get(&index).cloned().unwrap_or_default(),
        })
        .collect()
}

/// What became of a variable, in words; `None` when callers do not see it.
fn change(
    pairs: &Pairs<'_>,
    pair: Pair<MethodId>,
    was: &Captured,
    now: &[Captured],
) -> Option<(String, Severity, &'static str)> {
    let renamed = |name: &str| {
        (
            format!("was renamed to `{name}`: URLs are the same"),
            Severity::Warn,
            "keep the name if clients are generated from the OpenAPI document, or read the fields of errors",
        )
    };
    let same_message = {
        let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
        pairs.baseline.message(old.input).full_name == pairs.current.message(new.input).full_name
    };
    let numbers = |schema: &Schema, fields: &[FieldId]| {
        fields.iter().map(|&id| schema.field(id).number).collect::<Vec<_>>()
    };
    let was_numbers = numbers(pairs.baseline, &was.fields);
    // Callers know the name; with another request message, numbers say nothing.
    let is_same = |it: &&Captured| it.name == was.name;
    let has_number = |it: &&Captured| {
        same_message && !was.fields.is_empty() && numbers(pairs.current, &it.fields) == was_numbers
    };
    let last = |fields: &[FieldId]| fields.last().copied();
    let refused = |it: &Captured| {
        let (old, new) = (last(&was.fields)?, last(&it.fields)?);
        parameter::refused(pairs, old, new)
    };
    if let Some(same) = now.iter().find(is_same).or_else(|| now.iter().find(has_number)) {
        if same.value != was.value {
            return Some((
                format!("takes another part of the path: `{}` -> `{}`", was.value, same.value),
                Severity::Deny,
                RULE.help,
            ));
        }
        if let Some(refused) = refused(same) {
            return Some((
                format!("refuses texts that it took: {refused}"),
                Severity::Deny,
                "keep the type of the field; a field of another type belongs under another path",
            ));
        }
        return (same.name != was.name).then(|| renamed(&same.name));
    }
    let Some(other) = now.iter().find(|it| it.value == was.value) else {
        return Some((
            "is gone: that part of the path sets no field".to_owned(),
            Severity::Deny,
            "put the variable back in place of the `*`",
        ));
    };
    let input = pairs.current.method(pair.current).input;
    let parts: Vec<String> = was.name.split('.').map(str::to_owned).collect();
    let is_there = routes::resolve(pairs.current, input, &parts).is_some();
    if !is_there && !was.fields.is_empty() && !other.fields.is_empty() && refused(other).is_none() {
        return Some(renamed(&other.name));
    }
    Some((format!("sets another field: `{}`", other.name), Severity::Deny, RULE.help))
}
