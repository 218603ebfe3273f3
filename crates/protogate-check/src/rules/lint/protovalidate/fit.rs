//! Which rules go with which type.

use protogate_schema::Schema;
use protogate_schema::model::element::Kind;
use protogate_schema::model::validation::RulesKind;

/// Whether rules for a single value go with its type: the scalar itself, its wrapper message, or a well-known message.
pub(super) fn fits(schema: &Schema, kind: Kind, rules: RulesKind) -> bool {
    match kind {
        Kind::Message(id) => {
            let name = schema.message(id).full_name.as_str();
            let Some(name) = name.strip_prefix("google.protobuf.") else { return false };
            match name {
                "Any" => rules == RulesKind::Any,
                "Duration" => rules == RulesKind::Duration,
                "Timestamp" => rules == RulesKind::Timestamp,
                "FieldMask" => rules == RulesKind::FieldMask,
                _ => wrapped(name) == Some(rules),
            }
        }
        Kind::Group(_) => false,
        _ => scalar(kind) == Some(rules),
    }
}

/// Whether values of the type can be compared with each other, as `unique` does.
pub(super) fn can_be_unique(schema: &Schema, kind: Kind) -> bool {
    match kind {
        Kind::Message(id) => {
            let name = schema.message(id).full_name.as_str();
            name.strip_prefix("google.protobuf.").and_then(wrapped).is_some()
        }
        Kind::Group(_) => false,
        _ => true,
    }
}

fn scalar(kind: Kind) -> Option<RulesKind> {
    Some(match kind {
        Kind::Double => RulesKind::Double,
        Kind::Float => RulesKind::Float,
        Kind::Int64 => RulesKind::Int64,
        Kind::Uint64 => RulesKind::Uint64,
        Kind::Int32 => RulesKind::Int32,
        Kind::Fixed64 => RulesKind::Fixed64,
        Kind::Fixed32 => RulesKind::Fixed32,
        Kind::Bool => RulesKind::Bool,
        Kind::String => RulesKind::String,
        Kind::Bytes => RulesKind::Bytes,
        Kind::Uint32 => RulesKind::Uint32,
        Kind::Enum(_) => RulesKind::Enum,
        Kind::Sfixed32 => RulesKind::Sfixed32,
        Kind::Sfixed64 => RulesKind::Sfixed64,
        Kind::Sint32 => RulesKind::Sint32,
        Kind::Sint64 => RulesKind::Sint64,
        Kind::Group(_) | Kind::Message(_) => return None,
    })
}

fn wrapped(name: &str) -> Option<RulesKind> {
    Some(match name {
        "BoolValue" => RulesKind::Bool,
        "BytesValue" => RulesKind::Bytes,
        "DoubleValue" => RulesKind::Double,
        "FloatValue" => RulesKind::Float,
        "Int32Value" => RulesKind::Int32,
        "Int64Value" => RulesKind::Int64,
        "StringValue" => RulesKind::String,
        "UInt32Value" => RulesKind::Uint32,
        "UInt64Value" => RulesKind::Uint64,
        _ => return None,
    })
}
