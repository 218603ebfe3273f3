//! Rules whose effect cannot be compared stay.

use super::constraints::Effect;
use super::rule_changes::report;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MessageId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_SAME_RULE",
    categories: &["VALIDATION"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "patterns, expressions and rules of your own stay the same",
    breaks: &[
        (
            Audience::Wire,
            "requests that were accepted may be refused, and readers may meet values that were ruled out",
        ),
        (Audience::Rest, "the same"),
    ],
    why: "Two patterns, two expressions in CEL, or two formats of which neither contains the other cannot be compared without trying all values. The same goes for rules that a project defines itself. So every change is told.",
    help: "keep the rule; or check that everything it accepted is accepted still, and accept the change with a waiver",
    bad: r#"  message CreateDeviceRequest {
-   string name = 1 [(buf.validate.field).string.pattern = "^[a-z]+$"];
+   string name = 1 [(buf.validate.field).string.pattern = "^[a-z][a-z0-9]*$"];
  }"#,
    good: r#"  message CreateDeviceRequest {
    string name = 1 [(buf.validate.field).string.pattern = "^[a-z]+$"];
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    report(pairs, pair, Effect::Unknown, "changed a rule", out, |finding| {
        finding.sides(&[Side::OldClientNewServer, Side::NewClientOldServer]);
    });
}
