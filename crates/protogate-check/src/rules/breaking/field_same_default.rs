//! Fields keep their defaults.

use crate::default_value::DefaultValue;
use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, FieldId, Kind};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_DEFAULT",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their default values",
    breaks: &[
        (Audience::Wire, "readers built before and after see different values where none was sent"),
        (Audience::Json, "the same"),
        (Audience::Source, "generated accessors answer another value"),
    ],
    why: "A default is not sent. Both sides must agree about it, or they read different values from the same bytes. For an enum without explicit default it is the first declared value, so reordering can change it.",
    help: "keep the default",
    bad: r#"-   optional int32 port = 2 [default = 80];
+   optional int32 port = 2 [default = 8080];"#,
    good: "    optional int32 port = 2 [default = 80];",
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    if old.default_value.is_none()
        && new.default_value.is_none()
        && !has_enum(old.kind)
        && !has_enum(new.kind)
    {
        return;
    }
    let Some(before) = DefaultValue::of(pairs.baseline, pair.baseline) else { return };
    let Some(now) = DefaultValue::of(pairs.current, pair.current) else { return };
    if (before.is_zero() && now.is_zero()) || before.same(&now) {
        return;
    }
    let element = Element::Field(pair.current);
    let at =
        At::default_option(pairs.current, pair.current).unwrap_or_else(|| At::decl(pairs.current, element));
    let subject = subject::field(pairs.current, pair.current);
    let (before, now) = (before.print(), now.print());
    out.report(at, &new.full_name, format!("{subject} changed its default: {before} -> {now}"))
        .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
        .labels(format!("now {now}"), format!("was {before}"))
        .key(format!("{before}->{now}"));
}

/// Only for enums the default can change without being written.
fn has_enum(kind: Kind) -> bool {
    matches!(kind, Kind::Enum(_))
}
