//! `google.protobuf.Any`: message types by name, and the object form with `@type`.
//!
//! A generated crate lists its types in a static registry that hangs on every table; the well-known types and `google/rpc` error
//! details are built in.

use std::fmt;

use prost_types::{Any, Duration, FieldMask, ListValue, Struct, Timestamp, Value};
use tonic_types::pb;

use super::base64::print_base64;
use super::error::{Error, quote};
use super::print;
use super::read;
use super::reader::{Reader, Token};
use super::table::{JsonMessage, Kind};
use super::writer::Writer;

/// A message type that an `Any` may hold.
pub struct AnyType {
    /// Full name.
    pub name: &'static str,
    kind: fn() -> Kind,
    read: ReadAs,
    write: WriteAs,
}

type ReadAs = fn(&mut Reader<'_>) -> Result<Vec<u8>, Error>;
type WriteAs = fn(&[u8], &mut Writer) -> Result<(), Error>;

impl fmt::Debug for AnyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyType").field(&self.name).finish()
    }
}

impl AnyType {
    /// A row of a registry.
    #[must_use]
    pub const fn of<M: JsonMessage + prost::Message>(name: &'static str) -> Self {
        Self { name, kind: M::kind, read: read_as::<M>, write: write_as::<M> }
    }

    /// The type has a JSON form of its own, which stands in the member `value`.
    fn has_own_form(&self) -> bool {
        !matches!((self.kind)(), Kind::Message(_) | Kind::Empty)
    }
}

fn read_as<M: JsonMessage + prost::Message>(reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
    let mut message = M::default();
    match M::kind() {
        Kind::Message(_) | Kind::Empty => read::read_embedded(message.get_mut(), reader)?,
        kind => {
            if !kind.takes_null() && reader.peek()? == Token::Null {
                return Err(reader.mismatch(kind.expected()));
            }
            read::parse_value(message.get_mut(), kind, reader)?;
        }
    }
    Ok(message.encode_to_vec())
}

fn write_as<M: JsonMessage + prost::Message>(bytes: &[u8], writer: &mut Writer) -> Result<(), Error> {
    let message = M::decode(bytes)
        .map_err(|error| Error::output(format!("the content of the `Any` does not decode: {error}")))?;
    match M::kind() {
        Kind::Message(_) | Kind::Empty => print::write_members(message.get(), writer),
        kind => {
            writer.key("value");
            print::write_value(message.get(), kind, writer)
        }
    }
}

macro_rules! built_in {
    ($($name:literal: $type:ty,)*) => { [$(AnyType::of::<$type>($name)),*] };
}

/// Sorted by name.
static BUILT_IN: [AnyType; 28] = built_in! {
    "google.protobuf.Any": Any,
    "google.protobuf.BoolValue": bool,
    "google.protobuf.BytesValue": Vec<u8>,
    "google.protobuf.DoubleValue": f64,
    "google.protobuf.Duration": Duration,
    "google.protobuf.Empty": (),
    "google.protobuf.FieldMask": FieldMask,
    "google.protobuf.FloatValue": f32,
    "google.protobuf.Int32Value": i32,
    "google.protobuf.Int64Value": i64,
    "google.protobuf.ListValue": ListValue,
    "google.protobuf.StringValue": String,
    "google.protobuf.Struct": Struct,
    "google.protobuf.Timestamp": Timestamp,
    "google.protobuf.UInt32Value": u32,
    "google.protobuf.UInt64Value": u64,
    "google.protobuf.Value": Value,
    "google.rpc.BadRequest": pb::BadRequest,
    "google.rpc.DebugInfo": pb::DebugInfo,
    "google.rpc.ErrorInfo": pb::ErrorInfo,
    "google.rpc.Help": pb::Help,
    "google.rpc.LocalizedMessage": pb::LocalizedMessage,
    "google.rpc.PreconditionFailure": pb::PreconditionFailure,
    "google.rpc.QuotaFailure": pb::QuotaFailure,
    "google.rpc.RequestInfo": pb::RequestInfo,
    "google.rpc.ResourceInfo": pb::ResourceInfo,
    "google.rpc.RetryInfo": pb::RetryInfo,
    "google.rpc.Status": pb::Status,
};

/// The type with this full name: from `types`, which are sorted by name, else a built-in one.
#[must_use]
pub fn find_any_type(types: &'static [AnyType], name: &str) -> Option<&'static AnyType> {
    let find = |types: &'static [AnyType]| {
        types.binary_search_by(|known| known.name.cmp(name)).ok().map(|at| &types[at])
    };
    find(types).or_else(|| find(&BUILT_IN))
}

fn resolve(types: &'static [AnyType], url: &str) -> Result<&'static AnyType, String> {
    let Some((_, name)) = url.rsplit_once('/') else {
        return Err(format!(
            "the type `{}` has no `/`; expected a URL such as `type.googleapis.com/acme.v1.Book`",
            quote(url)
        ));
    };
    find_any_type(types, name)
        .ok_or_else(|| format!("the type `{}` is not known here; use a message type of this API", quote(url)))
}

/// How many levels of `Any` in `Any` are read. Each may cost a pass of its own over what is in it.
const MAX_NESTED: usize = 8;

/// The error for a second `@type`.
pub(crate) fn second_type() -> Error {
    Error::value("the member is given twice; give it once").in_field("@type")
}

pub(crate) fn read_any(value: &mut Any, reader: &mut Reader<'_>) -> Result<(), Error> {
    if reader.open_any >= MAX_NESTED {
        return Err(Error::value(format!(
            "the content has more than {MAX_NESTED} levels of `Any` in `Any`; flatten it"
        )));
    }
    reader.open_any += 1;
    read_typed(value, reader)?;
    reader.open_any -= 1;
    Ok(())
}

fn read_typed(value: &mut Any, reader: &mut Reader<'_>) -> Result<(), Error> {
    let start = reader.mark();
    let Some(url) = read_url(reader)? else { return Ok(()) };
    let found = resolve(reader.types, &url).map_err(|problem| Error::value(problem).in_field("@type"))?;
    reader.rewind(start);
    value.value = if found.has_own_form() { read_own_form(found, reader)? } else { (found.read)(reader)? };
    value.type_url = url;
    Ok(())
}

/// Looks for `@type`, and no further when it comes first; `None` for an empty object, which is read to its end.
fn read_url(reader: &mut Reader<'_>) -> Result<Option<String>, Error> {
    reader.open_object()?;
    let (mut first, mut url, mut empty) = (true, None, true);
    while let Some(key) = reader.next_key(&mut first)? {
        let is_first = std::mem::replace(&mut empty, false);
        if key != "@type" {
            reader.skip()?;
        } else if url.is_some() {
            return Err(second_type());
        } else if reader.peek()? == Token::String {
            url = Some(reader.string()?.into_owned());
            if is_first {
                break;
            }
        } else {
            return Err(reader.mismatch("a type URL as string").in_field("@type"));
        }
    }
    if url.is_none() && !empty {
        return Err(Error::value("expected a member `@type` with the URL of the message type, found none"));
    }
    Ok(url)
}

fn read_own_form(found: &AnyType, reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
    reader.open_object()?;
    let (mut first, mut typed, mut value) = (true, false, None);
    while let Some(key) = reader.next_key(&mut first)? {
        match &*key {
            "@type" if typed => return Err(second_type()),
            "@type" => {
                typed = true;
                reader.skip()?;
            }
            "value" if value.is_some() => {
                return Err(Error::value("the member is given twice; give it once").in_field("value"));
            }
            "value" => value = Some((found.read)(reader).map_err(|error| error.in_field("value"))?),
            other => {
                return Err(Error::value(format!(
                    "unknown member; an `Any` of `{}` has only `@type` and `value`",
                    found.name
                ))
                .in_field(other));
            }
        }
    }
    value
        .ok_or_else(|| Error::value(format!("expected a member `value` with a `{}`, found none", found.name)))
}

pub(crate) fn write_any(value: &Any, writer: &mut Writer) -> Result<(), Error> {
    writer.open_object()?;
    if !value.type_url.is_empty() || !value.value.is_empty() {
        writer.key("@type");
        writer.string(&value.type_url);
        let start = writer.mark();
        let printed = resolve(writer.types, &value.type_url)
            .map_err(Error::output)
            .and_then(|found| (found.write)(&value.value, writer));
        if let Err(error) = printed {
            if !writer.options.unknown_any_as_bytes {
                return Err(error);
            }
            writer.rewind(start);
            writer.key("value");
            writer.string(&print_base64(&value.value));
        }
    }
    writer.close_object();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Any, Error> {
        read::parse::<Any>(text.as_bytes(), crate::json::ReadOptions::default())
    }

    /// `levels` of `Any` around a string.
    fn nested(levels: usize, type_first: bool) -> String {
        let mut text = r#""x""#.to_owned();
        for level in 0..levels {
            let name = if level == 0 { "StringValue" } else { "Any" };
            let url = format!(r#""@type":"type.googleapis.com/google.protobuf.{name}""#);
            text = match type_first {
                true => format!(r#"{{{url},"value":{text}}}"#),
                false => format!(r#"{{"value":{text},{url}}}"#),
            };
        }
        text
    }

    #[test]
    fn any_in_any_has_a_bound() {
        for type_first in [true, false] {
            assert!(read(&nested(MAX_NESTED, type_first)).is_ok());
            let error = read(&nested(MAX_NESTED + 1, type_first)).unwrap_err().to_string();
            assert!(error.contains("8 levels"), "{error}");
        }
        assert_eq!(read(&nested(3, true)).unwrap(), read(&nested(3, false)).unwrap());
    }

    #[test]
    fn a_second_type_is_refused_wherever_it_is() {
        let url = |name: &str| format!(r#""@type":"type.googleapis.com/google.{name}""#);
        for text in [
            format!(r#"{{{0},"value":"x",{0}}}"#, url("protobuf.StringValue")),
            format!(r#"{{"value":"x",{0},{0}}}"#, url("protobuf.StringValue")),
            format!(r#"{{{0},"locale":"en",{0}}}"#, url("rpc.LocalizedMessage")),
            format!(r#"{{{0},{0}}}"#, url("protobuf.Empty")),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains("given twice"), "{text}: {error}");
        }
        assert_eq!(read("{}").unwrap(), Any::default());
        assert!(read(r#"{"value":1}"#).is_err());
    }

    #[test]
    fn built_in_types_are_sorted() {
        assert!(BUILT_IN.is_sorted_by_key(|row| row.name));
    }
}
