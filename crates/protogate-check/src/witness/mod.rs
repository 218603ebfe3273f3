//! Witnesses: what one side writes and the other misreads, decoded by both.

use serde::Serialize;

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
