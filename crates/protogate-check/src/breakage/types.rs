//! What a reader of one scalar type makes of the other's bytes and JSON, in words.
//!
//! Each function looks one way: from what the writer's type puts down to what the reader's type takes. `None`: it is read as it was
//! meant.

use protogate_schema::model::element::{Cardinality, Element, Field, Kind};
use protogate_schema::pair::Pairs;

use crate::witness::is_packed;

/// What readers do with a field of another wire type.
pub(super) const DROPPED: &str = "drop the value as an unknown field";

/// How a type lies on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A variable-length number.
    Varint,
    /// Four bytes.
    Fixed32,
    /// Eight bytes.
    Fixed64,
    /// Length-delimited.
    Delimited,
    /// Between two tags.
    Group,
}

impl Shape {
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Self::Fixed64,
            Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Self::Fixed32,
            Kind::String | Kind::Bytes | Kind::Message(_) => Self::Delimited,
            Kind::Group(_) => Self::Group,
            _ => Self::Varint,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Varint => "a varint",
            Self::Fixed32 => "four bytes",
            Self::Fixed64 => "eight bytes",
            Self::Delimited => "length-delimited",
            Self::Group => "a group",
        }
    }
}

fn is_zigzag(kind: Kind) -> bool {
    matches!(kind, Kind::Sint32 | Kind::Sint64)
}

fn is_signed(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Int32
            | Kind::Int64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Sfixed32
            | Kind::Sfixed64
            | Kind::Enum(_)
    )
}

fn is_float(kind: Kind) -> bool {
    matches!(kind, Kind::Float | Kind::Double)
}

fn is_64_bit(kind: Kind) -> bool {
    matches!(kind, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 | Kind::Double)
}

/// How a field lies on the wire.
pub(super) fn laid(field: &Field) -> &'static str {
    if is_packed_list(field) { "a packed list" } else { Shape::of(field.kind).name() }
}

fn is_packed_list(field: &Field) -> bool {
    field.cardinality == Cardinality::Repeated && is_packed(field)
}

/// What a reader with one field makes of the bytes that a writer with the other puts down: packed lists, and maps, are
/// length-delimited, and readers of a list of numbers take a packed one as well.
pub(super) fn field_bytes(writer: &Field, reader: &Field) -> Option<&'static str> {
    let numbers = !matches!(Shape::of(reader.kind), Shape::Delimited | Shape::Group);
    let takes_packed = reader.cardinality == Cardinality::Repeated && numbers;
    match (is_packed_list(writer), takes_packed) {
        (true, true) if Shape::of(writer.kind) != Shape::of(reader.kind) => {
            Some("take the packed list for one of another width: other numbers, or the message is refused")
        }
        (true, false) => match reader.kind {
            Kind::String => Some("take the packed list for a text: nonsense, or no valid UTF-8"),
            Kind::Bytes => Some("take the packed list for bytes"),
            Kind::Message(_) => {
                Some("take the packed list for an encoded message and refuse it, or read nonsense")
            }
            _ => Some(DROPPED),
        },
        (false, true) if Shape::of(writer.kind) == Shape::Delimited => {
            Some("take the bytes for a packed list of numbers: nonsense, or the message is refused")
        }
        _ => bytes(writer.kind, reader.kind),
    }
}

/// The ways in which readers take a field.
pub(super) fn taken(field: &Field) -> Vec<Shape> {
    both(Shape::of(field.kind), field.cardinality == Cardinality::Repeated)
}

/// The ways in which a former field can have been written, by its type in words: `repeated int32`, `map of string to int64`.
pub(super) fn written(pairs: &Pairs<'_>, former: &str) -> Option<Vec<Shape>> {
    let (name, list) = former.strip_prefix("repeated ").map_or((former, false), |it| (it, true));
    if name.starts_with("map of ") {
        return Some(vec![Shape::Delimited]);
    }
    let shape = match name {
        "int32" | "int64" | "uint32" | "uint64" | "sint32" | "sint64" | "bool" => Shape::Varint,
        "fixed32" | "sfixed32" | "float" => Shape::Fixed32,
        "fixed64" | "sfixed64" | "double" => Shape::Fixed64,
        "string" | "bytes" => Shape::Delimited,
        group if group.starts_with("group ") => Shape::Group,
        name => match pairs.current.find(name).or_else(|| pairs.baseline.find(name))? {
            Element::Enum(_) => Shape::Varint,
            _ => Shape::Delimited,
        },
    };
    Some(both(shape, list))
}

/// Lists of numbers are packed or not.
fn both(shape: Shape, list: bool) -> Vec<Shape> {
    if list && !matches!(shape, Shape::Delimited | Shape::Group) {
        return vec![shape, Shape::Delimited];
    }
    vec![shape]
}

/// What the reader makes of the writer's bytes.
fn bytes(writer: Kind, reader: Kind) -> Option<&'static str> {
    if Shape::of(writer) != Shape::of(reader) {
        return Some(DROPPED);
    }
    match (writer, reader) {
        (Kind::String, Kind::Bytes) => None,
        (Kind::Bytes, Kind::String) => Some("refuse the message when the bytes are no valid UTF-8"),
        (Kind::Message(_) | Kind::Group(_), Kind::Message(_) | Kind::Group(_)) => None,
        (Kind::Bytes, Kind::Message(_)) => {
            Some("refuse the message unless the bytes happen to be an encoded message")
        }
        (Kind::Message(_), Kind::Bytes) => None,
        (Kind::String, Kind::Message(_)) => {
            Some("take text for an encoded message and refuse it, or read nonsense")
        }
        (Kind::Message(_), Kind::String) => {
            Some("take an encoded message for text: nonsense, or no valid UTF-8")
        }
        (writer, reader) if is_float(writer) != is_float(reader) => {
            Some("take the bits of a floating-point number for an integer, or the other way round")
        }
        (writer, reader) if is_zigzag(writer) != is_zigzag(reader) => Some(
            "read another number: only one of the types is ZigZag-encoded (1 and 2, -1 and 1 are the same bytes)",
        ),
        (Kind::Bool, _) => None,
        (_, Kind::Bool) => Some("see `true` for every number but 0"),
        (Kind::Enum(_), Kind::Enum(_)) => None,
        (writer, Kind::Enum(_)) if is_64_bit(writer) => {
            Some("cut the number to 32 bits and may not know the value that it names")
        }
        (Kind::Enum(_), Kind::Int32 | Kind::Int64) => None,
        (_, Kind::Enum(_)) => Some("may not know the value that the number names"),
        (writer, reader) if is_64_bit(writer) && !is_64_bit(reader) => {
            Some("keep the low 32 bits: 4294967297 is read as 1")
        }
        (writer, reader) if is_signed(writer) && !is_signed(reader) => {
            Some("see large positive numbers for negative ones")
        }
        (writer, reader)
            if !is_signed(writer) && is_signed(reader) && is_64_bit(writer) == is_64_bit(reader) =>
        {
            Some("see negative numbers for those in the upper half of the range")
        }
        _ => None,
    }
}

/// How a type is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number.
    Number,
    /// Digits in a string.
    Digits,
    /// A number, or `"NaN"` and its kin.
    Float,
    Bool,
    Text,
    Base64,
    /// The name of a value.
    Name,
    Object,
}

fn form(kind: Kind) -> Form {
    match kind {
        Kind::Double | Kind::Float => Form::Float,
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => Form::Digits,
        Kind::Bool => Form::Bool,
        Kind::String => Form::Text,
        Kind::Bytes => Form::Base64,
        Kind::Enum(_) => Form::Name,
        Kind::Message(_) | Kind::Group(_) => Form::Object,
        _ => Form::Number,
    }
}

/// What a type looks like in JSON.
pub(super) fn example(kind: Kind) -> &'static str {
    match form(kind) {
        Form::Number => "7",
        Form::Digits => "\"7\"",
        Form::Float => "1.5",
        Form::Bool => "true",
        Form::Text => "\"text\"",
        Form::Base64 => "\"dGV4dA==\"",
        Form::Name => "\"NAME\"",
        Form::Object => "{…}",
    }
}

/// What a parser with the reader's type makes of the writer's JSON.
pub(super) fn json(writer: Kind, reader: Kind) -> Option<&'static str> {
    match (form(writer), form(reader)) {
        (Form::Object, Form::Object) | (Form::Bool, Form::Bool) | (Form::Text, Form::Text) => None,
        (Form::Name, Form::Name) | (Form::Base64, Form::Base64) | (Form::Float, Form::Float) => None,
        (Form::Number | Form::Digits, Form::Number | Form::Digits) => {
            if is_64_bit(writer) && !is_64_bit(reader) {
                Some("refuse numbers beyond 32 bits")
            } else if is_signed(writer) && !is_signed(reader) {
                Some("refuse negative numbers")
            } else if !is_signed(writer) && is_signed(reader) && is_64_bit(writer) == is_64_bit(reader) {
                Some("refuse numbers in the upper half of the range")
            } else {
                None
            }
        }
        (Form::Number | Form::Digits, Form::Float) => Some("may round large integers"),
        (Form::Float, Form::Number | Form::Digits) => Some("refuse fractions, `NaN` and `Infinity`"),
        (Form::Digits, Form::Text) => None,
        (Form::Number, Form::Text) => Some("refuse a number where a text is expected"),
        (Form::Float, Form::Text) => Some("refuse a number where a text is expected"),
        (Form::Text, Form::Number | Form::Digits | Form::Float) => Some("refuse texts that are no number"),
        (Form::Text, Form::Base64) => {
            Some("refuse texts that are no base64, and decode the others to other bytes")
        }
        (Form::Base64, Form::Text) => Some("see base64 for text"),
        (Form::Name, Form::Text) => None,
        (Form::Text, Form::Name) => Some("refuse texts that are no name of a value"),
        (Form::Number, Form::Name) => Some("may not know the value that the number names"),
        (Form::Name, Form::Number | Form::Digits | Form::Float) => Some("refuse the name of a value"),
        (_, Form::Bool) => Some("refuse all but `true` and `false`"),
        (Form::Bool, _) => Some("refuse `true` and `false`"),
        (Form::Object, _) => Some("refuse an object where a single value is expected"),
        (_, Form::Object) => Some("refuse a single value where an object is expected"),
        _ => Some("refuse the value, or see another one"),
    }
}
