//! The set of required fields stays.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, MessageId};
use protogate_schema::pair::{Pair, Pairs};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    id: "MESSAGE_SAME_REQUIRED_FIELDS",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "required fields are neither added nor deleted",
    breaks: &[
        (Audience::Wire, "a message without the required field is unreadable for those who require it"),
        (Audience::Json, "the same"),
        (Audience::Rest, "requests without it are refused"),
    ],
    why: "A proto2 parser refuses a message in which a required field is missing. So a required field can neither come, because old writers do not send it, nor go, because old readers wait for it.",
    help: "leave required fields alone; make new fields `optional`",
    bad: r#"  message Device {
    required string id = 1;
+   required string owner = 2;
  }"#,
    good: r#"  message Device {
    required string id = 1;
+   optional string owner = 2;
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let (old, new) = (required(pairs.baseline, pair.baseline), required(pairs.current, pair.current));
    if old.is_empty() && new.is_empty() {
        return;
    }
    let message = &pairs.current.message(pair.current).full_name;
    for (number, &id) in old.iter().filter(|(number, _)| !new.contains_key(number)) {
        let field = pairs.baseline.field(id);
        out.report(
            At::decl(pairs.current, Element::Message(pair.current)),
            &field.full_name,
            format!(
                "required field {number} `{}` of `{message}` was deleted or is not required any more",
                field.name
            ),
        )
        .against(At::decl(pairs.baseline, Element::Message(pair.baseline)))
        .key("deleted");
    }
    for (number, &id) in new.iter().filter(|(number, _)| !old.contains_key(number)) {
        let field = pairs.current.field(id);
        out.report(
            At::decl(pairs.current, Element::Field(id)),
            &field.full_name,
            format!("required field {number} `{}` of `{message}` was added or is required now", field.name),
        )
        .key("added");
    }
}

fn required(schema: &Schema, id: MessageId) -> BTreeMap<i32, FieldId> {
    let fields = schema.message(id).fields.iter().map(|&id| (id, schema.field(id)));
    fields.filter(|(_, field)| field.label_required).map(|(id, field)| (field.number, id)).collect()
}
