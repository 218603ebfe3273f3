//! Values that are one scalar in JSON, and the well-known types: the schema of exactly what the ProtoJSON codec reads and writes.
//!
//! Two places differ. In JSON a 64-bit number is a text, because JavaScript would round it; a path or query is text anyway, so there
//! it is a number with a range. Text forms that are accepted but never written (a number where a text is expected) are left out.

use protogate_schema::model::element::Kind;

use super::node::{Map, Node};

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In JSON.
    Json,
    /// In a path or a query.
    Parameter,
}

/// Base64 of either alphabet, padding optional; with padding the length is a multiple of 4.
const BASE64: &str = "^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$";
/// A 64-bit whole number; the range is in the format.
const SIGNED: &str = "^(?:0|-?[1-9][0-9]{0,18})$";
const UNSIGNED: &str = "^(?:0|[1-9][0-9]{0,19})$";
const DURATION: &str = r"^-?[0-9]{1,12}(?:\.[0-9]{1,9})?s$";
const MASK: &str =
    r"^(?:[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*(?:,[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*)*)?$";

/// A value of a scalar type; `None` for messages and enums.
pub(super) fn of_kind(kind: Kind, place: Place) -> Option<Map> {
    Some(match kind {
        Kind::Double => float("double", f64::MAX),
        Kind::Float => float("float", 3.402_823_466_385_288_6e38),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => integer("int32", i32::MIN.into(), i32::MAX.into()),
        Kind::Uint32 | Kind::Fixed32 => integer("uint32", 0, u32::MAX.into()),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => match place {
            Place::Json => text().with("format", "int64").with("pattern", SIGNED),
            Place::Parameter => integer("int64", i64::MIN.into(), i64::MAX.into()),
        },
        Kind::Uint64 | Kind::Fixed64 => match place {
            Place::Json => text().with("format", "uint64").with("pattern", UNSIGNED),
            Place::Parameter => integer("uint64", 0, u64::MAX.into()),
        },
        Kind::Bool => Map::new().with("type", "boolean"),
        Kind::String => text(),
        Kind::Bytes => text().with("contentEncoding", "base64").with("pattern", BASE64),
        Kind::Enum(_) | Kind::Message(_) | Kind::Group(_) => return None,
    })
}

fn text() -> Map {
    Map::new().with("type", "string")
}

fn integer(format: &str, minimum: i128, maximum: i128) -> Map {
    Map::new()
        .with("type", "integer")
        .with("format", format)
        .with("minimum", minimum)
        .with("maximum", maximum)
}

/// A number, or one of the three values that JSON has no numbers for.
fn float(format: &str, max: f64) -> Map {
    let mut number = Map::new().with("type", "number").with("format", format);
    if format == "float" {
        number = number.with("minimum", Node::Float(-max)).with("maximum", Node::Float(max));
    }
    let word = text().with("enum", vec!["NaN", "Infinity", "-Infinity"]);
    Map::new().with("anyOf", vec![Node::from(number), word.into()])
}

/// What a message of `google.protobuf` is in JSON.
pub(super) enum WellKnown {
    /// One scalar, which a parameter can stand for.
    Scalar(Map),
    /// Something of its own that stands where it is used.
    Inline(Map),
    /// Something that is worth a name.
    Named(Map),
}

/// The form of a well-known type; `None` for any other message.
pub(super) fn well_known(full_name: &str, place: Place) -> Option<WellKnown> {
    let wrapped = |kind| of_kind(kind, place).map(WellKnown::Scalar);
    let scalar = |map: Map| Some(WellKnown::Scalar(map));
    match full_name.strip_prefix("google.protobuf.")? {
        "DoubleValue" => wrapped(Kind::Double),
        "FloatValue" => wrapped(Kind::Float),
        "Int64Value" => wrapped(Kind::Int64),
        "UInt64Value" => wrapped(Kind::Uint64),
        "Int32Value" => wrapped(Kind::Int32),
        "UInt32Value" => wrapped(Kind::Uint32),
        "BoolValue" => wrapped(Kind::Bool),
        "StringValue" => wrapped(Kind::String),
        "BytesValue" => wrapped(Kind::Bytes),
        "Timestamp" => scalar(text().with("format", "date-time")),
        "Duration" => scalar(text().with("format", "duration-seconds").with("pattern", DURATION)),
        "FieldMask" => scalar(text().with("format", "field-mask").with("pattern", MASK)),
        "Empty" => Some(WellKnown::Inline(
            Map::new()
                .with("type", "object")
                .with("properties", Map::new())
                .with("additionalProperties", false),
        )),
        "Struct" => Some(WellKnown::Named(
            Map::new()
                .with("description", "Any JSON object.")
                .with("type", "object")
                .with("additionalProperties", true),
        )),
        "Value" => Some(WellKnown::Named(Map::new().with("description", "Any JSON value, `null` included."))),
        "ListValue" => Some(WellKnown::Named(
            Map::new().with("description", "Any JSON array.").with("type", "array").with("items", Map::new()),
        )),
        "Any" => {
            let url = text().with(
                "description",
                "URL whose last part is the full name of the message, such as `type.googleapis.com/acme.v1.Book`.",
            );
            Some(WellKnown::Named(
                Map::new()
                    .with(
                        "description",
                        "A message of any type that the contract knows: its fields beside `@type`, or `value` for types with a JSON form of their own.",
                    )
                    .with("type", "object")
                    .with("properties", Map::new().with("@type", url))
                    .with("additionalProperties", true),
            ))
        }
        _ => None,
    }
}
