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

pub(crate) fn read_any(value: &mut Any, reader: &mut Reader<'_>) -> Result<(), Error> {
    let start = reader.mark();
    reader.open_object()?;
    let (mut first, mut url, mut empty) = (true, None, true);
    while let Some(key) = reader.next_key(&mut first)? {
        empty = false;
        if key != "@type" {
            reader.skip()?;
        } else if url.is_some() {
            return Err(Error::value("the member is given twice; give it once").in_field("@type"));
        } else if reader.peek()? == Token::String {
            url = Some(reader.string()?.into_owned());
        } else {
            return Err(reader.mismatch("a type URL as string").in_field("@type"));
        }
    }
    let Some(url) = url else {
        return if empty {
            Ok(())
        } else {
            Err(Error::value("expected a member `@type` with the URL of the message type, found none"))
        };
    };
    let found = resolve(reader.types, &url).map_err(|problem| Error::value(problem).in_field("@type"))?;
    reader.rewind(start);
    value.value = if found.has_own_form() { read_own_form(found, reader)? } else { (found.read)(reader)? };
    value.type_url = url;
    Ok(())
}

fn read_own_form(found: &AnyType, reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
    reader.open_object()?;
    let (mut first, mut value) = (true, None);
    while let Some(key) = reader.next_key(&mut first)? {
        match &*key {
            "@type" => reader.skip()?,
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

    #[test]
    fn built_in_types_are_sorted() {
        assert!(BUILT_IN.is_sorted_by_key(|row| row.name));
    }
}
