//! Access is not taken from callers.

use super::access::{Policies, ROLES, covers, who};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_NO_TIGHTEN",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "access to rpcs is not tightened",
    breaks: &[
        (Audience::Wire, "callers that were let in get PERMISSION_DENIED or UNAUTHENTICATED"),
        (Audience::Rest, "the same as 403 or 401"),
    ],
    why: "Callers that work today are refused tomorrow. Compared is what holds in the end: the rpc's own policy over its service's default, and whom it lets in. Tightened is: anybody to somebody, somebody to nobody (also by deleting the policy), a role less to choose from, a permission more to have.",
    help: "keep the roles and permissions; or give callers the new ones first, and accept the change with a waiver",
    bad: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
-     option (protogate.v1.policy) = { roles: ["admin", "viewer"] };
+     option (protogate.v1.policy) = { roles: ["admin"] };
    }"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (protogate.v1.policy) = { roles: ["admin", "viewer"] };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let policies = Policies::of(pairs, pair);

    let (old, new) = (&policies.old.access, &policies.new.access);
    if !covers(new, old) {
        let (before, now) = (who(old), who(new));
        let what = format!("shuts out callers whom it let in: {before} -> {now}");
        policies.report(out, ROLES, &what, (&before, &now));
    }
}
