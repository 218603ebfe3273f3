//! Whether a reader understood what a writer meant, across schemas and types.
//!
//! Numbers are compared by value, texts and bytes by bytes, enums by number and name, messages field by field. A single value and a
//! list of one mean the same.

use protogate_schema::Schema;
use protogate_schema::model::element::Kind;

use super::value::{Message, Value, entry, field_of, is_zero, name_of};

/// One side of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) schema: &'a Schema,
    pub(super) kind: Kind,
}

/// Whether the read message says what the written one says; nothing is unknown to the reader.
pub(super) fn messages(writer: &Schema, written: &Message, reader: &Schema, read: &Message) -> bool {
    if !read.unknown.is_empty() {
        return false;
    }
    let all_read = written.fields.iter().all(|(number, value)| match read.fields.get(number) {
        Some(other) => fields(writer, written, reader, read, *number, value, other),
        None => is_zero(value),
    });
    all_read
        && read.fields.iter().all(|(number, value)| written.fields.contains_key(number) || is_zero(value))
}

fn fields(
    writer: &Schema,
    written: &Message,
    reader: &Schema,
    read: &Message,
    number: i32,
    value: &Value,
    other: &Value,
) -> bool {
    let (Some(a), Some(b)) = (field_of(writer, written.id, number), field_of(reader, read.id, number)) else {
        return false;
    };
    let (a, b) = (Side { schema: writer, kind: a.kind }, Side { schema: reader, kind: b.kind });
    if let (Value::Map(left), Value::Map(right)) = (value, other) {
        let kinds = |side: Side<'_>| {
            let field = field_of(
                side.schema,
                if std::ptr::eq(side.schema, writer) { written.id } else { read.id },
                number,
            )?;
            let (key, of) = entry(side.schema, field)?;
            Some((side.schema.field(key).kind, side.schema.field(of).kind))
        };
        let (Some((ka, va)), Some((kb, vb))) = (kinds(a), kinds(b)) else { return false };
        return left.len() == right.len()
            && left.iter().zip(right).all(|((k, v), (l, w))| {
                values(Side { kind: ka, ..a }, k, Side { kind: kb, ..b }, l)
                    && values(Side { kind: va, ..a }, v, Side { kind: vb, ..b }, w)
            });
    }
    match (value, other) {
        (Value::Map(entries), Value::List(list)) | (Value::List(list), Value::Map(entries)) => {
            entries.len() == list.len() && entries.iter().zip(list).all(|(entry, it)| same_entry(entry, it))
        }
        _ => values(a, value, b, other),
    }
}

/// An entry of a map and a message of key and value: the same on the wire.
fn same_entry((key, value): &(Value, Value), message: &Value) -> bool {
    let Value::Message(message) = message else { return false };
    let part = |number: i32, value: &Value| match message.fields.get(&number) {
        Some(it) => it == value,
        None => is_zero(value),
    };
    part(1, key) && part(2, value) && message.unknown.is_empty()
}

fn values(a: Side<'_>, value: &Value, b: Side<'_>, other: &Value) -> bool {
    match (value, other) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| values(a, l, b, r))
        }
        (Value::List(list), single) | (single, Value::List(list)) if !matches!(single, Value::Map(_)) => {
            match list.as_slice() {
                [only] if matches!(value, Value::List(_)) => values(a, only, b, single),
                [only] => values(a, single, b, only),
                _ => false,
            }
        }
        (Value::Message(left), Value::Message(right)) => messages(a.schema, left, b.schema, right),
        (Value::Text(left) | Value::Bytes(left), Value::Text(right) | Value::Bytes(right)) => left == right,
        (Value::Float(left), Value::Float(right)) => left == right || left.is_nan() && right.is_nan(),
        (Value::Double(left), Value::Double(right)) => left == right || left.is_nan() && right.is_nan(),
        (Value::Float(single), Value::Double(double)) | (Value::Double(double), Value::Float(single)) => {
            *double == f64::from(*single) || double.is_nan() && single.is_nan()
        }
        (Value::Enum(left), Value::Enum(right)) => {
            left == right && name_of(a.schema, a.kind, *left) == name_of(b.schema, b.kind, *right)
        }
        // A reader of texts gets the digits of a JSON string.
        (Value::Integer(number), Value::Text(text)) | (Value::Text(text), Value::Integer(number)) => {
            number.to_string().as_bytes() == text.as_slice()
        }
        _ => match (integer(value), integer(other)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
    }
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Integer(it) => Some(*it),
        Value::Bool(it) => Some(i128::from(*it)),
        Value::Enum(it) => Some(i128::from(*it)),
        Value::Float(it) if it.fract() == 0.0 => Some(*it as i128),
        Value::Double(it) if it.fract() == 0.0 => Some(*it as i128),
        _ => None,
    }
}
