//! JSON into messages, by table.
//!
//! Fields are looked up by either name, filled through [`Slot`]s, and refused when given twice or together with another member of
//! their oneof. Nothing here is generic over messages.

use super::any::{read_any, second_type};
use super::base64::parse_base64;
use super::error::{Error, quote};
use super::number;
use super::options::{ReadOptions, Unknown};
use super::reader::{Reader, Token};
use super::table::{EnumTable, Field, Fields, JsonMessage, Kind, Presence, Shape, Slot};
use super::time::{parse_duration, parse_timestamp};
use super::value::{BadKey, List, Map, ValueMut};
use super::well_known::{parse_field_mask, read_dynamic, read_list_value, read_struct};

/// Parses a whole JSON text as one message. White space alone is not a message; `null` neither.
///
/// # Errors
/// On malformed JSON, and when it does not fit the message.
pub fn parse<M: JsonMessage>(bytes: &[u8], options: ReadOptions) -> Result<M, Error> {
    let mut message = M::default();
    let kind = M::kind();
    let mut reader = Reader::new(bytes, options, types_of(kind))?;
    if !kind.takes_null() && reader.peek()? == Token::Null {
        return Err(reader.mismatch(kind.expected()));
    }
    parse_value(message.get_mut(), kind, &mut reader)?;
    reader.finish()?;
    Ok(message)
}

/// The registry of `Any` types that hangs on a message type.
pub(crate) fn types_of(kind: Kind) -> &'static [super::any::AnyType] {
    match kind {
        Kind::Message(table) => table().types,
        _ => &[],
    }
}

/// Reads what the field at `index` holds in the message's JSON. `null` leaves it as it is, except where null is a value.
///
/// # Errors
/// On malformed JSON, and when it does not fit the field. The error's path starts inside the field.
pub fn parse_field(message: &mut dyn Fields, index: usize, reader: &mut Reader<'_>) -> Result<(), Error> {
    let field = &message.table().fields[index];
    if reader.peek()? == Token::Null && !(field.shape == Shape::One && field.kind.takes_null()) {
        reader.take_null()?;
        return Ok(());
    }
    match field.shape {
        Shape::One => {
            if let Some(number) = enumeration(field.kind, reader)? {
                let Some(number) = number else { return Ok(()) };
                if let Some(ValueMut::I32(place)) = message.slot(index).value() {
                    *place = number;
                    return Ok(());
                }
            } else if let Some(value) = message.slot(index).value() {
                return parse_value(value, field.kind, reader);
            }
            Err(misfit(field))
        }
        Shape::List => match message.slot(index) {
            Slot::List(list) => parse_list(list, field.kind, reader),
            _ => Err(misfit(field)),
        },
        Shape::Map => match message.slot(index) {
            Slot::Map(map) => parse_map(map, field.kind, reader),
            _ => Err(misfit(field)),
        },
    }
}

/// The generated table and the generated access disagree: never seen unless written by hand.
fn misfit(field: &Field) -> Error {
    Error::value(format!(
        "the table of field `{}` does not fit its type; generate the code again",
        field.name
    ))
}

/// Reads an enum value, when the kind is one; the inner `None` is an unknown name to be skipped.
fn enumeration(kind: Kind, reader: &mut Reader<'_>) -> Result<Option<Option<i32>>, Error> {
    match kind {
        Kind::Enum(table) => read_enum(table, reader).map(Some),
        Kind::NullValue => read_null_value(reader).map(|()| Some(Some(0))),
        _ => Ok(None),
    }
}

fn parse_list(list: &mut dyn List, kind: Kind, reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.open_array()?;
    let mut first = true;
    let mut index = 0;
    while reader.next_element(&mut first)? {
        parse_element(list, kind, reader).map_err(|error| error.in_element(index))?;
        index += 1;
    }
    Ok(())
}

fn parse_element(list: &mut dyn List, kind: Kind, reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.count_element()?;
    if reader.peek()? == Token::Null && !kind.takes_null() {
        return Err(reader.mismatch(kind.expected()));
    }
    match enumeration(kind, reader)? {
        None => parse_value(list.push(), kind, reader),
        Some(Some(number)) => {
            if let ValueMut::I32(place) = list.push() {
                *place = number;
            }
            Ok(())
        }
        Some(None) => Ok(()),
    }
}

fn parse_map(map: &mut dyn Map, kind: Kind, reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.open_object()?;
    let mut first = true;
    while let Some(key) = reader.next_key(&mut first)? {
        parse_entry(map, &key, kind, reader).map_err(|error| error.in_entry(&key))?;
    }
    Ok(())
}

fn parse_entry(map: &mut dyn Map, key: &str, kind: Kind, reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.count_element()?;
    if reader.peek()? == Token::Null && !kind.takes_null() {
        return Err(reader.mismatch(kind.expected()));
    }
    let insert = |map: &mut dyn Map, number: i32| match map.insert(key) {
        Ok(ValueMut::I32(place)) => {
            *place = number;
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(problem) => Err(bad_key(key, problem)),
    };
    match enumeration(kind, reader)? {
        None => {
            let place = map.insert(key).map_err(|problem| bad_key(key, problem))?;
            parse_value(place, kind, reader)
        }
        Some(Some(number)) => insert(map, number),
        Some(None) => Ok(()),
    }
}

fn bad_key(key: &str, problem: BadKey) -> Error {
    match problem {
        BadKey::Text(expected) => Error::value(format!("expected {expected} as key, found `{}`", quote(key))),
        BadKey::Twice => Error::value("the key is given twice; give it once"),
    }
}

/// Reads one value that is not null (unless null is a value of its kind). An unknown enum name to be skipped leaves it as it is.
///
/// # Errors
/// On malformed JSON, and when it does not fit the kind.
pub fn parse_value(place: ValueMut<'_>, kind: Kind, reader: &mut Reader<'_>) -> Result<(), Error> {
    if let Some(number) = enumeration(kind, reader)? {
        if let (ValueMut::I32(place), Some(number)) = (place, number) {
            *place = number;
        }
        return Ok(());
    }
    match place {
        ValueMut::Bool(place) => match reader.peek()? {
            Token::True | Token::False => *place = reader.boolean()?,
            _ => return Err(reader.mismatch(kind.expected())),
        },
        ValueMut::Message(message) => return parse_members(message, reader, false),
        ValueMut::Struct(place) => return read_struct(place, reader),
        ValueMut::Value(place) => return read_dynamic(place, reader),
        ValueMut::ListValue(place) => return read_list_value(place, reader),
        ValueMut::Any(place) => return read_any(place, reader),
        ValueMut::Empty => return parse_empty(reader, false),
        scalar => {
            let is_number = matches!(
                kind,
                Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Float | Kind::Double
            );
            match reader.peek()? {
                Token::Number if is_number => {
                    let text = reader.number()?;
                    convert(scalar, text).ok_or_else(|| out_of_range("number", kind, text))?;
                }
                Token::String => {
                    let text = reader.string()?;
                    convert(scalar, &text).ok_or_else(|| out_of_range("string", kind, &text))?;
                }
                _ => return Err(reader.mismatch(kind.expected())),
            }
        }
    }
    Ok(())
}

fn out_of_range(found: &str, kind: Kind, text: &str) -> Error {
    Error::value(format!("expected {}, found the {found} `{}`", kind.expected(), quote(text)))
}

/// Converts the content of a JSON string. `None` when it does not fit, or the kind has no string form.
pub(crate) fn convert(place: ValueMut<'_>, text: &str) -> Option<()> {
    match place {
        ValueMut::I32(place) => *place = number::parse_integer(text)?.try_into().ok()?,
        ValueMut::I64(place) => *place = number::parse_integer(text)?.try_into().ok()?,
        ValueMut::U32(place) => *place = number::parse_integer(text)?.try_into().ok()?,
        ValueMut::U64(place) => *place = number::parse_integer(text)?.try_into().ok()?,
        ValueMut::F32(place) => *place = number::parse_float(text)?,
        ValueMut::F64(place) => *place = number::parse_double(text)?,
        ValueMut::Str(place) => text.clone_into(place),
        ValueMut::Bytes(place) => *place = parse_base64(text)?,
        ValueMut::SharedBytes(place) => *place = parse_base64(text)?.into(),
        ValueMut::Timestamp(place) => *place = parse_timestamp(text)?,
        ValueMut::Duration(place) => *place = parse_duration(text)?,
        ValueMut::FieldMask(place) => *place = parse_field_mask(text)?,
        _ => return None,
    }
    Some(())
}

fn read_enum(table: &EnumTable, reader: &mut Reader<'_>) -> Result<Option<i32>, Error> {
    match reader.peek()? {
        Token::Number => {
            let text = reader.number()?;
            let number = number::parse_integer(text).and_then(|number| i32::try_from(number).ok());
            number.map(Some).ok_or_else(|| {
                Error::value(format!(
                    "expected the number of a value of `{}` as a 32-bit integer, found `{}`",
                    table.name,
                    quote(text)
                ))
            })
        }
        Token::String => {
            let name = reader.string()?;
            match table.number(&name) {
                Some(number) => Ok(Some(number)),
                None if reader.options.unknown == Unknown::Ignore => Ok(None),
                None => Err(Error::value(format!(
                    "expected the name of a value of `{}`, found `{}`",
                    table.name,
                    quote(&name)
                ))),
            }
        }
        _ => Err(reader.mismatch("the name of an enum value or an integer")),
    }
}

fn read_null_value(reader: &mut Reader<'_>) -> Result<(), Error> {
    let start = reader.mark();
    let fits = match reader.peek()? {
        Token::Null => reader.take_null()?,
        Token::String => reader.string()? == "NULL_VALUE",
        Token::Number => number::parse_integer(reader.number()?) == Some(0),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    reader.rewind(start);
    Err(reader.mismatch("`null`"))
}

fn parse_empty(reader: &mut Reader<'_>, in_any: bool) -> Result<(), Error> {
    reader.open_object()?;
    let (mut first, mut typed) = (true, false);
    while let Some(key) = reader.next_key(&mut first)? {
        let is_type = in_any && key == "@type";
        if is_type && std::mem::replace(&mut typed, true) {
            return Err(second_type());
        }
        if is_type || reader.options.unknown == Unknown::Ignore {
            reader.skip()?;
        } else {
            return Err(unknown_field("google.protobuf.Empty").in_field(&key));
        }
    }
    Ok(())
}

fn unknown_field(message: &str) -> Error {
    Error::value(format!("unknown field; `{message}` has no field of this name"))
}

/// Reads the members of a message or an `Empty` inside an `Any`, whose `@type` is skipped.
pub(crate) fn read_embedded(place: ValueMut<'_>, reader: &mut Reader<'_>) -> Result<(), Error> {
    match place {
        ValueMut::Message(message) => parse_members(message, reader, true),
        _ => parse_empty(reader, true),
    }
}

fn parse_members(message: &mut dyn Fields, reader: &mut Reader<'_>, in_any: bool) -> Result<(), Error> {
    let table = message.table();
    let mut seen = Bits::default();
    let mut oneofs = Bits::default();
    let (mut first, mut typed) = (true, false);
    reader.open_object()?;
    while let Some(key) = reader.next_key(&mut first)? {
        if in_any && key == "@type" {
            if std::mem::replace(&mut typed, true) {
                return Err(second_type());
            }
            reader.skip()?;
            continue;
        }
        let Some(index) = table.find(&key) else {
            if reader.options.unknown == Unknown::Ignore {
                reader.skip()?;
                continue;
            }
            return Err(unknown_field(table.name).in_field(&key));
        };
        let field = &table.fields[index];
        if !seen.insert(index) {
            return Err(Error::value("the field is given twice; give it once").in_field(field.json_name));
        }
        if let Presence::Member(oneof) = field.presence {
            let is_set = reader.peek()? != Token::Null || field.kind.takes_null();
            if is_set && !oneofs.insert(usize::from(oneof)) {
                let problem = "another member of the same oneof is given; give at most one";
                return Err(Error::value(problem).in_field(field.json_name));
            }
        }
        parse_field(message, index, reader).map_err(|error| error.in_known_field(field))?;
    }
    Ok(())
}

/// A set of small numbers.
#[derive(Default)]
struct Bits {
    low: u64,
    high: Vec<u64>,
}

impl Bits {
    /// Whether it was not there yet.
    fn insert(&mut self, number: usize) -> bool {
        let (word, bit) = (number / 64, 1_u64 << (number % 64));
        let word = if word == 0 {
            &mut self.low
        } else {
            if self.high.len() < word {
                self.high.resize(word, 0);
            }
            &mut self.high[word - 1]
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
