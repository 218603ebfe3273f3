//! ProtoJSON → bytes, as far as descriptor sets and the options in them need it.
//!
//! Messages are encoded while they are read; only scalars, maps and the well-known types pass through a small tree. Reading a
//! large image therefore takes the memory of its text and its bytes, not of a tree of it.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::encoder::{Scalar, Slot, Type, Types};
use super::well_known;
use crate::error::Diagnostic;
use crate::model::element::{Cardinality, Kind};

pub(super) fn read(text: &str, types: &Types<'_>) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut out = Vec::with_capacity(text.len() / 3);
    let Some(root) = types.root() else { return Ok(out) };
    let mut source = serde_json::Deserializer::from_str(text);
    let read = MessageSeed { types, of: root, out: &mut out }.deserialize(&mut source);
    read.and_then(|()| source.end())
        .map_err(|error| Box::new(Diagnostic::new(format!("is no JSON image, or a damaged one: {error}"))))?;
    Ok(out)
}

pub(super) fn of_tree(tree: &Value, types: &Types<'_>) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut out = Vec::new();
    let Some(root) = types.root() else { return Ok(out) };
    MessageSeed { types, of: root, out: &mut out }
        .deserialize(tree)
        .map_err(|error| Box::new(Diagnostic::new(format!("is no YAML image, or a damaged one: {error}"))))?;
    Ok(out)
}

/// Encodes an object as a message.
struct MessageSeed<'a, 'b> {
    types: &'b Types<'a>,
    of: Type<'a>,
    out: &'b mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object (`{}`)", self.of.full_name())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let extension = key.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            let slot = match extension {
                Some(name) => self.types.extension(self.of, name),
                None => self.types.field(self.of, &key),
            };
            match slot {
                Some(slot) => map.next_value_seed(FieldSeed { types: self.types, slot, out: self.out })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Encodes the value of a field, with its key.
struct FieldSeed<'a, 'b> {
    types: &'b Types<'a>,
    slot: Slot<'a>,
    out: &'b mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        match self.slot.message().filter(|of| !well_known::is(of.full_name())) {
            Some(of) if self.slot.field.cardinality != Cardinality::Map => {
                source.deserialize_any(MessagesVisitor { of, field: self })
            }
            _ => {
                let value = Value::deserialize(source)?;
                put_field(self.types, self.slot, &value, self.out).map_err(D::Error::custom)
            }
        }
    }
}

/// One message, or a list of them.
struct MessagesVisitor<'a, 'b> {
    of: Type<'a>,
    field: FieldSeed<'a, 'b>,
}

impl<'de> Visitor<'de> for MessagesVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object or a list of objects for `{}`", self.field.slot.field.name)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let mut body = Vec::new();
        MessageSeed { types: self.field.types, of: self.of, out: &mut body }.visit_map(map)?;
        self.field.slot.put_message(&body, self.field.out);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut body = Vec::new();
        while list
            .next_element_seed(MessageSeed { types: self.field.types, of: self.of, out: &mut body })?
            .is_some()
        {
            self.field.slot.put_message(&body, self.field.out);
            body.clear();
        }
        Ok(())
    }
}

/// Encodes a message out of a tree.
pub(super) fn put_tree<'a>(types: &Types<'a>, of: Type<'a>, value: &Value) -> Result<Vec<u8>, String> {
    if let Some(body) = well_known::encode(types, of, value) {
        return body;
    }
    let mut body = Vec::new();
    MessageSeed { types, of, out: &mut body }.deserialize(value).map_err(|error| error.to_string())?;
    Ok(body)
}

/// Encodes the value of a field out of a tree, with its key.
pub(super) fn put_field<'a>(
    types: &Types<'a>,
    slot: Slot<'a>,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let name = &slot.field.name;
    match (slot.field.cardinality, value) {
        (Cardinality::Map, Value::Object(entries)) => {
            let entry = slot.message().ok_or("a map without entries")?;
            let (Some(key), Some(content)) = (entry.numbered(1), entry.numbered(2)) else {
                return Err(format!("`{name}` is no map"));
            };
            for (text, value) in entries {
                let mut body = Vec::new();
                // A key that is a number or a switch is written as a text.
                let typed = match key.field.kind {
                    Kind::Bool => Value::Bool(text == "true"),
                    _ => Value::String(text.clone()),
                };
                put_one(types, key, &typed, &mut body)?;
                put_one(types, content, value, &mut body)?;
                slot.put_message(&body, out);
            }
            Ok(())
        }
        (Cardinality::Repeated, Value::Array(values)) if slot.is_packed() => {
            let mut body = Vec::new();
            for value in values {
                if let Some(scalar) = scalar(slot, value)? {
                    slot.put_bare(scalar, &mut body);
                }
            }
            if !body.is_empty() {
                slot.put_bytes(&body, out);
            }
            Ok(())
        }
        (Cardinality::Repeated, Value::Array(values)) => {
            values.iter().try_for_each(|value| put_one(types, slot, value, out))
        }
        (Cardinality::Map | Cardinality::Repeated, Value::Null) => Ok(()),
        (Cardinality::Map | Cardinality::Repeated, other) => {
            Err(format!("`{name}` is no list or map, but {}", kind(other)))
        }
        _ => put_one(types, slot, value, out),
    }
}

fn put_one<'a>(types: &Types<'a>, slot: Slot<'a>, value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
    if let Some(of) = slot.message() {
        // A `google.protobuf.Value` can be null itself.
        if !value.is_null() || of.full_name() == "google.protobuf.Value" {
            slot.put_message(&put_tree(types, of, value)?, out);
        }
        return Ok(());
    }
    let wrong = || Err(format!("`{}` is no {:?}, but {}", slot.field.name, slot.field.kind, kind(value)));
    match (slot.field.kind, value) {
        (_, Value::Null) => {}
        (Kind::String, Value::String(text)) => slot.put_bytes(text.as_bytes(), out),
        (Kind::Bytes, Value::String(text)) => slot.put_bytes(&bytes(text)?, out),
        (Kind::String | Kind::Bytes, _) => return wrong(),
        _ => {
            if let Some(scalar) = scalar(slot, value)? {
                slot.put_scalar(scalar, out);
            }
        }
    }
    Ok(())
}

/// A number, switch or enum value; `None` for the name of an enum value that is not known.
fn scalar(slot: Slot<'_>, value: &Value) -> Result<Option<Scalar>, String> {
    let wrong = || format!("`{}` is no {:?}, but {}", slot.field.name, slot.field.kind, kind(value));
    if slot.is_float() {
        let double = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => match text.as_str() {
                "NaN" => Some(f64::NAN),
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                text => text.parse().ok().filter(|it: &f64| it.is_finite()),
            },
            _ => None,
        };
        return double.map(|it| Some(Scalar::Double(it))).ok_or_else(wrong);
    }
    let whole = match (slot.field.kind, value) {
        (Kind::Bool, Value::Bool(switch)) => return Ok(Some(Scalar::Whole(i128::from(*switch)))),
        (Kind::Enum(_), Value::String(name)) => match slot.enum_number(name) {
            Some(number) => Some(i128::from(number)),
            None => return Ok(None),
        },
        (_, Value::String(text)) => whole(text),
        (_, Value::Number(number)) => whole(&number.to_string()),
        _ => None,
    };
    match whole.filter(|it| slot.holds(*it)) {
        Some(whole) => Ok(Some(Scalar::Whole(whole))),
        None => Err(wrong()),
    }
}

/// A whole number, also one with a fraction of zeros or an exponent.
fn whole(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let double: f64 = text.parse().ok()?;
    #[allow(clippy::cast_possible_truncation, reason = "bounded just before")]
    (double.fract() == 0.0 && double.abs() < 9.0e15).then_some(double as i128)
}

/// base64, with either alphabet, with or without padding.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).map_err(|error| format!("not base64: {error}"))
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a switch".to_owned(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => {
            format!("the text `{}`", text.chars().take(40).flat_map(char::escape_debug).collect::<String>())
        }
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
