//! Behaviours that readers rely on stay.

use super::behaviors::{
    IDENTIFIER, IMMUTABLE, INPUT_ONLY, NON_EMPTY_DEFAULT, OUTPUT_ONLY, UNORDERED_LIST, change, report,
};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

/// Behaviour, whether it comes, what to say. What shuts writers out has rules of its own.
const CHANGES: &[(i32, bool, &str)] = &[
    (
        OUTPUT_ONLY,
        false,
        "is not OUTPUT_ONLY any more: what callers send back, ignored until now, takes effect",
    ),
    (INPUT_ONLY, false, "is not INPUT_ONLY any more: answers and their logs show what callers sent"),
    (IMMUTABLE, false, "is not IMMUTABLE any more: readers that kept the value have an old one"),
    (UNORDERED_LIST, true, "became UNORDERED_LIST: readers cannot rely on the order any more"),
    (NON_EMPTY_DEFAULT, true, "became NON_EMPTY_DEFAULT: the service fills in what callers left out"),
    (NON_EMPTY_DEFAULT, false, "is not NON_EMPTY_DEFAULT any more: what callers leave out stays empty"),
    (IDENTIFIER, true, "became IDENTIFIER: it names the resource now"),
    (IDENTIFIER, false, "is not IDENTIFIER any more: it does not name the resource"),
];

pub(super) static RULE: Rule = Rule {
    id: "VALIDATION_SAME_FIELD_BEHAVIOR",
    categories: &["VALIDATION"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "fields keep the behaviours that readers rely on",
    breaks: &[
        (
            Audience::Json,
            "callers that read, change and write back, or that keep values, do something else than they mean",
        ),
        (Audience::Wire, "the same"),
    ],
    why: "`google.api.field_behavior` tells callers what they may take for granted: a field that they need not strip before they write a resource back, a value that never changes, a list whose order counts. Nothing fails when that ends, which is why it is reported, as a warning.",
    help: "keep the behaviour; or tell the callers, and accept the change with a waiver",
    bad: r#"  message Device {
-   string serial = 2 [(google.api.field_behavior) = IMMUTABLE];
+   string serial = 2;
  }"#,
    good: r#"  message Device {
    string serial = 2 [(google.api.field_behavior) = IMMUTABLE];
  }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    for &(behavior, comes, what) in CHANGES {
        let (was, is) = change(pairs, pair, behavior);
        if was != is && is == comes {
            report(pairs, pair, what, out)
                .labels("now", "was")
                .sides(&[Side::OldClientNewServer, Side::NewClientOldServer]);
        }
    }
}
