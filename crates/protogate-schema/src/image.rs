//! Descriptor sets for other tools: which files and fields are in them, how they are written down, where they go.
//!
//! A set is an image as buf knows it: each file notes whether it is an import, whether its source had no syntax statement, and which of
//! its imports nothing uses, in an unknown field (8042) that other readers pass over. Baselines are not written here: their bytes are
//! [`Schema::descriptor_bytes`] with a history, and stay as they are.

mod destination;
mod written;
mod yaml;

use std::collections::HashMap;

use bytes::{Buf as _, Bytes};
use prost::encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field};

use crate::error::Error;
use crate::history::{History, with_history};
use crate::model::Schema;
use crate::model::element::Provenance;

pub use destination::{Destination, Place};

/// Number of `source_code_info` of a file.
const SOURCE_INFO: u32 = 9;
/// Number of `buf_extension` of a file.
const NOTES: u32 = 8042;

/// What only somebody who saw the source of a file knows about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// The source has no syntax statement.
    pub syntax_unspecified: bool,
    /// Indexes of imports that nothing in the file uses, in order.
    pub unused_imports: Vec<u32>,
}

/// What a set holds.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Leave the imported files out.
    pub exclude_imports: bool,
    /// Leave comments and places out.
    pub exclude_source_info: bool,
    /// A plain `FileDescriptorSet`: without notes and without a baseline's history.
    pub plain: bool,
    /// Of files that were compiled from their sources, by path. Those of files that were read from a set are passed on.
    pub notes: HashMap<String, Notes>,
}

/// `buf.alpha.image.v1.ImageFileExtension`: as buf has it, the switches are there when they are off.
#[derive(Clone, PartialEq, prost::Message)]
struct Extension {
    #[prost(bool, optional, tag = "1")]
    is_import: Option<bool>,
    #[prost(bool, optional, tag = "3")]
    is_syntax_unspecified: Option<bool>,
    #[prost(uint32, repeated, packed = "false", tag = "4")]
    unused_dependency: Vec<u32>,
}

/// The encoded set of a schema's files, imports first.
#[must_use]
pub fn encode(schema: &Schema, shape: &Shape) -> Vec<u8> {
    let mut out = Vec::new();
    for ((_, file), bytes) in schema.files().zip(schema.encoded()) {
        if file.is_import && shape.exclude_imports {
            continue;
        }
        let mut encoded =
            without(bytes, |number| number == NOTES || (number == SOURCE_INFO && shape.exclude_source_info));
        if !shape.plain {
            let notes = match &file.provenance {
                Provenance::Source => shape.notes.get(&file.path).cloned().unwrap_or_default(),
                Provenance::Image { syntax_unspecified, unused_imports } => {
                    Notes { syntax_unspecified: *syntax_unspecified, unused_imports: unused_imports.clone() }
                }
            };
            let extension = Extension {
                is_import: Some(file.is_import),
                is_syntax_unspecified: Some(notes.syntax_unspecified),
                unused_dependency: notes.unused_imports,
            };
            prost::encoding::message::encode(NOTES, &extension, &mut encoded);
        }
        encode_key(1, WireType::LengthDelimited, &mut out);
        encode_varint(encoded.len() as u64, &mut out);
        out.extend_from_slice(&encoded);
    }
    match History::of(schema) {
        Some(history) if !shape.plain => with_history(&out, &history),
        _ => out,
    }
}

/// The set as the destination wants it written: encoding and packing.
///
/// # Errors
/// When an option in the set cannot be written as text, such as an `Any` of an unknown type.
pub fn write(schema: &Schema, shape: &Shape, to: &Destination) -> Result<Vec<u8>, Error> {
    let bytes = encode(schema, shape);
    destination::pack(written::write(schema, bytes, to)?, to.compression)
}

/// A message without some of its fields. What makes no sense stays: the schema was read from it.
fn without(message: &Bytes, drop: impl Fn(u32) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 16);
    let mut rest = message.clone();
    while rest.has_remaining() {
        let start = message.len() - rest.remaining();
        let skipped = decode_key(&mut rest).and_then(|(number, wire)| {
            skip_field(wire, number, &mut rest, DecodeContext::default())?;
            Ok(number)
        });
        let Ok(number) = skipped else {
            out.extend_from_slice(&message[start..]);
            break;
        };
        if !drop(number) {
            out.extend_from_slice(&message[start..message.len() - rest.remaining()]);
        }
    }
    out
}
