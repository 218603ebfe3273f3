//! A set as JSON, YAML or protobuf text.
//!
//! The set itself says how its custom options are read, so the types come from all of its files, also where imports are left out of what
//! is written; those of `descriptor.proto` are the bundled ones with buf's field for notes.

use prost::Message as _;
use prost_reflect::text_format::FormatOptions;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use prost_types::{FileDescriptorProto, FileDescriptorSet};

use super::{Destination, yaml};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::load::{DESCRIPTOR, Encoding, ROOT, descriptor_types};
use crate::model::Schema;

pub(super) fn write(schema: &Schema, bytes: Vec<u8>, to: &Destination) -> Result<Vec<u8>, Error> {
    if to.encoding == Encoding::Binary {
        return Ok(bytes);
    }
    let message = read(schema, &bytes).map_err(|error| refused(&error))?;
    if to.encoding == Encoding::Text {
        // Readers do not have to know the expanded form of `Any`.
        let options = FormatOptions::new().pretty(true).expand_any(false);
        return Ok(message.to_text_format_with_options(&options).into_bytes());
    }
    let options =
        SerializeOptions::new().use_proto_field_name(to.proto_names).use_enum_numbers(to.enum_numbers);
    let mut text = Vec::new();
    message
        .serialize_with_options(&mut serde_json::Serializer::new(&mut text), &options)
        .map_err(|error| refused(&error.to_string()))?;
    match to.encoding {
        Encoding::Yaml => yaml::from_json(&text).map_err(|error| refused(&error.to_string())),
        _ => Ok(text),
    }
}

fn refused(why: &str) -> Error {
    let diagnostic = Diagnostic::new(format!("the set cannot be written as text: {why}"))
        .with_help("write it as `.binpb`, which holds everything");
    Error::new(ErrorKind::Input, vec![diagnostic])
}

fn read(schema: &Schema, bytes: &[u8]) -> Result<DynamicMessage, String> {
    let mut files = vec![file(descriptor_types().map_err(|error| error.to_string())?)?];
    for bytes in schema.encoded() {
        let it = file_of(bytes)?;
        if it.name() != DESCRIPTOR {
            files.push(it);
        }
    }
    let mut pool = DescriptorPool::new();
    pool.add_file_descriptor_protos(files).map_err(|error| error.to_string())?;
    let set = pool.get_message_by_name(ROOT).ok_or("`descriptor.proto` is not the known one")?;
    DynamicMessage::decode(set, bytes).map_err(|error| error.to_string())
}

/// The one file of a schema.
fn file(schema: &Schema) -> Result<FileDescriptorProto, String> {
    let set =
        FileDescriptorSet::decode(schema.descriptor_bytes().clone()).map_err(|error| error.to_string())?;
    set.file.into_iter().next().ok_or_else(|| "`descriptor.proto` is not bundled".to_owned())
}

/// A file as far as types need it. The library knows no editions: what they change is how absence is told and how values are packed,
/// and it reads both.
fn file_of(bytes: &bytes::Bytes) -> Result<FileDescriptorProto, String> {
    let mut file = FileDescriptorProto::decode(bytes.clone()).map_err(|error| error.to_string())?;
    file.source_code_info = None;
    if file.syntax() == "editions" {
        file.syntax = None;
    }
    Ok(file)
}
