//! The binary encoding of a value, as a writer with its schema produces it: fields in the order of their numbers.
//!
//! Protocol Buffers encoding: <https://protobuf.dev/programming-guides/encoding/>.

use protogate_schema::Schema;
use protogate_schema::model::element::{Field, Kind};
use protogate_schema::model::wire;

use super::value::{Content, Message, Unknown, Value, entry, field_of, has_presence, is_zero};

/// Wire types.
pub(super) const VARINT: u64 = 0;
pub(super) const FIXED64: u64 = 1;
pub(super) const BYTES: u64 = 2;
pub(super) const START: u64 = 3;
pub(super) const END: u64 = 4;
pub(super) const FIXED32: u64 = 5;

/// The bytes of a message.
pub(super) fn encode(schema: &Schema, message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    for (&number, value) in &message.fields {
        let Some(field) = field_of(schema, message.id, number) else { continue };
        match value {
            Value::List(list) if is_packed(field) => {
                if list.is_empty() {
                    continue;
                }
                let mut packed = Vec::new();
                list.iter().for_each(|value| scalar(field.kind, value, &mut packed));
                tag(&mut out, number, BYTES);
                delimited(&mut out, &packed);
            }
            Value::List(list) => list.iter().for_each(|value| single(schema, field, value, &mut out)),
            Value::Map(entries) => {
                let Some((key, of)) = entry(schema, field) else { continue };
                for (k, v) in entries {
                    let mut inner = Vec::new();
                    single(schema, schema.field(key), k, &mut inner);
                    single(schema, schema.field(of), v, &mut inner);
                    tag(&mut out, number, BYTES);
                    delimited(&mut out, &inner);
                }
            }
            value if !has_presence(field) && is_zero(value) => {}
            value => single(schema, field, value, &mut out),
        }
    }
    unknown(&message.unknown, &mut out);
    out
}

/// Whether a writer packs the list: the dialect's way, unless the option says otherwise.
pub(crate) fn is_packed(field: &Field) -> bool {
    let packable = !matches!(field.kind, Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_));
    let option = wire::Fields::new(&field.raw_options).find_map(|(number, value)| match (number, value) {
        (2, wire::Value::Number(flag)) => Some(flag != 0),
        _ => None,
    });
    packable && option.unwrap_or(field.features.repeated_field_encoding == 1)
}

fn unknown(fields: &[Unknown], out: &mut Vec<u8>) {
    for Unknown { number, content } in fields {
        match content {
            Content::Varint(it) => {
                tag(out, *number, VARINT);
                varint(out, *it);
            }
            Content::Fixed64(it) => {
                tag(out, *number, FIXED64);
                out.extend(it.to_le_bytes());
            }
            Content::Bytes(it) => {
                tag(out, *number, BYTES);
                delimited(out, it);
            }
            Content::Group(inner) => {
                tag(out, *number, START);
                unknown(inner, out);
                tag(out, *number, END);
            }
            Content::Fixed32(it) => {
                tag(out, *number, FIXED32);
                out.extend(it.to_le_bytes());
            }
        }
    }
}

fn single(schema: &Schema, field: &Field, value: &Value, out: &mut Vec<u8>) {
    match (field.kind, value) {
        (Kind::Group(_), Value::Message(message)) => {
            tag(out, field.number, START);
            out.extend(encode(schema, message));
            tag(out, field.number, END);
        }
        (_, Value::Message(message)) => {
            tag(out, field.number, BYTES);
            delimited(out, &encode(schema, message));
        }
        (_, Value::Text(bytes) | Value::Bytes(bytes)) => {
            tag(out, field.number, BYTES);
            delimited(out, bytes);
        }
        (kind, value) => {
            tag(out, field.number, wire_type(kind));
            scalar(kind, value, out);
        }
    }
}

/// The wire type of a single value.
pub(super) fn wire_type(kind: Kind) -> u64 {
    match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => FIXED64,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => FIXED32,
        Kind::String | Kind::Bytes | Kind::Message(_) => BYTES,
        Kind::Group(_) => START,
        _ => VARINT,
    }
}

fn scalar(kind: Kind, value: &Value, out: &mut Vec<u8>) {
    match (kind, value) {
        (_, Value::Bool(it)) => varint(out, u64::from(*it)),
        // Negative numbers take ten bytes, those of 32 bits too.
        (_, Value::Enum(it)) => varint(out, i64::from(*it) as u64),
        (_, Value::Float(it)) => out.extend(it.to_le_bytes()),
        (_, Value::Double(it)) => out.extend(it.to_le_bytes()),
        (Kind::Fixed32 | Kind::Sfixed32, Value::Integer(it)) => out.extend((*it as u32).to_le_bytes()),
        (Kind::Fixed64 | Kind::Sfixed64, Value::Integer(it)) => out.extend((*it as u64).to_le_bytes()),
        (Kind::Sint32 | Kind::Sint64, Value::Integer(it)) => {
            let it = *it as i64;
            varint(out, ((it << 1) ^ (it >> 63)) as u64);
        }
        (_, Value::Integer(it)) => varint(out, *it as u64),
        _ => {}
    }
}

fn tag(out: &mut Vec<u8>, number: i32, wire_type: u64) {
    varint(out, (number as u64) << 3 | wire_type);
}

fn delimited(out: &mut Vec<u8>, bytes: &[u8]) {
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
