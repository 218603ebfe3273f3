//! Messages as values: what a sample is built from, what the encoders write and the decoders read.
//!
//! A value knows nothing of names; it belongs to the schema that its message id comes from.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Field, FieldId, Kind, MessageId};

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Any integer; the kind of the field bounds it.
    Integer(i128),
    Bool(bool),
    Float(f32),
    Double(f64),
    /// `string`: bytes, because some dialects let through what is no UTF-8.
    Text(Vec<u8>),
    Bytes(Vec<u8>),
    /// Number of an enum value.
    Enum(i32),
    Message(Message),
    List(Vec<Self>),
    /// Entries of a map in the order written; keys are not repeated.
    Map(Vec<(Self, Self)>),
}

/// A message: fields by number, and what the schema does not know.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) fields: BTreeMap<i32, Value>,
    pub(super) unknown: Vec<Unknown>,
}

/// A field that the reader has no declaration for, or whose content does not fit it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unknown {
    pub(super) number: i32,
    pub(super) content: Content,
}

/// Content of an unknown field, by wire type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Varint(u64),
    Fixed64(u64),
    Bytes(Vec<u8>),
    Group(Vec<Unknown>),
    Fixed32(u32),
}

impl Message {
    pub(super) fn new(id: MessageId) -> Self {
        Self { id, fields: BTreeMap::new(), unknown: Vec::new() }
    }
}

/// The declaration of a number: a field of the message, or an extension of it.
pub(super) fn field_of(schema: &Schema, message: MessageId, number: i32) -> Option<&Field> {
    let declared = schema.message(message);
    if let Some(field) = declared.fields.iter().map(|&id| schema.field(id)).find(|it| it.number == number) {
        return Some(field);
    }
    if !declared.extension_ranges.iter().any(|range| range.contains(number)) {
        return None;
    }
    let mut extensions = schema.fields().map(|(_, field)| field);
    extensions.find(|it| it.number == number && it.extendee.as_deref() == Some(&declared.full_name))
}

/// Key and value of a map's entry.
pub(super) fn entry(schema: &Schema, field: &Field) -> Option<(FieldId, FieldId)> {
    match (field.cardinality, field.kind) {
        (Cardinality::Map, Kind::Message(id)) => {
            let find = |number| {
                schema.message(id).fields.iter().copied().find(|&it| schema.field(it).number == number)
            };
            Some((find(1)?, find(2)?))
        }
        _ => None,
    }
}

/// The value of a field that was not sent, for kinds that have one; an enum's is its first value.
pub(super) fn zero(schema: &Schema, kind: Kind) -> Value {
    match kind {
        Kind::Bool => Value::Bool(false),
        Kind::Float => Value::Float(0.0),
        Kind::Double => Value::Double(0.0),
        Kind::String => Value::Text(Vec::new()),
        Kind::Bytes => Value::Bytes(Vec::new()),
        Kind::Message(id) | Kind::Group(id) => Value::Message(Message::new(id)),
        Kind::Enum(id) => {
            let first = schema.enumeration(id).values.first();
            Value::Enum(first.map_or(0, |&id| schema.value(id).number))
        }
        _ => Value::Integer(0),
    }
}

/// Whether a field is sent although it holds its zero.
pub(super) fn has_presence(field: &Field) -> bool {
    field.cardinality != Cardinality::Implicit
}

/// Whether a value is the zero of its kind; a float's is the positive one.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Integer(it) => *it == 0,
        Value::Bool(it) => !it,
        Value::Float(it) => it.to_bits() == 0,
        Value::Double(it) => it.to_bits() == 0,
        Value::Text(it) | Value::Bytes(it) => it.is_empty(),
        Value::Enum(it) => *it == 0,
        Value::List(it) => it.is_empty(),
        Value::Map(it) => it.is_empty(),
        Value::Message(_) => false,
    }
}

/// Whether an enum takes numbers that it does not declare.
pub(super) fn is_open(schema: &Schema, kind: Kind) -> bool {
    match kind {
        Kind::Enum(id) => schema.enumeration(id).features.enum_type != 2,
        _ => true,
    }
}

/// The name of an enum's number, the first one declared.
pub(super) fn name_of(schema: &Schema, kind: Kind, number: i32) -> Option<&str> {
    let Kind::Enum(id) = kind else { return None };
    let mut values = schema.enumeration(id).values.iter().map(|&id| schema.value(id));
    values.find(|value| value.number == number).map(|value| value.name.as_str())
}
