//! Reads descriptor sets, ours, protoc's and buf's.
//!
//! A set does not say which of its files were asked for and which are there because others import them. buf's images do, in an
//! extension of `FileDescriptorProto`; we write and read the same mark, so that a baseline doesn't promise `google/api/http.proto`.
//! The same extension says what only a compiler of sources knows: unused imports, and that a file has no syntax statement.

use std::collections::HashSet;

use bytes::Bytes;
use prost::Message as _;

use super::input::{Encoding, Image, Stream};
use super::written;
use crate::descriptor::Mark;
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::model::Schema;

/// Largest set, in bytes, unpacked.
const MAX_BYTES: u64 = 1 << 30;

/// `buf_extension` (8042) of a file's descriptor, holding `is_import` (1) = true.
pub(crate) const IMPORT_MARK: [u8; 6] = [0xD2, 0xF6, 0x03, 0x02, 0x08, 0x01];

#[derive(Clone, PartialEq, prost::Message)]
struct MarkedSet {
    #[prost(message, repeated, tag = "1")]
    file: Vec<MarkedFile>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct MarkedFile {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "8042")]
    mark: Option<Mark>,
}

pub(super) fn read(image: &Image) -> Result<Schema, Error> {
    let display = image.from.display();
    let bytes = Bytes::from(image.from.read(image.compression, MAX_BYTES)?);
    let bytes = match image.encoding {
        Encoding::Binary => bytes,
        encoding => Bytes::from(
            written::encode(&bytes, encoding)
                .map_err(|fault| Error::new(ErrorKind::Input, vec![(*fault).in_file(&display)]))?,
        ),
    };
    let mut schema = parse(bytes, &display)?;
    if let Stream::File(path) = &image.from {
        schema.origin.files = vec![path.clone()];
    }
    Ok(schema)
}

/// The schema of an encoded set; `display` names it in errors.
pub(super) fn parse(bytes: Bytes, display: &str) -> Result<Schema, Error> {
    let explain = |message: String| {
        let help = "write one with `protogate build -o FILE`, or `protoc --include_imports --include_source_info -o FILE`";
        let advice = foreign(&bytes).unwrap_or(help);
        Error::new(ErrorKind::Input, vec![Diagnostic::new(message).in_file(display).with_help(advice)])
    };
    let set = MarkedSet::decode(bytes.clone())
        .map_err(|error| explain(format!("is no descriptor set, or only a part of one: {error}")))?;
    if set.file.is_empty() {
        return Err(explain("holds no files: it is no descriptor set, or an empty one".to_owned()));
    }
    if let Some(nameless) = set.file.iter().position(|it| it.name.is_empty()) {
        return Err(explain(format!("is no descriptor set: file number {} has no name", nameless + 1)));
    }
    let targets: HashSet<String> = set
        .file
        .iter()
        .filter(|it| !it.mark.as_ref().is_some_and(|it| it.is_import))
        .map(|it| it.name.clone())
        .collect();
    Schema::from_descriptor_set(bytes, Some(&targets)).map_err(|error| {
        let named = error.diagnostics().iter().cloned().map(|mut it| {
            it.path.get_or_insert_with(|| display.to_owned());
            it
        });
        Error::new(error.kind(), named.collect())
    })
}

/// What the bytes look like instead.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let text = || bytes.iter().take(512).all(|it| it.is_ascii_graphic() || it.is_ascii_whitespace());
    if bytes.starts_with(&[0x1F, 0x8B]) {
        Some("it is compressed with gzip: give it a name in `.gz`, or add `#compression=gzip`")
    } else if bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        Some("it is compressed with zstd: give it a name in `.zst`, or add `#compression=zstd`")
    } else if !bytes.is_empty() && text() {
        Some("it is a text file: say its format, as in `#format=json`; a source file must be named `.proto`")
    } else {
        None
    }
}
