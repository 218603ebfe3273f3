//! Routes are not deleted.

use super::route_change::{Fate, Lost, each_lost};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_NO_DELETE",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "REST routes are not deleted",
    breaks: &[(Audience::Rest, "requests get 404 or 405, or the answer of another rpc")],
    why: "Callers by HTTP know an rpc by its URL alone. A binding that goes, the first one or one of `additional_bindings`, takes their URL away: the server answers 404, 405, or, when a more general route takes the path, with another rpc. Bindings may change places in the annotation, more may be added, and one may be replaced by another that takes all of its paths.",
    help: "keep the route as one of `additional_bindings`",
    bad: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (google.api.http) = {
        get: "/v1/{name=sites/*/devices/*}"
-       additional_bindings { get: "/v1/devices/{id}" }
      };
    }"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (google.api.http) = {
        get: "/v1/{name=sites/*/devices/*}"
        additional_bindings { get: "/v1/devices/{id}" }
+       additional_bindings { get: "/v1/things/{id}" }
      };
    }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    each_lost(pairs, out, report);
}

fn report(pairs: &Pairs<'_>, lost: &Lost<'_>, out: &mut Findings) {
    if !matches!(lost.fate, Fate::Gone) {
        return;
    }
    let because = if lost.change.new_rpc.is_none() { " with its rpc" } else { "" };
    let message = format!(
        "route `{}` of `{}` was deleted{because}: requests get {}",
        lost.old.name(),
        lost.rpc(pairs),
        lost.now(pairs)
    );
    lost.report(pairs, None, message, out).labels("", "requests were answered here");
}
