//! Rules of values do not let through what they kept out.

use super::constraints::Effect;
use super::rule_changes::report;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MessageId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_NO_LOOSEN",
    categories: &["VALIDATION"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "values that were refused stay refused",
    breaks: &[
        (Audience::Wire, "readers meet values that the contract ruled out"),
        (Audience::Json, "the same"),
        (Audience::Operators, "columns, quotas and programs behind the service may not be made for them"),
    ],
    why: "Readers rely on what the contract rules out: a text that fits a column, a list that is never empty, a number that can be divided by. Where a rule of `buf.validate` goes or becomes wider, they meet such values. Reported as a warning, because most readers bear it. Messages that callers only send are left out.",
    help: "make sure that every reader bears the new values; then accept the change with a waiver",
    bad: r#"  message Device {
-   uint32 slots = 1 [(buf.validate.field).uint32.gte = 1];
+   uint32 slots = 1;
  }"#,
    good: r#"  message Device {
    uint32 slots = 1 [(buf.validate.field).uint32.gte = 1];
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    if pairs.travel(pair.current).responses {
        report(pairs, pair, Effect::More, "accepts more", out, |finding| {
            finding.sides(&[Side::OldClientNewServer]);
        });
    }
}
