//! YAML → the tree that JSON images have.
//!
//! No aliases: no writer of images makes them, and they are how a short text becomes a large tree. What a plain scalar means is
//! YAML 1.2's core schema.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use crate::error::Diagnostic;

/// Longest text, in bytes: the tree takes several times of it.
const MAX_BYTES: usize = 128 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 100;

pub(super) fn parse(text: &str) -> Result<Value, Box<Diagnostic>> {
    if text.len() > MAX_BYTES {
        let message = format!("has more than {MAX_BYTES} bytes, the limit for a YAML image");
        return Err(Box::new(Diagnostic::new(message).with_help("write it as JSON or in binary")));
    }
    let wrong = |line: usize, message: &str| {
        Box::new(Diagnostic::new(format!("is no YAML image: line {line}: {message}")))
    };
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| wrong(error.marker().line(), error.info()))?;
        let line = span.start.line();
        let done = match event {
            Event::DocumentStart(_) if root.is_some() => return Err(wrong(line, "a second document begins")),
            Event::Alias(_) => return Err(wrong(line, "aliases are not read in images")),
            Event::Scalar(text, style, ..) => match open.last_mut() {
                Some(Open::Map(_, key @ None)) => {
                    *key = Some(text.into_owned());
                    None
                }
                _ => Some(scalar(&text, style == ScalarStyle::Plain)),
            },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= MAX_DEPTH {
                    return Err(wrong(line, "nested too deep"));
                }
                if matches!(open.last(), Some(Open::Map(_, None))) {
                    return Err(wrong(line, "a key must be a single value"));
                }
                open.push(match event {
                    Event::SequenceStart(..) => Open::List(Vec::new()),
                    _ => Open::Map(Map::new(), None),
                });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|it| match it {
                Open::List(items) => Value::Array(items),
                Open::Map(entries, _) => Value::Object(entries),
            }),
            _ => None,
        };
        let Some(value) = done else { continue };
        match open.last_mut() {
            None => root = Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(entries, key)) => {
                if entries.insert(key.take().unwrap_or_default(), value).is_some() {
                    return Err(wrong(line, "a key is there twice"));
                }
            }
        }
    }
    Ok(root.unwrap_or(Value::Null))
}

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

fn scalar(text: &str, plain: bool) -> Value {
    if !plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" => Value::String("Infinity".to_owned()),
        "-.inf" | "-.Inf" | "-.INF" => Value::String("-Infinity".to_owned()),
        ".nan" | ".NaN" | ".NAN" => Value::String("NaN".to_owned()),
        _ => text.parse::<Number>().map_or_else(|_| Value::String(text.to_owned()), Value::Number),
    }
}
