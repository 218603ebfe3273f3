//! Witnesses: what one side writes and the other misreads, decoded by both.
//!
//! A witness is never made up: a sample is built with the writer's schema, encoded as that side does it, and read by decoders that
//! follow the rules of the two encodings, once with each schema. Where no sample is misread, there is none.

use protogate_schema::Schema;
use serde::Serialize;

mod agree;
mod decode;
mod encode;
mod json;
mod sample;
mod search;
mod value;

pub(crate) use encode::is_packed;
pub(crate) use search::find;

/// How a witness is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// The binary encoding, shown as pairs of hexadecimal digits.
    Binary,
    /// ProtoJSON.
    Json,
    /// A request line of HTTP, such as `GET /v1/devices/7`.
    Http,
}

/// One of the two schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// The baseline.
    Old,
    /// The current schema.
    New,
}

/// Something that one side writes and the other misreads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// How it is written.
    pub encoding: Encoding,
    /// Who writes it.
    pub writer: Version,
    /// Full name of the message (or rpc) that is written.
    pub message: String,
    /// What the writer means: JSON.
    pub value: String,
    /// What it writes: `10 07`, `{"rev":"7"}` or `GET /v1/devices/7`.
    pub data: String,
    /// What a reader with the old schema sees: JSON, or words where it sees none.
    pub old: String,
    /// What a reader with the new schema sees.
    pub new: String,
}

/// What a reader with this schema makes of the bytes of a message: ProtoJSON, and in words what is unknown to it.
///
/// # Errors
/// Why a parser refuses the bytes, lower case; also when the schema has no such message.
pub fn read_binary(schema: &Schema, message: &str, bytes: &[u8]) -> Result<String, String> {
    let id = schema.find_message(message).ok_or_else(|| format!("there is no message `{message}`"))?;
    Ok(json::described(schema, &decode::decode(schema, id, bytes)?))
}

/// What a reader with this schema makes of ProtoJSON: its fields in the binary encoding.
///
/// # Errors
/// Why a parser refuses the text, lower case; also when the schema has no such message.
pub fn read_json(schema: &Schema, message: &str, text: &str) -> Result<Vec<u8>, String> {
    let id = schema.find_message(message).ok_or_else(|| format!("there is no message `{message}`"))?;
    Ok(encode::encode(schema, &json::read(schema, id, text)?))
}
