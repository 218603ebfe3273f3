//! Enum values keep their names; new aliases are fine.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, EnumId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_VALUE_SAME_NAME",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enum values keep their names",
    breaks: &[
        (Audience::Json, "old documents hold the old name, which is refused"),
        (Audience::Source, "programs that use the value stop compiling"),
    ],
    why: "The binary encoding knows numbers, but JSON and generated code know names. An alias (`allow_alias`) can bring a new name while the old one stays.",
    help: "keep the old name, as an alias if need be",
    bad: r#"-   KIND_RACK = 1;
+   KIND_CABINET = 1;"#,
    good: r#"+   option allow_alias = true;
    KIND_RACK = 1;
+   KIND_CABINET = 1;"#,
    check: Check::EnumPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<EnumId>, out: &mut Findings) {
    let new_values = &pairs.current.enumeration(pair.current).values;
    let mut seen = Vec::new();
    for (old_id, value) in pairs.values(pair) {
        let Some(value) = value else { continue };
        let old = pairs.baseline.value(old_id);
        let kept = pairs.current.value(value.current).name == old.name
            || new_values.iter().any(|&id| {
                let new = pairs.current.value(id);
                new.number == old.number && new.name == old.name
            });
        if kept || seen.contains(&old.number) {
            continue;
        }
        seen.push(old.number);
        let enumeration = &pairs.current.enumeration(pair.current).full_name;
        let before = subject::list(names(pairs.baseline, pair.baseline, old.number));
        let now = subject::list(names(pairs.current, pair.current, old.number));
        for &id in new_values.iter().filter(|&&id| pairs.current.value(id).number == old.number) {
            let element = Element::Value(id);
            out.report(
                At::part(pairs.current, element, &[2]),
                pairs.current.full_name(element),
                format!("value {} of enum `{enumeration}` changed its name: {before} -> {now}", old.number),
            )
            .against(At::decl(pairs.baseline, Element::Value(old_id)))
            .labels("", format!("was {before}"))
            .key(&before);
        }
    }
}

/// The names of a number, sorted.
fn names(schema: &Schema, id: EnumId, number: i32) -> Vec<&str> {
    let values = schema.enumeration(id).values.iter().map(|&id| schema.value(id));
    let mut names: Vec<&str> = values.filter(|it| it.number == number).map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    names
}
