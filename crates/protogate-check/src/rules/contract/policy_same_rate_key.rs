//! Calls are counted together as before.

use super::access::{Policies, RATE_LIMIT};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::model::policy::{Access, Policy, RateKey};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_SAME_RATE_KEY",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the rate of an rpc is counted for the same callers",
    breaks: &[
        (
            Audience::Wire,
            "callers that share a bucket now use up the rate of each other, and get RESOURCE_EXHAUSTED",
        ),
        (Audience::Operators, "where a bucket is split, the whole may exceed what the service bears"),
    ],
    why: "The same number means something else when it is counted for another group: ten calls a second for each subject, for all who come from one address, or for everybody. Splitting the one bucket of all is a warning, because no caller gets less. For public methods, which know no subject, the subject is the peer.",
    help: "keep the key",
    bad: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
-     option (protogate.v1.policy) = { roles: ["viewer"] rate_limit: { per_second: 50 } };
+     option (protogate.v1.policy) = { roles: ["viewer"] rate_limit: { per_second: 50 key: KEY_ALL } };
    }"#,
    good: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
      option (protogate.v1.policy) = { roles: ["viewer"] rate_limit: { per_second: 50 key: KEY_SUBJECT } };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let policies = Policies::of(pairs, pair);

    let declared = |policy: &Policy| policy.rate_limit.map(|limit| limit.key);
    if declared(&policies.old) == declared(&policies.new) {
        return;
    }
    let (Some(old), Some(new)) = (effective(&policies.old), effective(&policies.new)) else { return };
    if old == new {
        return;
    }
    let (before, now) = (text(old), text(new));
    let what = format!("is counted for other callers together: {before} -> {now}");
    let finding = policies.report(out, RATE_LIMIT, &what, (before, now));
    if old == RateKey::All {
        finding.severity = Severity::Warn;
    }
}

fn effective(policy: &Policy) -> Option<RateKey> {
    match (policy.rate_limit?.key, &policy.access) {
        (RateKey::Subject, Access::Public) => Some(RateKey::Peer),
        (key, _) => Some(key),
    }
}

fn text(key: RateKey) -> &'static str {
    match key {
        RateKey::Subject => "each subject",
        RateKey::Peer => "each peer address",
        RateKey::All => "all callers",
    }
}
