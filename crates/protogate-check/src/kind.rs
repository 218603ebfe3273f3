//! Types of fields: their names in messages, where they stand, and which of them share an encoding.

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, Kind};
use protogate_schema::pair::{Pair, Pairs};

use crate::finding::{Finding, Findings};
use crate::position::{At, TYPE, TYPE_NAME};
use crate::subject;

/// Name of a type's kind.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int64 => "int64",
        Kind::Uint64 => "uint64",
        Kind::Int32 => "int32",
        Kind::Fixed64 => "fixed64",
        Kind::Fixed32 => "fixed32",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Group(_) => "group",
        Kind::Message(_) => "message",
        Kind::Bytes => "bytes",
        Kind::Uint32 => "uint32",
        Kind::Enum(_) => "enum",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
    }
}

/// Full name of an enum, message or group; `None` for scalars.
pub(crate) fn type_name(schema: &Schema, kind: Kind) -> Option<&str> {
    match kind {
        Kind::Message(id) | Kind::Group(id) => Some(&schema.message(id).full_name),
        Kind::Enum(id) => Some(&schema.enumeration(id).full_name),
        _ => None,
    }
}

/// Types with one number can be read as each other in the binary encoding.
pub(crate) fn wire_group(kind: Kind) -> u8 {
    match kind {
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool => 0,
        Kind::Sint32 | Kind::Sint64 => 1,
        Kind::String => 2,
        Kind::Bytes => 3,
        Kind::Fixed32 | Kind::Sfixed32 => 4,
        Kind::Fixed64 | Kind::Sfixed64 => 5,
        Kind::Double => 6,
        Kind::Float => 7,
        Kind::Group(_) => 8,
        Kind::Message(_) => 9,
        Kind::Enum(_) => 10,
    }
}

/// Types with one number can be read as each other in the binary and the JSON encoding.
pub(crate) fn json_group(kind: Kind) -> u8 {
    match kind {
        Kind::Int32 | Kind::Uint32 => 0,
        Kind::Int64 | Kind::Uint64 => 11,
        Kind::Bool => 12,
        Kind::Sint32 => 13,
        Kind::Sint64 => 14,
        other => wire_group(other),
    }
}

/// Whether old values of one enum can be read with another: the same short name, and every old value is still there.
pub(crate) fn enum_is_superset(pairs: &Pairs<'_>, old: Kind, new: Kind) -> bool {
    let (Kind::Enum(old), Kind::Enum(new)) = (old, new) else { return false };
    let (old, new) = (pairs.baseline.enumeration(old), pairs.current.enumeration(new));
    if old.full_name == new.full_name {
        return true;
    }
    old.name == new.name
        && old.values.iter().all(|&id| {
            let old = pairs.baseline.value(id);
            new.values.iter().any(|&id| {
                let new = pairs.current.value(id);
                new.name == old.name && new.number == old.number
            })
        })
}

/// Whether the full names of two enums, messages or groups differ. Scalars have none.
pub(crate) fn type_names_differ(pairs: &Pairs<'_>, old: Kind, new: Kind) -> bool {
    type_name(pairs.baseline, old) != type_name(pairs.current, new)
}

/// Reports a change of type at the new type: the two kinds if they differ, else the two full names.
pub(crate) fn report<'o>(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &'o mut Findings) -> &'o mut Finding {
    let (old, new) = (pairs.baseline.field(pair.baseline).kind, pairs.current.field(pair.current).kind);
    let (before, now) = match (type_name(pairs.baseline, old), type_name(pairs.current, new)) {
        (Some(before), Some(now)) if name(old) == name(new) => (before, now),
        _ => (name(old), name(new)),
    };
    // Fingerprints are made of the shorter words.
    let shown = |schema: &Schema, kind: Kind, word: &str| match type_name(schema, kind) {
        Some(full) if full != word => format!("{word} {full}"),
        _ => word.to_owned(),
    };
    let (was, is) = (shown(pairs.baseline, old, before), shown(pairs.current, new, now));
    let subject = subject::field(pairs.current, pair.current);
    let full_name = pairs.current.field(pair.current).full_name.clone();
    out.report(at(pairs.current, pair.current), full_name, format!("{subject} changed type: {was} -> {is}"))
        .against(at(pairs.baseline, pair.baseline))
        .labels(format!("now {is}"), format!("was {was}"))
        .key(format!("{before}->{now}"))
}

fn at(schema: &Schema, id: FieldId) -> At {
    let scalar = type_name(schema, schema.field(id).kind).is_none();
    At::part(schema, Element::Field(id), if scalar { TYPE } else { TYPE_NAME })
}
