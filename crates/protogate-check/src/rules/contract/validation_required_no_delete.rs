//! Readers find what they could rely on.

use super::required::removed;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MessageId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_REQUIRED_NO_DELETE",
    categories: &["VALIDATION"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "what is required stays required",
    breaks: &[
        (Audience::Wire, "readers that rely on the value meet messages without it"),
        (Audience::Json, "the same"),
        (Audience::Source, "code that takes the value for granted meets its absence"),
    ],
    why: "What is required is always there, and readers are written that way. Reported as a warning, because the service may go on to fill it in. Messages that callers only send are left out.",
    help: "keep it required; or make sure that every reader bears its absence, and accept the change with a waiver",
    bad: r#"  message Device {
-   string name = 1 [(google.api.field_behavior) = REQUIRED];
+   string name = 1;
  }"#,
    good: r#"  message Device {
    string name = 1 [(google.api.field_behavior) = REQUIRED];
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    if !pairs.travel(pair.current).responses {
        return;
    }
    for demand in removed(pairs, pair) {
        out.report(
            demand.places.current,
            demand.element,
            format!("{} is not required any more", demand.subject),
        )
        .against(demand.places.baseline)
        .labels("optional now", "was required")
        .key(demand.key)
        .sides(&[Side::OldClientNewServer]);
    }
}
