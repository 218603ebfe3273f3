//! JSON stays allowed for messages.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MessageId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "MESSAGE_SAME_JSON_FORMAT",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "messages keep their JSON format",
    breaks: &[(Audience::Json, "compilers no longer check the JSON mapping, and parsers may refuse it")],
    why: "proto3 and editions promise a JSON mapping (`ALLOW`); proto2 does its best (`LEGACY_BEST_EFFORT`). A message that loses the promise can get names that collide in JSON.",
    help: "keep the syntax, or set `features.json_format = ALLOW`",
    bad: r#"- syntax = "proto3";
+ syntax = "proto2";"#,
    good: r#"  syntax = "proto3";"#,
    check: Check::MessagePair(check),
};

/// `ALLOW`.
const ALLOW: i32 = 1;

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.message(pair.baseline), pairs.current.message(pair.current));
    if old.features.json_format != ALLOW || new.features.json_format == ALLOW {
        return;
    }
    let element = Element::Message(pair.current);
    let at = At::option(pairs.current, element, &[7, 12, 6], 2)
        .unwrap_or_else(|| At::decl(pairs.current, element));
    out.report(
        at,
        &new.full_name,
        format!("JSON format of message `{}` changed: ALLOW -> LEGACY_BEST_EFFORT", new.full_name),
    )
    .against(At::decl(pairs.baseline, Element::Message(pair.baseline)));
}
