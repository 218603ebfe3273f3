//! JSON stays allowed for enums.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_SAME_JSON_FORMAT",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enums keep their JSON format",
    breaks: &[(Audience::Json, "compilers no longer check the JSON mapping, and parsers may refuse it")],
    why: "proto3 and editions promise a JSON mapping (`ALLOW`); proto2 does its best (`LEGACY_BEST_EFFORT`). A enum that loses the promise can get names that collide in JSON.",
    help: "keep the syntax, or set `features.json_format = ALLOW`",
    bad: r#"- syntax = "proto3";
+ syntax = "proto2";"#,
    good: r#"  syntax = "proto3";"#,
    check: Check::EnumPair(check),
};

/// `ALLOW`.
const ALLOW: i32 = 1;

fn check(pairs: &Pairs<'_>, pair: Pair<EnumId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.enumeration(pair.baseline), pairs.current.enumeration(pair.current));
    if old.features.json_format != ALLOW || new.features.json_format == ALLOW {
        return;
    }
    let element = Element::Enum(pair.current);
    let at =
        At::option(pairs.current, element, &[3, 7, 6], 2).unwrap_or_else(|| At::decl(pairs.current, element));
    out.report(
        at,
        &new.full_name,
        format!("JSON format of enum `{}` changed: ALLOW -> LEGACY_BEST_EFFORT", new.full_name),
    )
    .against(At::decl(pairs.baseline, Element::Enum(pair.baseline)));
}
