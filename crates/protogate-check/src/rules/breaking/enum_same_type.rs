//! Enums stay open or closed.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_SAME_TYPE",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enums stay open or closed",
    breaks: &[
        (Audience::Wire, "unknown values are kept in one case and dropped in the other"),
        (Audience::Source, "generated types change: a number or a closed set"),
    ],
    why: "An open enum (proto3) keeps numbers that it does not know; a closed one (proto2) moves them to unknown fields.",
    help: "keep the syntax, or set `features.enum_type` as it was",
    bad: r#"- syntax = "proto2";
+ syntax = "proto3";"#,
    good: r#"  syntax = "proto2";"#,
    check: Check::EnumPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<EnumId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.enumeration(pair.baseline), pairs.current.enumeration(pair.current));
    let (before, now) = (old.features.enum_type, new.features.enum_type);
    if before == now {
        return;
    }
    let element = Element::Enum(pair.current);
    let at =
        At::option(pairs.current, element, &[3, 7, 2], 2).unwrap_or_else(|| At::decl(pairs.current, element));
    let name = |value: i32| if value == 2 { "closed" } else { "open" };
    let (before, now) = (name(before), name(now));
    out.report(at, &new.full_name, format!("enum `{}` changed: {before} -> {now}", new.full_name))
        .against(At::decl(pairs.baseline, Element::Enum(pair.baseline)))
        .labels(format!("now {now}"), format!("was {before}"))
        .key(now);
}
