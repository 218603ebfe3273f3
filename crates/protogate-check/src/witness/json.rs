//! ProtoJSON of a value: how a writer with its schema writes it, and what a reader with a schema makes of a text.
//!
//! The reader is as strict as the parsers of the reference implementations are by default: unknown names and values are refused.
//! Messages of `google.protobuf` that have a form of their own are not known here; [`is_plain`] says whether one is involved.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Field, Kind, MessageId};
use serde_json::{Map, Value as Json};

use super::decode::{clear_others, missing};
use super::value::{
    Content, Message, Unknown, Value, entry, field_of, has_presence, is_open, is_zero, name_of,
};

/// How deep [`is_plain`] looks.
const DEPTH: usize = 8;

/// The text that a writer with the schema produces.
pub(super) fn text(schema: &Schema, message: &Message) -> String {
    object(schema, message).to_string()
}

/// The text, and the unknown fields in words behind it.
pub(super) fn described(schema: &Schema, message: &Message) -> String {
    let text = text(schema, message);
    let mut unknown = Vec::new();
    all_unknown(message, &mut unknown);
    if unknown.is_empty() {
        return text;
    }
    let list: Vec<String> = unknown.iter().take(3).map(|it| describe_unknown(it)).collect();
    let more = if unknown.len() > 3 { ", …" } else { "" };
    format!("{text} (unknown: {}{more})", list.join(", "))
}

fn all_unknown<'m>(message: &'m Message, out: &mut Vec<&'m Unknown>) {
    fn below<'m>(value: &'m Value, out: &mut Vec<&'m Unknown>) {
        match value {
            Value::Message(message) => all_unknown(message, out),
            Value::List(list) => list.iter().for_each(|it| below(it, out)),
            Value::Map(entries) => entries.iter().for_each(|(_, it)| below(it, out)),
            _ => {}
        }
    }
    out.extend(&message.unknown);
    message.fields.values().for_each(|value| below(value, out));
}

fn describe_unknown(unknown: &Unknown) -> String {
    let number = unknown.number;
    match &unknown.content {
        Content::Varint(it) => format!("field {number} = varint {it}"),
        Content::Fixed64(it) => format!("field {number} = 64 bits {it:#x}"),
        Content::Fixed32(it) => format!("field {number} = 32 bits {it:#x}"),
        Content::Bytes(it) if it.len() == 1 => format!("field {number} = 1 byte"),
        Content::Bytes(it) => format!("field {number} = {} bytes", it.len()),
        Content::Group(_) => format!("field {number} = a group"),
    }
}

fn object(schema: &Schema, message: &Message) -> Json {
    let mut out = Map::new();
    for (&number, value) in &message.fields {
        let Some(field) = field_of(schema, message.id, number) else { continue };
        if (!has_presence(field) || field.is_list_or_map()) && is_zero(value) {
            continue;
        }
        let key = match &field.extendee {
            Some(_) => format!("[{}]", field.full_name),
            None => field.json_name.clone(),
        };
        out.insert(key, member(schema, field, value));
    }
    Json::Object(out)
}

fn member(schema: &Schema, field: &Field, value: &Value) -> Json {
    match value {
        Value::List(list) => list.iter().map(|it| single(schema, field.kind, it)).collect(),
        Value::Map(entries) => {
            let of = entry(schema, field).map_or(field.kind, |(_, of)| schema.field(of).kind);
            let pairs = entries.iter().map(|(key, value)| (key_text(key), single(schema, of, value)));
            Json::Object(pairs.collect())
        }
        value => single(schema, field.kind, value),
    }
}

fn key_text(key: &Value) -> String {
    match key {
        Value::Integer(it) => it.to_string(),
        Value::Bool(it) => it.to_string(),
        Value::Text(it) => String::from_utf8_lossy(it).into_owned(),
        _ => String::new(),
    }
}

fn single(schema: &Schema, kind: Kind, value: &Value) -> Json {
    match value {
        Value::Integer(it) if is_64_bit(kind) => Json::String(it.to_string()),
        Value::Integer(it) => Json::from(*it as i64),
        Value::Bool(it) => Json::Bool(*it),
        // The shortest text of a float is not that of the same number as a double.
        Value::Float(it) => {
            float(f64::from(*it), it.to_string().parse().ok().unwrap_or_else(|| f64::from(*it)))
        }
        Value::Double(it) => float(*it, *it),
        Value::Text(it) => Json::String(String::from_utf8_lossy(it).into_owned()),
        Value::Bytes(it) => Json::String(base64(it)),
        Value::Enum(it) => match name_of(schema, kind, *it) {
            Some(name) => Json::String(name.to_owned()),
            None => Json::from(*it),
        },
        Value::Message(it) => object(schema, it),
        Value::List(_) | Value::Map(_) => Json::Null,
    }
}

fn float(value: f64, shown: f64) -> Json {
    if value.is_nan() {
        Json::from("NaN")
    } else if value.is_infinite() {
        Json::from(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else if shown.fract() == 0.0 && shown.abs() < 1e15 && !(shown == 0.0 && shown.is_sign_negative()) {
        Json::from(shown as i64)
    } else {
        Json::from(shown)
    }
}

pub(super) fn is_64_bit(kind: Kind) -> bool {
    matches!(kind, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding, RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            if position <= chunk.len() {
                out.push(ALPHABET[(word >> (18 - 6 * position) & 63) as usize] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Base64 of either alphabet, with or without padding.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let (mut out, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let byte = match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let six = ALPHABET.iter().position(|&it| it == byte)? as u32;
        word = word << 6 | six;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    // One character alone holds no byte.
    (text.len() % 4 != 1).then_some(out)
}

/// Reads a text, and refuses it like a parser: with a reason, lower case.
pub(super) fn read(schema: &Schema, id: MessageId, text: &str) -> Result<Message, String> {
    let json: Json = serde_json::from_str(text).map_err(|_| "it is no JSON".to_owned())?;
    let message = read_object(schema, id, &json)?;
    missing(schema, &message)?;
    Ok(message)
}

fn read_object(schema: &Schema, id: MessageId, json: &Json) -> Result<Message, String> {
    let Json::Object(members) = json else {
        return Err(format!("{} where an object is expected", what(json)));
    };
    let mut out = Message::new(id);
    for (key, json) in members {
        let fields = schema.message(id).fields.iter().map(|&id| schema.field(id));
        let field = match key.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            Some(name) => schema.fields().map(|(_, it)| it).find(|it| {
                it.full_name == name && it.extendee.as_deref() == Some(&schema.message(id).full_name)
            }),
            None => {
                let by = |name: fn(&Field) -> &str| fields.clone().find(|it| name(it) == key);
                by(|it| &it.json_name).or_else(|| by(|it| &it.name))
            }
        };
        let Some(field) = field else { return Err(format!("there is no name `{key}`")) };
        if json.is_null() {
            continue;
        }
        if out.fields.contains_key(&field.number) {
            return Err(format!("`{key}` is there twice"));
        }
        let value = read_member(schema, field, json).map_err(|why| format!("`{key}`: {why}"))?;
        let before = out.fields.len();
        clear_others(schema, &mut out, field);
        if out.fields.len() != before {
            return Err(format!("`{key}` and another member of its oneof are both set"));
        }
        out.fields.insert(field.number, value);
    }
    Ok(out)
}

fn read_member(schema: &Schema, field: &Field, json: &Json) -> Result<Value, String> {
    match field.cardinality {
        Cardinality::Repeated => {
            let Json::Array(list) = json else {
                return Err(format!("{} where a list is expected", what(json)));
            };
            let values = list.iter().map(|it| read_single(schema, field.kind, it));
            Ok(Value::List(values.collect::<Result<_, _>>()?))
        }
        Cardinality::Map => {
            let Json::Object(members) = json else {
                return Err(format!("{} where an object is expected", what(json)));
            };
            let Some((key, of)) = entry(schema, field) else { return Ok(Value::Map(Vec::new())) };
            let (key, of) = (schema.field(key).kind, schema.field(of).kind);
            let pairs =
                members.iter().map(|(name, json)| Ok((read_key(key, name)?, read_single(schema, of, json)?)));
            Ok(Value::Map(pairs.collect::<Result<_, String>>()?))
        }
        _ => read_single(schema, field.kind, json),
    }
}

fn read_key(kind: Kind, name: &str) -> Result<Value, String> {
    match kind {
        Kind::String => Ok(Value::Text(name.as_bytes().to_vec())),
        Kind::Bool => match name {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(format!("{name:?} where `true` or `false` is expected")),
        },
        _ => read_integer(kind, &Json::from(name)),
    }
}

fn read_single(schema: &Schema, kind: Kind, json: &Json) -> Result<Value, String> {
    match kind {
        Kind::Message(id) | Kind::Group(id) => Ok(Value::Message(read_object(schema, id, json)?)),
        Kind::String => match json {
            Json::String(it) => Ok(Value::Text(it.as_bytes().to_vec())),
            _ => Err(format!("{} where a text is expected", what(json))),
        },
        Kind::Bytes => match json {
            Json::String(it) => {
                from_base64(it).map(Value::Bytes).ok_or_else(|| format!("{it:?} is no base64"))
            }
            _ => Err(format!("{} where a text is expected", what(json))),
        },
        Kind::Bool => match json {
            Json::Bool(it) => Ok(Value::Bool(*it)),
            _ => Err(format!("{} where `true` or `false` is expected", what(json))),
        },
        Kind::Float | Kind::Double => read_float(kind, json),
        Kind::Enum(id) => match json {
            Json::String(name) => {
                let mut values = schema.enumeration(id).values.iter().map(|&id| schema.value(id));
                let value = values.find(|value| value.name == *name);
                value
                    .map(|value| Value::Enum(value.number))
                    .ok_or_else(|| format!("{name:?} is no value of `{}`", schema.enumeration(id).full_name))
            }
            Json::Number(it) => {
                let number = it.as_i64().and_then(|it| i32::try_from(it).ok());
                let number = number.ok_or_else(|| format!("{it} where the number of a value is expected"))?;
                if !is_open(schema, kind) && name_of(schema, kind, number).is_none() {
                    return Err(format!("{number} is no value of `{}`", schema.enumeration(id).full_name));
                }
                Ok(Value::Enum(number))
            }
            _ => Err(format!("{} where a name is expected", what(json))),
        },
        _ => read_integer(kind, json),
    }
}

fn read_float(kind: Kind, json: &Json) -> Result<Value, String> {
    let number = match json {
        Json::Number(it) => it.as_f64(),
        Json::String(it) => match it.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            it => it.parse().ok().filter(|it: &f64| it.is_finite()),
        },
        _ => None,
    };
    let number = number.ok_or_else(|| format!("{} where a number is expected", what(json)))?;
    if kind == Kind::Double {
        return Ok(Value::Double(number));
    }
    let single = number as f32;
    if single.is_infinite() && number.is_finite() {
        return Err(format!("{number:e} is beyond a float"));
    }
    Ok(Value::Float(single))
}

fn read_integer(kind: Kind, json: &Json) -> Result<Value, String> {
    let number = match json {
        Json::Number(it) => it.as_i128().or_else(|| whole(it.as_f64()?)),
        Json::String(it) => it.parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| format!("{} where an integer is expected", what(json)))?;
    let (low, high) = bounds(kind);
    if number < low || number > high {
        return Err(format!("{number} is beyond {}", crate::kind::name(kind)));
    }
    Ok(Value::Integer(number))
}

fn whole(number: f64) -> Option<i128> {
    (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
}

/// The smallest and largest value of an integer type.
pub(super) fn bounds(kind: Kind) -> (i128, i128) {
    match kind {
        Kind::Uint32 | Kind::Fixed32 => (0, u32::MAX.into()),
        Kind::Uint64 | Kind::Fixed64 => (0, u64::MAX.into()),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => (i64::MIN.into(), i64::MAX.into()),
        _ => (i32::MIN.into(), i32::MAX.into()),
    }
}

fn what(json: &Json) -> String {
    match json {
        Json::Object(_) => "an object".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a message and what it holds is written as an object of its fields: nothing in it has a form of its own.
pub(super) fn is_plain(schema: &Schema, message: &Message) -> bool {
    fn plain(schema: &Schema, message: &Message, depth: usize) -> bool {
        let declared = schema.message(message.id);
        depth > 0
            && (!declared.full_name.starts_with("google.protobuf.")
                || schema.file(declared.place.file).path == "google/protobuf/descriptor.proto")
            && message.fields.values().all(|value| value_is_plain(schema, value, depth - 1))
    }
    fn value_is_plain(schema: &Schema, value: &Value, depth: usize) -> bool {
        match value {
            Value::Message(message) => plain(schema, message, depth),
            Value::List(list) => list.iter().all(|it| value_is_plain(schema, it, depth)),
            Value::Map(entries) => entries.iter().all(|(_, it)| value_is_plain(schema, it, depth)),
            _ => true,
        }
    }
    plain(schema, message, DEPTH)
}
