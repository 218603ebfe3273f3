//! A field may change to a type with the same binary encoding.

use crate::finding::Findings;
use crate::kind;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::model::element::Kind;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_WIRE_COMPATIBLE_TYPE",
    categories: &["WIRE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep the binary encoding of their type",
    breaks: &[(Audience::Wire, "old and new bytes cannot be read as each other")],
    why: "Some types share an encoding: int32, int64, uint32, uint64 and bool; sint32 and sint64; the fixed ones of a width. A string may become bytes, not the reverse: bytes need not be UTF-8. Messages and enums must keep their full name; an enum may also be replaced by one with the same short name that has all the old values.",
    help: "keep the type or take one with the same encoding; else add a new field beside it",
    bad: r#"-   int64 rev = 2;
+   string rev = 2;"#,
    good: r#"    int64 rev = 2 [deprecated = true];
+   string revision = 3;"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline).kind, pairs.current.field(pair.current).kind);
    if kind::wire_group(old) != kind::wire_group(new) {
        match (old, new) {
            (Kind::String, Kind::Bytes) => {}
            (Kind::Bytes, Kind::String) => {
                kind::report(pairs, pair, out).help(
                    "keep `bytes`: old values need not be valid UTF-8, which readers of a `string` refuse",
                );
            }
            _ => {
                kind::report(pairs, pair, out);
            }
        }
    } else if kind::type_names_differ(pairs, old, new) && !kind::enum_is_superset(pairs, old, new) {
        kind::report(pairs, pair, out);
    }
}
