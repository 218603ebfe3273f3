//! What a reader with a schema makes of bytes: known fields as values, all else as unknown fields.
//!
//! The rules are those of the specification that readers share: packed and unpacked lists are both taken, the last of several
//! single values wins, messages are merged, numbers are cut to the width of their type, closed enums put unknown numbers aside, and
//! a field of another wire type is unknown. Message sets are not read.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Field, Kind, MessageId};

use super::encode::{BYTES, END, FIXED32, FIXED64, START, VARINT, wire_type};
use super::value::{Content, Message, Unknown, Value, entry, field_of, is_open, name_of, zero};

/// Deepest nesting that readers follow.
const DEPTH: usize = 100;

/// Reads a message, and refuses it like a parser: with a reason, lower case.
pub(super) fn decode(schema: &Schema, id: MessageId, bytes: &[u8]) -> Result<Message, String> {
    let mut message = Message::new(id);
    let mut reader = Reader { bytes, schema };
    reader.message(&mut message, None, DEPTH)?;
    missing(schema, &message)?;
    Ok(message)
}

/// Required fields are looked for at the end, because a message may come in several parts.
pub(super) fn missing(schema: &Schema, message: &Message) -> Result<(), String> {
    for &id in &schema.message(message.id).fields {
        let field = schema.field(id);
        if field.cardinality == Cardinality::Required && !message.fields.contains_key(&field.number) {
            return Err(format!("the required field `{}` is missing", field.name));
        }
    }
    message.fields.values().try_for_each(|value| missing_below(schema, value))
}

fn missing_below(schema: &Schema, value: &Value) -> Result<(), String> {
    match value {
        Value::Message(message) => missing(schema, message),
        Value::List(list) => list.iter().try_for_each(|it| missing_below(schema, it)),
        Value::Map(entries) => entries.iter().try_for_each(|(_, it)| missing_below(schema, it)),
        _ => Ok(()),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    schema: &'a Schema,
}

impl<'a> Reader<'a> {
    /// Reads fields until the end of the bytes, or of the group with this number.
    fn message(&mut self, out: &mut Message, group: Option<i32>, depth: usize) -> Result<(), String> {
        if depth == 0 {
            return Err(format!("it is nested deeper than {DEPTH} messages"));
        }
        while !self.bytes.is_empty() {
            let (number, wire) = self.tag()?;
            if wire == END {
                return if group == Some(number) {
                    Ok(())
                } else {
                    Err("a group ends that did not start".to_owned())
                };
            }
            match field_of(self.schema, out.id, number) {
                Some(field) => self.field(out, field, wire, depth)?,
                None => {
                    let content = self.content(number, wire, depth)?;
                    out.unknown.push(Unknown { number, content });
                }
            }
        }
        if group.is_some() { Err("it ends inside a group".to_owned()) } else { Ok(()) }
    }

    fn field(&mut self, out: &mut Message, field: &Field, wire: u64, depth: usize) -> Result<(), String> {
        let number = field.number;
        let expected = wire_type(field.kind);
        let list = field.cardinality == Cardinality::Repeated;
        if list && wire == BYTES && expected != BYTES && expected != START {
            return self.packed(out, field);
        }
        if wire != expected {
            let content = self.content(number, wire, depth)?;
            out.unknown.push(Unknown { number, content });
            return Ok(());
        }
        if let Some((key, of)) = entry(self.schema, field) {
            let Kind::Message(id) = field.kind else { return Ok(()) };
            let bytes = self.delimited()?;
            let mut inner = Message::new(id);
            Reader { bytes, schema: self.schema }.message(&mut inner, None, depth - 1)?;
            let of = self.schema.field(of);
            // What does not fit takes its whole entry along: the value of a closed enum everywhere, anything else in upb (on which
            // Python, PHP and Ruby stand). Other readers fill in the default, and lose as much.
            if !inner.unknown.is_empty() {
                out.unknown.push(Unknown { number, content: Content::Bytes(bytes.to_vec()) });
                return Ok(());
            }
            let mut part = |number: i32, kind: Kind| {
                inner.fields.remove(&number).unwrap_or_else(|| zero(self.schema, kind))
            };
            let key = part(1, self.schema.field(key).kind);
            let value = part(2, of.kind);
            if let Value::Map(entries) = out.fields.entry(number).or_insert_with(|| Value::Map(Vec::new())) {
                entries.retain(|(known, _)| *known != key);
                entries.push((key, value));
            }
            return Ok(());
        }
        let value = match field.kind {
            Kind::Message(id) | Kind::Group(id) => {
                // A single message that comes twice is merged.
                let old = match out.fields.get(&number) {
                    Some(Value::Message(old)) if !list => Some(old.clone()),
                    _ => None,
                };
                let mut inner = old.unwrap_or_else(|| Message::new(id));
                if wire == START {
                    self.message(&mut inner, Some(number), depth - 1)?;
                } else {
                    let bytes = self.delimited()?;
                    Reader { bytes, schema: self.schema }.message(&mut inner, None, depth - 1)?;
                }
                Value::Message(inner)
            }
            Kind::String => {
                let bytes = self.delimited()?;
                if field.features.utf8_validation == 2 && std::str::from_utf8(bytes).is_err() {
                    return Err(format!("the string `{}` is no valid UTF-8", field.name));
                }
                Value::Text(bytes.to_vec())
            }
            Kind::Bytes => Value::Bytes(self.delimited()?.to_vec()),
            _ => match self.scalar(field.kind)? {
                Ok(value) => value,
                Err(aside) => {
                    out.unknown.push(Unknown { number, content: aside });
                    return Ok(());
                }
            },
        };
        if list {
            if let Value::List(values) = out.fields.entry(number).or_insert_with(|| Value::List(Vec::new())) {
                values.push(value);
            }
        } else {
            clear_others(self.schema, out, field);
            out.fields.insert(number, value);
        }
        Ok(())
    }

    fn packed(&mut self, out: &mut Message, field: &Field) -> Result<(), String> {
        let bytes = self.delimited()?;
        let mut reader = Reader { bytes, schema: self.schema };
        let mut values = Vec::new();
        while !reader.bytes.is_empty() {
            match reader.scalar(field.kind)? {
                Ok(value) => values.push(value),
                Err(content) => out.unknown.push(Unknown { number: field.number, content }),
            }
        }
        if values.is_empty() {
            return Ok(());
        }
        if let Value::List(list) = out.fields.entry(field.number).or_insert_with(|| Value::List(Vec::new())) {
            list.extend(values);
        }
        Ok(())
    }

    /// A number as the kind has it; as what it is on the wire when a closed enum does not know it.
    fn scalar(&mut self, kind: Kind) -> Result<Result<Value, Content>, String> {
        Ok(Ok(match kind {
            Kind::Double => Value::Double(f64::from_le_bytes(self.array()?)),
            Kind::Float => Value::Float(f32::from_le_bytes(self.array()?)),
            Kind::Fixed64 => Value::Integer(u64::from_le_bytes(self.array()?).into()),
            Kind::Sfixed64 => Value::Integer(i64::from_le_bytes(self.array()?).into()),
            Kind::Fixed32 => Value::Integer(u32::from_le_bytes(self.array()?).into()),
            Kind::Sfixed32 => Value::Integer(i32::from_le_bytes(self.array()?).into()),
            Kind::Bool => Value::Bool(self.varint()? != 0),
            Kind::Int64 => Value::Integer((self.varint()? as i64).into()),
            Kind::Uint64 => Value::Integer(self.varint()?.into()),
            Kind::Int32 => Value::Integer((self.varint()? as i32).into()),
            Kind::Uint32 => Value::Integer((self.varint()? as u32).into()),
            Kind::Sint64 => {
                let raw = self.varint()?;
                Value::Integer(((raw >> 1) as i64 ^ -((raw & 1) as i64)).into())
            }
            Kind::Sint32 => {
                let raw = self.varint()? as u32;
                Value::Integer(((raw >> 1) as i32 ^ -((raw & 1) as i32)).into())
            }
            Kind::Enum(_) => {
                let raw = self.varint()?;
                let number = raw as i32;
                if !is_open(self.schema, kind) && name_of(self.schema, kind, number).is_none() {
                    return Ok(Err(Content::Varint(raw)));
                }
                Value::Enum(number)
            }
            Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_) => {
                return Err("a number was expected".to_owned());
            }
        }))
    }

    /// The content of a field that nobody declares.
    fn content(&mut self, number: i32, wire: u64, depth: usize) -> Result<Content, String> {
        if depth == 0 {
            return Err(format!("it is nested deeper than {DEPTH} messages"));
        }
        Ok(match wire {
            VARINT => Content::Varint(self.varint()?),
            FIXED64 => Content::Fixed64(u64::from_le_bytes(self.array()?)),
            BYTES => Content::Bytes(self.delimited()?.to_vec()),
            FIXED32 => Content::Fixed32(u32::from_le_bytes(self.array()?)),
            START => {
                let mut inner = Vec::new();
                loop {
                    let (next, wire) = self.tag()?;
                    if wire == END {
                        if next == number {
                            return Ok(Content::Group(inner));
                        }
                        return Err("a group ends that did not start".to_owned());
                    }
                    let content = self.content(next, wire, depth - 1)?;
                    inner.push(Unknown { number: next, content });
                }
            }
            _ => return Err(format!("there is no wire type {wire}")),
        })
    }

    fn tag(&mut self) -> Result<(i32, u64), String> {
        let raw = self.varint()?;
        let number = raw >> 3;
        if number == 0 || raw > u64::from(u32::MAX) {
            return Err(format!("there is no field number {number}"));
        }
        Ok((number as i32, raw & 7))
    }

    fn delimited(&mut self) -> Result<&'a [u8], String> {
        let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
        let (head, tail) = self.bytes.split_at_checked(length).ok_or_else(end)?;
        self.bytes = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, tail) = self.bytes.split_first_chunk().ok_or_else(end)?;
        self.bytes = tail;
        Ok(*head)
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let (&byte, tail) = self.bytes.split_first().ok_or_else(end)?;
            self.bytes = tail;
            // The tenth byte has room for one bit; what readers do with more is not said, most of them drop it.
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number is longer than ten bytes".to_owned())
    }
}

fn end() -> String {
    "it ends in the middle of a field".to_owned()
}

/// Setting a member of a oneof clears the others.
pub(super) fn clear_others(schema: &Schema, out: &mut Message, field: &Field) {
    let Some(index) = field.oneof else { return };
    let Some(oneof) = schema.message(out.id).oneofs.get(index as usize) else { return };
    for &id in &oneof.fields {
        let number = schema.field(id).number;
        if number != field.number {
            out.fields.remove(&number);
        }
    }
}
