//! Routes keep their HTTP methods.

use super::route_change::{Fate, Lost, each_lost};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_SAME_VERB",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "REST routes keep their HTTP methods",
    breaks: &[(Audience::Rest, "requests with the old method get 405, or the answer of another rpc")],
    why: "The method is a part of the request as the path is. With another one, requests of existing callers are refused, and what caches, proxies and retrying clients may do with a request changes as well: GET is repeated and cached freely, POST is not.",
    help: "keep the old method as one of `additional_bindings`",
    bad: r#"    rpc SearchDevices(SearchDevicesRequest) returns (SearchDevicesResponse) {
-     option (google.api.http) = { get: "/v1/devices:search" };
+     option (google.api.http) = { post: "/v1/devices:search" body: "*" };
    }"#,
    good: r#"    rpc SearchDevices(SearchDevicesRequest) returns (SearchDevicesResponse) {
      option (google.api.http) = {
        get: "/v1/devices:search"
+       additional_bindings { post: "/v1/devices:search" body: "*" }
      };
    }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    each_lost(pairs, out, report);
}

fn report(pairs: &Pairs<'_>, lost: &Lost<'_>, out: &mut Findings) {
    let Fate::OtherVerb(index) = *lost.fate else { return };
    let route = &lost.change.new[index];
    let (old, new) = (&lost.old.binding.http_method, &route.binding.http_method);
    let message = format!(
        "route `{}` of `{}` changed its method: {old} -> {new}: requests with {} get {}",
        lost.old.binding.template,
        lost.rpc(pairs),
        lost.old.example_method(),
        lost.now(pairs)
    );
    lost.report(pairs, Some(route), message, out).labels(format!("now {new}"), format!("was {old}"));
}
