//! Fields that callers read stay in answers.

use super::behaviors::{INPUT_ONLY, change, report, travel};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_INPUT_ONLY_NO_ADD",
    categories: &["VALIDATION"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields that callers read stay in answers",
    breaks: &[(Audience::Wire, "readers of answers find the field empty"), (Audience::Json, "the same")],
    why: "A service leaves a field with `INPUT_ONLY` out of its answers. Callers that read it find the default, which they cannot tell from a value. Messages that callers only send are left out.",
    help: "keep the field in answers; put what callers must not see again into a new field",
    bad: r#"  message Device {
-   string label = 3;
+   string label = 3 [(google.api.field_behavior) = INPUT_ONLY];
  }"#,
    good: r#"  message Device {
    string label = 3;
  }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    if change(pairs, pair, INPUT_ONLY) == (false, true) && travel(pairs, pair).responses {
        report(pairs, pair, "became INPUT_ONLY: answers do not have it any more", out)
            .labels("now INPUT_ONLY", "was without")
            .sides(&[Side::OldClientNewServer]);
    }
}
