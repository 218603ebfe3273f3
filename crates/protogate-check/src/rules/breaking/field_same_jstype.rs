//! 64-bit fields keep their JavaScript type.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::element::{Element, Field, FieldId, Kind};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_JSTYPE",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their `jstype`",
    breaks: &[(Audience::Source, "generated JavaScript changes between string and number")],
    why: "The option decides whether a 64-bit integer is a string or a number in JavaScript. Programs that handle one break on the other.",
    help: "keep the option",
    bad: r#"-   int64 rev = 2 [jstype = JS_STRING];
+   int64 rev = 2;"#,
    good: "    int64 rev = 2 [jstype = JS_STRING];",
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    let jstype = |field: &Field| field.options.as_ref().and_then(|options| options.jstype).unwrap_or(0);
    let (before, now) = (jstype(old), jstype(new));
    if before == now || !is_64_bit(old.kind) || !is_64_bit(new.kind) {
        return;
    }
    let element = Element::Field(pair.current);
    let at =
        At::option(pairs.current, element, &[8, 6], 2).unwrap_or_else(|| At::decl(pairs.current, element));
    let subject = subject::field(pairs.current, pair.current);
    let (before, now) = (name(before), name(now));
    out.report(at, &new.full_name, format!("{subject} changed option `jstype`: {before} -> {now}"))
        .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
        .labels(format!("now {now}"), format!("was {before}"))
        .key(format!("{before}->{now}"));
}

fn is_64_bit(kind: Kind) -> bool {
    matches!(kind, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64)
}

fn name(jstype: i32) -> &'static str {
    match jstype {
        1 => "JS_STRING",
        2 => "JS_NUMBER",
        _ => "JS_NORMAL",
    }
}
