//! Routes answer with the same part of the response.

use super::route_change::Change;
use super::routes;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_SAME_RESPONSE_BODY",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "REST routes answer with the same part of the response",
    breaks: &[(Audience::Rest, "callers find another document than the one they parse")],
    why: "`response_body` names the field that is the whole content of the answer. When it changes, the answer is another JSON document, such as an array where an object was, while the response message and every other protocol stay as they are.",
    help: "keep `response_body`, and add the other form under another path as one of `additional_bindings`",
    bad: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
-     option (google.api.http) = { get: "/v1/devices" response_body: "devices" };
+     option (google.api.http) = { get: "/v1/devices" };
    }"#,
    good: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
      option (google.api.http) = {
        get: "/v1/devices" response_body: "devices"
+       additional_bindings { get: "/v1/devices:page" }
      };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old_rpc, new_rpc) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    if old_rpc.options.http.is_none() || !routes::is_target(pairs.current, pair.current) {
        return;
    }
    for (old, new) in Change::of(pairs, pair).kept() {
        let (before, now) = (old.binding.response_body.as_deref(), new.binding.response_body.as_deref());
        if before == now {
            continue;
        }
        // Content does not name the field: a field that was renamed is the same content.
        let number = |schema: &protogate_schema::Schema, message, name: Option<&str>| {
            let id = routes::field_named(schema, message, name?)?;
            Some(schema.field(id).number)
        };
        let was = number(pairs.baseline, old_rpc.output, before);
        if was.is_some() && was == number(pairs.current, new_rpc.output, now) {
            continue;
        }
        let text = |name: Option<&str>| {
            name.map_or_else(|| "the whole response".to_owned(), |name| format!("`{name}`"))
        };
        let (before, now) = (text(before), text(now));
        out.report(
            routes::at(pairs.current, pair.current, &new.binding),
            &new_rpc.full_name,
            format!(
                "route `{}` of `{}` answers with another part: {before} -> {now}",
                old.name(),
                new_rpc.full_name
            ),
        )
        .against(routes::at(pairs.baseline, pair.baseline, &old.binding))
        .labels(format!("answers with {now}"), format!("answered with {before}"))
        .sides(&[Side::OldClientNewServer, Side::NewClientOldServer])
        .key(format!("{} {before}->{now}", old.name()));
    }
}
