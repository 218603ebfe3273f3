//! Fields that callers change stay changeable.

use super::behaviors::{IMMUTABLE, change, report, travel};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_IMMUTABLE_NO_ADD",
    categories: &["VALIDATION"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields that callers change stay changeable",
    breaks: &[
        (Audience::Wire, "updates that change the field are refused"),
        (Audience::Rest, "the same as 400"),
    ],
    why: "A field with `IMMUTABLE` is set once, when the resource is made. Callers that update it are refused. Messages that callers only receive are left out.",
    help: "keep the field changeable",
    bad: r#"  message Device {
-   string site = 3;
+   string site = 3 [(google.api.field_behavior) = IMMUTABLE];
  }"#,
    good: r#"  message Device {
    string site = 3;
  }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    if change(pairs, pair, IMMUTABLE) == (false, true) && travel(pairs, pair).requests {
        report(pairs, pair, "became IMMUTABLE: updates of it are refused", out)
            .labels("now IMMUTABLE", "was without")
            .sides(&[Side::OldClientNewServer]);
    }
}
