//! Whether what was written as one message in JSON is read as another: names and forms of all members are the same, whatever the
//! messages are called.
//!
//! Callers by HTTP do not see names of types. What one type lost under its own name is the business of the rules about fields.

use std::collections::HashSet;

use protogate_schema::model::element::{EnumId, Kind, MessageId};
use protogate_schema::pair::Pairs;

/// Whether every member of the old message is one of the new message, in the same form.
pub(super) fn reads(pairs: &Pairs<'_>, old: MessageId, new: MessageId) -> bool {
    message(pairs, old, new, &mut HashSet::new())
}

fn message(
    pairs: &Pairs<'_>,
    old: MessageId,
    new: MessageId,
    seen: &mut HashSet<(MessageId, MessageId)>,
) -> bool {
    let (before, now) = (pairs.baseline.message(old), pairs.current.message(new));
    if before.full_name == now.full_name || !seen.insert((old, new)) {
        return true;
    }
    // Some of these have forms of their own.
    if before.full_name.starts_with("google.protobuf.") || now.full_name.starts_with("google.protobuf.") {
        return false;
    }
    before.fields.iter().map(|&id| pairs.baseline.field(id)).all(|field| {
        let mut fields = now.fields.iter().map(|&id| pairs.current.field(id));
        let Some(other) = fields.find(|it| it.name == field.name) else { return false };
        other.json_name == field.json_name
            && other.cardinality == field.cardinality
            && match (field.kind, other.kind) {
                (Kind::Message(old), Kind::Message(new)) | (Kind::Group(old), Kind::Group(new)) => {
                    message(pairs, old, new, seen)
                }
                (Kind::Enum(old), Kind::Enum(new)) => enumeration(pairs, old, new),
                (old, new) => old == new,
            }
    })
}

/// Whether every value of the old enum is one of the new enum, by name and number.
fn enumeration(pairs: &Pairs<'_>, old: EnumId, new: EnumId) -> bool {
    let (before, now) = (pairs.baseline.enumeration(old), pairs.current.enumeration(new));
    before.full_name == now.full_name
        || before.values.iter().map(|&id| pairs.baseline.value(id)).all(|value| {
            let mut values = now.values.iter().map(|&id| pairs.current.value(id));
            values.any(|it| it.name == value.name && it.number == value.number)
        })
}
