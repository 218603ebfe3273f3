//! The number of an enum value stays known.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, EnumId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_VALUE_NO_DELETE",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enum values are not deleted",
    breaks: &[
        (Audience::Wire, "the number is unknown to new readers; closed enums drop it"),
        (Audience::Json, "the name is refused"),
        (Audience::Source, "programs that use the value stop compiling"),
    ],
    why: "Old programs keep sending the number. New ones see an unknown value; closed enums (proto2) drop it, and JSON parsers refuse the name.",
    help: "put the value back with `[deprecated = true]`",
    bad: r#"  enum Kind {
    KIND_UNSPECIFIED = 0;
-   KIND_RACK = 1;
  }"#,
    good: r#"  enum Kind {
    KIND_UNSPECIFIED = 0;
+   KIND_RACK = 1 [deprecated = true];
  }"#,
    check: Check::EnumPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<EnumId>, out: &mut Findings) {
    let enumeration = pairs.current.enumeration(pair.current);
    let mut seen = Vec::new();
    for (old_id, _) in pairs.values(pair).filter(|(_, value)| value.is_none()) {
        let number = pairs.baseline.value(old_id).number;
        if seen.contains(&number) {
            continue;
        }
        seen.push(number);
        let values = pairs.baseline.enumeration(pair.baseline).values.iter();
        let mut names: Vec<&str> = values
            .map(|&id| pairs.baseline.value(id))
            .filter(|value| value.number == number)
            .map(|value| value.name.as_str())
            .collect();
        names.sort_unstable();
        let names = subject::list(names);
        out.report(
            At::decl(pairs.current, Element::Enum(pair.current)),
            pairs.baseline.full_name(Element::Value(old_id)),
            format!("value {number} {names} of enum `{}` was deleted", enumeration.full_name),
        )
        .against(At::decl(pairs.baseline, Element::Value(old_id)))
        .labels("", "was here");
    }
}
