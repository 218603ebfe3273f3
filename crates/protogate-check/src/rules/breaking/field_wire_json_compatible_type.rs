//! A field may change to a type with the same binary and JSON encoding.

use crate::finding::Findings;
use crate::kind;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
    categories: &["WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep the binary and the JSON encoding of their type",
    breaks: &[
        (Audience::Wire, "old and new bytes may not be readable as each other"),
        (Audience::Json, "the value is written or read differently"),
    ],
    why: "Fewer types share both encodings: int32 and uint32; int64 and uint64; fixed32 and sfixed32; fixed64 and sfixed64. 64-bit numbers are strings in JSON, bools are words. Messages and enums must keep their full name; an enum may also be replaced by one with the same short name that has all the old values.",
    help: "keep the type or take one with the same encodings; else add a new field beside it",
    bad: r#"-   int32 rev = 2;
+   int64 rev = 2;"#,
    good: r#"    int32 rev = 2 [deprecated = true];
+   int64 revision = 3;"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline).kind, pairs.current.field(pair.current).kind);
    let names = || kind::type_names_differ(pairs, old, new) && !kind::enum_is_superset(pairs, old, new);
    if kind::json_group(old) != kind::json_group(new) || names() {
        kind::report(pairs, pair, out);
    }
}
