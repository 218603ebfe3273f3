//! Query parameters stay query parameters, whatever else takes their field.

use super::route_change::Change;
use super::routes;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::{FieldId, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_SAME_QUERY",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "query parameters of a route stay query parameters",
    breaks: &[(Audience::Rest, "requests with the parameter are refused, or it is overruled by the path")],
    why: "A field that the path binds is no query parameter: `?site=a` is refused with INVALID_ARGUMENT where the template has `{site}`. So a variable in place of a `*`, which changes no URL, breaks those who gave the field in the query or, with `body: \"*\"`, in the content, which the path overrules. Parameters that go because `body` takes them are reported by ROUTE_SAME_BODY, deleted fields by FIELD_NO_DELETE.",
    help: "capture a field that is new instead, or add the template with the variable under another path",
    bad: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
-     option (google.api.http) = { get: "/v1/sites/*/devices" };
+     option (google.api.http) = { get: "/v1/sites/{site}/devices" };
    }"#,
    good: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
      option (google.api.http) = {
        get: "/v1/sites/*/devices"
+       additional_bindings { get: "/v1/all/{site}/devices" }
      };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old_rpc, new_rpc) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    if old_rpc.options.http == new_rpc.options.http
        || old_rpc.options.http.is_none()
        || !routes::is_target(pairs.current, pair.current)
    {
        return;
    }
    for (old, new) in Change::of(pairs, pair).kept() {
        if old.binding.body != new.binding.body {
            continue;
        }
        for variable in new.template.variables() {
            let parts = variable.field_path.parts();
            let Some(now) = routes::resolve(pairs.current, new_rpc.input, parts) else { continue };
            let numbers = |fields: &[FieldId]| {
                fields.iter().map(|&id| pairs.current.field(id).number).collect::<Vec<_>>()
            };
            let was_variable = old.template.variables().iter().any(|it| {
                routes::resolve(pairs.baseline, old_rpc.input, it.field_path.parts()).is_some_and(|fields| {
                    let was: Vec<i32> = fields.iter().map(|&id| pairs.baseline.field(id).number).collect();
                    was == numbers(&now)
                })
            });
            // A field that is new was given by nobody.
            let was_there = routes::resolve(pairs.baseline, old_rpc.input, parts).is_some();
            if was_variable || !was_there {
                continue;
            }
            let name = variable.field_path.to_string();
            let effect = match &old.binding.body {
                Body::All => "in the content it is overruled by the path",
                Body::Field(field) if parts.first() == Some(field) => {
                    "in the content it is overruled by the path"
                }
                Body::Field(_) | Body::None => "in the query it is refused",
            };
            out.report(
                routes::at(pairs.current, pair.current, &new.binding),
                &new_rpc.full_name,
                format!(
                    "route `{}` of `{}` takes `{name}` from the path: {effect}",
                    old.name(),
                    new_rpc.full_name
                ),
            )
            .against(routes::at(pairs.baseline, pair.baseline, &old.binding))
            .labels(format!("binds `{name}`"), format!("left `{name}` free"))
            .sides(&[Side::OldClientNewServer])
            .key(format!("{} {name}", old.name()));
        }
    }
}
