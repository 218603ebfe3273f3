//! Routes keep their paths.

use super::route_change::{Fate, Lost, each_lost};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_SAME_PATH",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "REST routes keep their paths",
    breaks: &[(Audience::Rest, "requests to the old path get 404, 405, or the answer of another rpc")],
    why: "Callers by HTTP know an rpc by its URL alone; it stands in their code, in documents and in bookmarks. The binary protocol, JSON and generated code are not touched by a move, so no other rule sees it. A template that takes all paths of the old one, such as `/v1/{name=**}` for `/v1/{name=devices/*}`, is no move.",
    help: "keep the old path as one of `additional_bindings`",
    bad: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
-     option (google.api.http) = { get: "/v1/devices/{id}" };
+     option (google.api.http) = { get: "/v1/{name=sites/*/devices/*}" };
    }"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (google.api.http) = {
+       get: "/v1/{name=sites/*/devices/*}"
+       additional_bindings { get: "/v1/devices/{id}" }
      };
    }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    each_lost(pairs, out, report);
}

fn report(pairs: &Pairs<'_>, lost: &Lost<'_>, out: &mut Findings) {
    let Fate::Moved(index) = *lost.fate else { return };
    let route = &lost.change.new[index];
    let message = format!(
        "route of `{}` moved: `{}` -> `{}`: requests to the old path get {}",
        lost.rpc(pairs),
        lost.old.name(),
        route.name(),
        lost.now(pairs)
    );
    lost.report(pairs, Some(route), message, out).labels("answers here now", "answered here");
}
