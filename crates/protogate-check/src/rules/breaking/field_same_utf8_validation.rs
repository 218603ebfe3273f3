//! Strings keep their UTF-8 validation.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, FieldId, Kind};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_UTF8_VALIDATION",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their UTF-8 validation",
    breaks: &[(Audience::Wire, "readers start to refuse, or to accept, strings that are no valid UTF-8")],
    why: "proto3 and editions refuse strings that are not valid UTF-8, proto2 does not. When that changes, old data can become unreadable.",
    help: "keep the syntax, or set `features.utf8_validation` as it was",
    bad: r#"- syntax = "proto2";
+ syntax = "proto3";"#,
    good: r#"  syntax = "proto2";"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    let (before, now) = (old.features.utf8_validation, new.features.utf8_validation);
    if old.kind != Kind::String || new.kind != Kind::String || before == now {
        return;
    }
    let element = Element::Field(pair.current);
    let at = At::option(pairs.current, element, &[8, 21, 4], 2)
        .unwrap_or_else(|| At::decl(pairs.current, element));
    let subject = subject::field(pairs.current, pair.current);
    let name = |value: i32| if value == 2 { "VERIFY" } else { "NONE" };
    out.report(
        at,
        &new.full_name,
        format!("{subject} changed its UTF-8 validation: {} -> {}", name(before), name(now)),
    )
    .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
    .key(name(now));
}
