//! Cardinality may change where the bytes stay readable.

use crate::cardinality;
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::Cardinality;
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_WIRE_COMPATIBLE_CARDINALITY",
    categories: &["WIRE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep the binary encoding of their cardinality",
    breaks: &[(
        Audience::Wire,
        "single and repeated values are read as each other only in part; a missing required field makes the message unreadable",
    )],
    why: "Whether absence is visible does not change the bytes, and a map is a repeated message. Single and repeated values, and required ones, are not readable as each other in all cases.",
    help: "keep the cardinality; add a new field beside it",
    bad: r#"-   string tag = 2;
+   repeated string tag = 2;"#,
    good: r#"    string tag = 2 [deprecated = true];
+   repeated string tags = 3;"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    cardinality::compare(pairs, pair, out, group);
}

fn group(class: Cardinality) -> u8 {
    match class {
        Cardinality::Explicit | Cardinality::Implicit => 0,
        Cardinality::Required => 1,
        Cardinality::Repeated | Cardinality::Map => 2,
    }
}
