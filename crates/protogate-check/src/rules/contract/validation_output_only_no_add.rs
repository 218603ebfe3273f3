//! Fields that callers set stay settable.

use super::behaviors::{OUTPUT_ONLY, change, report, travel};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_OUTPUT_ONLY_NO_ADD",
    categories: &["VALIDATION"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields that callers set stay settable",
    breaks: &[
        (Audience::Wire, "what callers write into the field is ignored, without an error"),
        (Audience::Rest, "the same"),
    ],
    why: "A service ignores what callers send in a field with `OUTPUT_ONLY`. Callers that set it get no error and no effect. Messages that callers only receive are left out.",
    help: "keep the field settable, and add another one for the value that the service computes",
    bad: r#"  message Device {
-   string zone = 3;
+   string zone = 3 [(google.api.field_behavior) = OUTPUT_ONLY];
  }"#,
    good: r#"  message Device {
    string zone = 3;
    string computed_zone = 4 [(google.api.field_behavior) = OUTPUT_ONLY];
  }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    if change(pairs, pair, OUTPUT_ONLY) == (false, true) && travel(pairs, pair).requests {
        report(pairs, pair, "became OUTPUT_ONLY: what callers send is ignored", out)
            .labels("now OUTPUT_ONLY", "was without")
            .sides(&[Side::OldClientNewServer]);
    }
}
