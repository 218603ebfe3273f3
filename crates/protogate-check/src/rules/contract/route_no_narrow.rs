//! Routes go on taking every path that they took.

use super::route_change::{Fate, Lost, each_lost};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_NO_NARROW",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "REST routes take every path that they took",
    breaks: &[(Audience::Rest, "some URLs get 404, or the answer of another rpc")],
    why: "A narrower template, such as `/v1/{name=sites/*}` for `/v1/{name=**}`, still answers most tests and refuses some of the URLs that callers have. Templates are compared by the paths that they take, not by their text: `/v1/{id}` and `/v1/{name=*}` are equal, and the finding names a path that is refused.",
    help: "keep the old template as one of `additional_bindings`",
    bad: r#"    rpc GetFile(GetFileRequest) returns (File) {
-     option (google.api.http) = { get: "/v1/files/{name=**}" };
+     option (google.api.http) = { get: "/v1/files/{name=*}" };
    }"#,
    good: r#"    rpc GetFile(GetFileRequest) returns (File) {
-     option (google.api.http) = { get: "/v1/files/{name=*}" };
+     option (google.api.http) = { get: "/v1/files/{name=**}" };
    }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    each_lost(pairs, out, report);
}

fn report(pairs: &Pairs<'_>, lost: &Lost<'_>, out: &mut Findings) {
    let Fate::Narrowed(index) = *lost.fate else { return };
    let route = &lost.change.new[index];
    let message = format!(
        "route of `{}` was narrowed: `{}` -> `{}`: `{}` is not taken any more, requests get {}",
        lost.rpc(pairs),
        lost.old.name(),
        route.name(),
        lost.path,
        lost.now(pairs)
    );
    lost.report(pairs, Some(route), message, out).labels("takes these paths now", "took these paths");
}
