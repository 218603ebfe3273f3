//! Access is not given to more callers.

use super::access::{Policies, ROLES, covers, who};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_NO_LOOSEN",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "access to rpcs is not loosened",
    breaks: &[(
        Audience::Operators,
        "somebody gets in who was kept out, with the next deployment and without another decision",
    )],
    why: "Who may call is decided in the contract, so a line in a `.proto` file opens a method to new callers. Nothing fails when that happens by mistake. It takes a decision by name: only a waiver with an `owner` covers this finding. Compared is what holds in the end: the rpc's own policy over its service's default, and whom it lets in, not how it is written. Loosened is: nobody to somebody, somebody to anybody, a role more to choose from, a permission less to have.",
    help: "take the change back, or have it approved: a waiver that names an `owner`",
    bad: r#"    rpc ResetDevice(ResetDeviceRequest) returns (Device) {
-     option (protogate.v1.policy) = { roles: ["admin"] };
+     option (protogate.v1.policy) = { roles: ["admin", "viewer"] };
    }"#,
    good: r#"  # protogate.toml
+ [[waiver]]
+ rule    = "POLICY_NO_LOOSEN"
+ element = "acme.v1.DeviceService.ResetDevice"
+ reason  = "viewers run the shop floor, see ADR 7"
+ owner   = "jane@example.com""#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let policies = Policies::of(pairs, pair);

    let (old, new) = (&policies.old.access, &policies.new.access);
    if !covers(old, new) {
        let (before, now) = (who(old), who(new));
        let what = format!("lets in callers whom it kept out: {before} -> {now}");
        policies.report(out, ROLES, &what, (&before, &now));
    }
}
