//! Rules of values do not begin to refuse what they accepted.

use super::constraints::Effect;
use super::rule_changes::report;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MessageId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_NO_TIGHTEN",
    categories: &["VALIDATION"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "values that were accepted stay accepted",
    breaks: &[
        (Audience::Wire, "requests that were accepted are refused with INVALID_ARGUMENT"),
        (Audience::Rest, "the same as 400"),
    ],
    why: "A rule of `buf.validate` that is new or narrower refuses requests of callers that did nothing wrong: a shorter `max_len`, a higher `gte`, a value less in `in`, one more in `not_in`, `unique`, a format, an expression. What is accepted is compared, not how it is written: `gt: 0` and `gte: 1` of an integer are the same. Messages that callers only receive are left out.",
    help: "keep the rule as wide as it was; refuse in the handler what must be refused, or put the narrower rule on a new field",
    bad: r#"  message CreateDeviceRequest {
-   string name = 1 [(buf.validate.field).string.max_len = 64];
+   string name = 1 [(buf.validate.field).string.max_len = 32];
  }"#,
    good: r#"  message CreateDeviceRequest {
    string name = 1 [(buf.validate.field).string.max_len = 64];
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    if pairs.travel(pair.current).requests {
        report(pairs, pair, Effect::Less, "accepts less", out, |finding| {
            finding.sides(&[Side::OldClientNewServer]);
        });
    }
}
