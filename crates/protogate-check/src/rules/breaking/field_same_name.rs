//! Fields keep their names.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, FieldId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_NAME",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their names",
    breaks: &[
        (Audience::Json, "the key in JSON changes unless `json_name` keeps it"),
        (Audience::Source, "programs that use the field stop compiling"),
        (Audience::Rest, "query parameters, path variables and body members are named otherwise"),
    ],
    why: "The binary encoding knows numbers only, but JSON, field masks, REST parameters and generated code know names.",
    help: "keep the name; add a new field beside it if the meaning changed",
    bad: r#"-   string label = 2;
+   string title = 2;"#,
    good: r#"    string label = 2 [deprecated = true];
+   string title = 3;"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    let (before, now) =
        if old.is_extension() { (&old.full_name, &new.full_name) } else { (&old.name, &new.name) };
    if before == now {
        return;
    }
    let subject = subject::field(pairs.current, pair.current);
    out.report(
        At::name(pairs.current, Element::Field(pair.current)),
        &new.full_name,
        format!("{subject} changed its name: `{before}` -> `{now}`"),
    )
    .against(At::name(pairs.baseline, Element::Field(pair.baseline)))
    .labels("renamed", format!("was `{before}`"))
    .key(before);
}
