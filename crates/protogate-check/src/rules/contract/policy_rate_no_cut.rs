//! The rate of an rpc is not cut.

use super::access::{Policies, RATE_LIMIT};
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MethodId;
use protogate_schema::model::policy::RateLimit;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_RATE_NO_CUT",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the rate and the burst of an rpc are not cut",
    breaks: &[
        (Audience::Wire, "callers that kept within the old limit get RESOURCE_EXHAUSTED"),
        (Audience::Rest, "the same as 429"),
    ],
    why: "Callers are built for the rate that the contract grants. A lower rate, a smaller burst, or a limit where none was refuses some of their calls.",
    help: "keep the limit; or tell callers first, and accept the change with a waiver",
    bad: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
-     option (protogate.v1.policy) = { roles: ["viewer"] rate_limit: { per_second: 50 } };
+     option (protogate.v1.policy) = { roles: ["viewer"] rate_limit: { per_second: 5 } };
    }"#,
    good: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse) {
      option (protogate.v1.policy) = { roles: ["viewer"] rate_limit: { per_second: 50 } };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let policies = Policies::of(pairs, pair);

    let Some(new) = policies.new.rate_limit else { return };
    let old = policies.old.rate_limit;
    let cut = old.is_none_or(|old| new.per_second < old.per_second || new.burst < old.burst);
    if cut {
        let (before, now) = (old.map_or_else(|| "no limit".to_owned(), text), text(new));
        let what = format!("has a lower limit: {before} -> {now}");
        policies.report(out, RATE_LIMIT, &what, (&before, &now));
    }
}

fn text(limit: RateLimit) -> String {
    format!("{} a second, {} at once", limit.per_second, limit.burst)
}
