//! Fields keep their types, by name where types have names.

use crate::finding::Findings;
use crate::kind;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FieldId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_TYPE",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their types",
    breaks: &[
        (Audience::Wire, "old and new bytes may not be readable as each other"),
        (Audience::Json, "the value may be written differently"),
        (Audience::Source, "programs that use the field stop compiling"),
        (Audience::Rest, "parameters and members of the REST interface change type"),
    ],
    why: "The type decides the bytes, the JSON and the generated code. Even types that share an encoding differ in generated code. WIRE and WIRE_JSON have gentler rules.",
    help: "keep the type; add a new field beside it",
    bad: r#"-   int64 rev = 2;
+   string rev = 2;"#,
    good: r#"    int64 rev = 2 [deprecated = true];
+   string revision = 3;"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline).kind, pairs.current.field(pair.current).kind);
    if kind::name(old) != kind::name(new) || kind::type_names_differ(pairs, old, new) {
        kind::report(pairs, pair, out);
    }
}
