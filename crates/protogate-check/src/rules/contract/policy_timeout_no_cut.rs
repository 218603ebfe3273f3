//! The deadline of an rpc is not cut.

use super::access::{Policies, TIMEOUT, duration};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_TIMEOUT_NO_CUT",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the deadline of an rpc is not cut",
    breaks: &[
        (Audience::Wire, "calls that took longer than the new deadline end with DEADLINE_EXCEEDED"),
        (Audience::Rest, "the same as 504"),
    ],
    why: "The policy's timeout is an upper bound whatever the caller asks for. A shorter one ends calls that finished before, usually the large ones of the largest customers. A stream may run longer than the timeout, which bounds only the time to its first message; there it is a warning.",
    help: "keep the timeout; callers that want an answer sooner send a deadline of their own",
    bad: r#"    rpc ExportDevices(ExportDevicesRequest) returns (ExportDevicesResponse) {
-     option (protogate.v1.policy) = { roles: ["admin"] timeout: { seconds: 60 } };
+     option (protogate.v1.policy) = { roles: ["admin"] timeout: { seconds: 5 } };
    }"#,
    good: r#"    rpc ExportDevices(ExportDevicesRequest) returns (ExportDevicesResponse) {
      option (protogate.v1.policy) = { roles: ["admin"] timeout: { seconds: 60 } };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let policies = Policies::of(pairs, pair);

    let (old, new) = (policies.old.timeout, policies.new.timeout);
    let Some(limit) = new.filter(|new| old.is_none_or(|old| *new < old)) else { return };
    let (before, now) = (duration(old), duration(Some(limit)));
    let what = format!("has less time: {before} -> {now}");
    let stream = policies.is_stream();
    let finding = policies.report(out, TIMEOUT, &what, (&before, &now));
    if stream {
        finding.severity = Severity::Warn;
    }
}
