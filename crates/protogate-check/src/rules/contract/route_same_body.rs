//! Routes read the same part of the request from the content.

use super::route_change::Change;
use super::routes::{self, Route};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::MethodId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_SAME_BODY",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "REST routes read the same part of the request from the content",
    breaks: &[(
        Audience::Rest,
        "the content of existing requests is read as something else, or ignored; query parameters are refused",
    )],
    why: "`body` decides what the content of a request is: nothing, the whole message, or one field. When it changes, content that callers send is ignored without a word, or parsed as another message, and fields that came from the query string are refused there. Neither the binary protocol nor the messages change.",
    help: "keep `body`, and add the other form under another path as one of `additional_bindings`",
    bad: r#"    rpc UpdateDevice(UpdateDeviceRequest) returns (Device) {
-     option (google.api.http) = { patch: "/v1/{device.name=devices/*}" body: "device" };
+     option (google.api.http) = { patch: "/v1/{device.name=devices/*}" body: "*" };
    }"#,
    good: r#"    rpc UpdateDevice(UpdateDeviceRequest) returns (Device) {
      option (google.api.http) = {
        patch: "/v1/{device.name=devices/*}" body: "device"
+       additional_bindings { post: "/v1/{device.name=devices/*}:update" body: "*" }
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
        let Some(how) = effect(pairs, old, new) else { continue };
        let (before, now) = (text(&old.binding.body), text(&new.binding.body));
        out.report(
            routes::at(pairs.current, pair.current, &new.binding),
            &new_rpc.full_name,
            format!(
                "route `{}` of `{}` changed what its content is: {before} -> {now}: {how}",
                old.name(),
                new_rpc.full_name
            ),
        )
        .against(routes::at(pairs.baseline, pair.baseline, &old.binding))
        .labels(format!("content is {now}"), format!("content was {before}"))
        .impact([(Audience::Rest, how)])
        .sides(&[Side::OldClientNewServer, Side::NewClientOldServer])
        .key(format!("{} {before}->{now}", old.name()));
    }
}

/// What happens to the requests of existing callers; `None` when they do not see the change.
fn effect(pairs: &Pairs<'_>, old: &Route, new: &Route) -> Option<String> {
    let (input, new_input) = (pairs.baseline.method(old.rpc).input, pairs.current.method(new.rpc).input);
    let old_field = |name: &str| routes::field_named(pairs.baseline, input, name);
    let new_field = |name: &str| routes::field_named(pairs.current, new_input, name);
    Some(match (&old.binding.body, &new.binding.body) {
        (Body::None, Body::None) | (Body::All, Body::All) => return None,
        (Body::Field(old), Body::Field(new)) => {
            let number = |id| pairs.current.field(id).number;
            let was = old_field(old).map(|id| pairs.baseline.field(id).number);
            // Content does not name the field: a field that was renamed is the same content.
            if was.is_some() && was == new_field(new).map(number) {
                return None;
            }
            format!("content of existing requests, `{old}`, is read as `{new}`")
        }
        (Body::None, Body::Field(field)) => {
            // A field that is new was no query parameter.
            old_field(field)?;
            format!("`{field}` is refused in the query string")
        }
        (Body::None, Body::All) => "query parameters are refused".to_owned(),
        (Body::Field(_) | Body::All, Body::None) => {
            "content of existing requests is ignored, their fields are lost".to_owned()
        }
        (Body::All, Body::Field(field)) => {
            format!("content of existing requests, the whole message, is read as `{field}`")
        }
        (Body::Field(field), Body::All) => format!(
            "content of existing requests, `{field}`, is read as the whole message, and query parameters are refused"
        ),
    })
}

fn text(body: &Body) -> String {
    match body {
        Body::None => "nothing".to_owned(),
        Body::All => "the whole message".to_owned(),
        Body::Field(field) => format!("`{field}`"),
    }
}
