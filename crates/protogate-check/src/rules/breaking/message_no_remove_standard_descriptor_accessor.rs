//! Messages keep the standard accessor of their descriptor.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, Message, MessageId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "messages keep the standard descriptor accessor",
    breaks: &[(Audience::Source, "`descriptor()` is gone from generated code")],
    why: "The option `no_standard_descriptor_accessor` leaves the method `descriptor()` out of generated code. Programs that call it stop compiling.",
    help: "take the option out again",
    bad: r#"  message Device {
+   option no_standard_descriptor_accessor = true;
  }"#,
    good: r#"  message Device {
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.message(pair.baseline), pairs.current.message(pair.current));
    let removed = |message: &Message| message.options.no_standard_descriptor_accessor.unwrap_or(false);
    if removed(old) || !removed(new) {
        return;
    }
    let element = Element::Message(pair.current);
    let at =
        At::option(pairs.current, element, &[7, 2], 2).unwrap_or_else(|| At::decl(pairs.current, element));
    out.report(
        at,
        &new.full_name,
        format!("option `no_standard_descriptor_accessor` of `{}` changed: false -> true", new.full_name),
    )
    .against(At::decl(pairs.baseline, Element::Message(pair.baseline)));
}
