//! Fields keep their JSON names.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, FieldId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_JSON_NAME",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their JSON names",
    breaks: &[
        (Audience::Json, "old documents and requests use another key"),
        (Audience::Rest, "query parameters and body members are named otherwise"),
    ],
    why: "In JSON the field is known by `json_name`, or by its own name in lowerCamel. When that changes, the value under the old key is lost or refused.",
    help: r#"keep the JSON name with `[json_name = "…"]`"#,
    bad: r#"-   string label = 2;
+   string title = 2;"#,
    good: r#"+   string title = 2 [json_name = "label"];"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    if old.is_extension() || old.json_name == new.json_name {
        return;
    }
    let element = Element::Field(pair.current);
    let at = At::option(pairs.current, element, &[10], 1).unwrap_or_else(|| At::decl(pairs.current, element));
    let subject = subject::field(pairs.current, pair.current);
    out.report(
        at,
        &new.full_name,
        format!("{subject} changed its JSON name: `{}` -> `{}`", old.json_name, new.json_name),
    )
    .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
    .key(&old.json_name)
    .help(format!("keep the JSON name with `[json_name = \"{}\"]`", old.json_name));
}
