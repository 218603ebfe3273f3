//! Callers need not send more than before.

use super::required::added;
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::MessageId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_REQUIRED_NO_ADD",
    categories: &["VALIDATION"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "nothing becomes required",
    breaks: &[
        (Audience::Wire, "requests without it, which were accepted, are refused with INVALID_ARGUMENT"),
        (Audience::Rest, "the same as 400"),
    ],
    why: "Callers that do not know a field do not send it. Making a field, a oneof or a group of fields required refuses their requests, and so does adding a field that is required, or whose rules refuse the zero value that its absence stands for. `(buf.validate.field).required` and `field_behavior = REQUIRED` count alike. Messages that callers only receive are left out.",
    help: "leave it optional, and let the handler fill in what is missing",
    bad: r#"  message CreateDeviceRequest {
    string name = 1 [(google.api.field_behavior) = REQUIRED];
-   string site = 2;
+   string site = 2 [(google.api.field_behavior) = REQUIRED];
  }"#,
    good: r#"  message CreateDeviceRequest {
    string name = 1 [(google.api.field_behavior) = REQUIRED];
    string site = 2;
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    if !pairs.travel(pair.current).requests {
        return;
    }
    for demand in added(pairs, pair) {
        let how = if demand.how.is_empty() { "became required" } else { demand.how };
        out.report(demand.places.current, demand.element, format!("{} {how}", demand.subject))
            .against(demand.places.baseline)
            .labels("required now", if demand.how.is_empty() { "was optional" } else { "was without it" })
            .key(demand.key)
            .sides(&[Side::OldClientNewServer]);
    }
}
