//! The number of an enum value may go when what it leaves behind is reserved.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, EnumId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",
    categories: &["WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "a deleted enum value leaves its names reserved",
    breaks: &[(Audience::Json, "the name can be given to another value, which then stands in old data")],
    why: "JSON holds the name. A new value with the same name changes what old writers meant.",
    help: r#"reserve the name: `reserved "KIND_RACK";`"#,
    bad: r#"  enum Kind {
    KIND_UNSPECIFIED = 0;
-   KIND_RACK = 1;
  }"#,
    good: r#"  enum Kind {
+   reserved 1;
+   reserved "KIND_RACK";
    KIND_UNSPECIFIED = 0;
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
        if names.iter().all(|name| enumeration.reserved_names.iter().any(|it| it == name)) {
            continue;
        }
        let names = subject::list(names);
        out.report(
            At::decl(pairs.current, Element::Enum(pair.current)),
            pairs.baseline.full_name(Element::Value(old_id)),
            format!(
                "value {number} {names} of enum `{}` was deleted and not all of its names are reserved",
                enumeration.full_name
            ),
        )
        .against(At::decl(pairs.baseline, Element::Value(old_id)))
        .labels("", "was here");
    }
}
