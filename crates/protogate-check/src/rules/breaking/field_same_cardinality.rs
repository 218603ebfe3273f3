//! How many values a field holds, and whether its absence shows, stays.

use crate::cardinality;
use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::Cardinality;
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_CARDINALITY",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their cardinality",
    breaks: &[
        (Audience::Wire, "single and repeated values are read as each other only in part"),
        (Audience::Json, "a list is not a value"),
        (Audience::Source, "generated types change: value, option, list, map"),
    ],
    why: "Single, repeated, map, required, and visible or invisible absence are five different types in generated code.",
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
        Cardinality::Repeated => 0,
        Cardinality::Map => 1,
        Cardinality::Required => 2,
        Cardinality::Explicit => 3,
        Cardinality::Implicit => 4,
    }
}
