//! Calls that left an audit record keep leaving one.

use super::access::{AUDIT, Policies};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_AUDIT_NO_DELETE",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs stay audited",
    breaks: &[(Audience::Operators, "there is no record any more of who did it")],
    why: "Audit records are needed after something went wrong, when it is too late to write them. Losing them is silent: nothing fails.",
    help: "keep `audit: true`",
    bad: r#"    rpc DeleteDevice(DeleteDeviceRequest) returns (google.protobuf.Empty) {
-     option (protogate.v1.policy) = { roles: ["admin"] audit: true };
+     option (protogate.v1.policy) = { roles: ["admin"] };
    }"#,
    good: r#"    rpc DeleteDevice(DeleteDeviceRequest) returns (google.protobuf.Empty) {
      option (protogate.v1.policy) = { roles: ["admin"] audit: true };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let policies = Policies::of(pairs, pair);

    if policies.old.audit && !policies.new.audit {
        policies.report(out, AUDIT, "leaves no audit record any more", ("audited", "not audited"));
    }
}
