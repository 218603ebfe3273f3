//! `FieldMask`, `Struct`, `Value` and `ListValue`: the types whose JSON is not a message's.

use prost_types::value::Kind;
use prost_types::{FieldMask, ListValue, Struct, Value};

use super::error::{Error, quote};
use super::number;
use super::reader::{Reader, Token};
use super::writer::Writer;

/// Parses paths in lowerCamelCase, joined by commas; `None` on `_` and on an empty path.
pub(crate) fn parse_field_mask(text: &str) -> Option<FieldMask> {
    if text.is_empty() {
        return Some(FieldMask::default());
    }
    let paths = text.split(',').map(|path| if path.is_empty() { None } else { snake(path) });
    Some(FieldMask { paths: paths.collect::<Option<_>>()? })
}

/// Prints paths in lowerCamelCase; the path that would not come back the same is the error.
pub(crate) fn print_field_mask(mask: &FieldMask) -> Result<String, &str> {
    let mut text = String::new();
    for path in &mask.paths {
        let camel = camel(path);
        if path.is_empty() || path.contains(',') || snake(&camel).as_deref() != Some(path) {
            return Err(path);
        }
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&camel);
    }
    Ok(text)
}

fn snake(path: &str) -> Option<String> {
    let mut text = String::with_capacity(path.len() + 4);
    for letter in path.chars() {
        match letter {
            '_' => return None,
            'A'..='Z' => {
                text.push('_');
                text.push(letter.to_ascii_lowercase());
            }
            _ => text.push(letter),
        }
    }
    Some(text)
}

fn camel(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '_' => text.extend(letters.next().map(|next| next.to_ascii_uppercase())),
            _ => text.push(letter),
        }
    }
    text
}

pub(crate) fn read_struct(value: &mut Struct, reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.open_object()?;
    let mut first = true;
    while let Some(key) = reader.next_key(&mut first)? {
        reader.count_element().map_err(|error| error.in_entry(&key))?;
        let mut entry = Value::default();
        read_dynamic(&mut entry, reader).map_err(|error| error.in_entry(&key))?;
        if value.fields.insert(key.clone().into_owned(), entry).is_some() {
            return Err(Error::value("the key is given twice; give it once").in_entry(&key));
        }
    }
    Ok(())
}

pub(crate) fn read_list_value(value: &mut ListValue, reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.open_array()?;
    let mut first = true;
    while reader.next_element(&mut first)? {
        let index = value.values.len();
        reader.count_element().map_err(|error| error.in_element(index))?;
        let mut element = Value::default();
        read_dynamic(&mut element, reader).map_err(|error| error.in_element(index))?;
        value.values.push(element);
    }
    Ok(())
}

pub(crate) fn read_dynamic(value: &mut Value, reader: &mut Reader<'_>) -> Result<(), Error> {
    let kind = match reader.peek()? {
        Token::Null => {
            reader.take_null()?;
            Kind::NullValue(0)
        }
        Token::True | Token::False => Kind::BoolValue(reader.boolean()?),
        Token::Number => {
            let text = reader.number()?;
            Kind::NumberValue(number::parse_double(text).ok_or_else(|| {
                Error::value(format!(
                    "expected a number in the range of a 64-bit float, found the number `{}`",
                    quote(text)
                ))
            })?)
        }
        Token::String => Kind::StringValue(reader.string()?.into_owned()),
        Token::Object => {
            let mut inner = Struct::default();
            read_struct(&mut inner, reader)?;
            Kind::StructValue(inner)
        }
        Token::Array => {
            let mut inner = ListValue::default();
            read_list_value(&mut inner, reader)?;
            Kind::ListValue(inner)
        }
    };
    value.kind = Some(kind);
    Ok(())
}

pub(crate) fn write_struct(value: &Struct, writer: &mut Writer) -> Result<(), Error> {
    writer.open_object()?;
    for (key, entry) in &value.fields {
        writer.key(key);
        write_dynamic(entry, writer).map_err(|error| error.in_entry(key))?;
    }
    writer.close_object();
    Ok(())
}

pub(crate) fn write_list_value(value: &ListValue, writer: &mut Writer) -> Result<(), Error> {
    writer.open_array()?;
    for (index, element) in value.values.iter().enumerate() {
        writer.element();
        write_dynamic(element, writer).map_err(|error| error.in_element(index))?;
    }
    writer.close_array();
    Ok(())
}

pub(crate) fn write_dynamic(value: &Value, writer: &mut Writer) -> Result<(), Error> {
    match &value.kind {
        None => {
            return Err(Error::output("a `google.protobuf.Value` has no kind set; set one, or `null_value`"));
        }
        Some(Kind::NullValue(_)) => writer.raw("null"),
        Some(Kind::NumberValue(number)) if !number.is_finite() => {
            return Err(Error::output(format!("`number_value` is {number}; JSON has finite numbers only")));
        }
        Some(Kind::NumberValue(number)) => writer.raw(&number::print_double(*number)),
        Some(Kind::StringValue(text)) => writer.string(text),
        Some(Kind::BoolValue(value)) => writer.raw(if *value { "true" } else { "false" }),
        Some(Kind::StructValue(inner)) => write_struct(inner, writer)?,
        Some(Kind::ListValue(inner)) => write_list_value(inner, writer)?,
    }
    Ok(())
}
