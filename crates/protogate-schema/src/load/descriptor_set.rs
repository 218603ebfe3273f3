//! Reads descriptor sets, ours, protoc's and buf's.
//!
//! A set does not say which of its files were asked for and which are there because others import them. buf's images do, in an
//! extension of `FileDescriptorProto`; we write and read the same mark, so that a baseline doesn't promise `google/api/http.proto`.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;
use prost::Message as _;

use crate::error::{Diagnostic, Error, ErrorKind};
use crate::model::Schema;
use crate::project::shown;

/// Largest set, in bytes.
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

#[derive(Clone, PartialEq, prost::Message)]
struct Mark {
    #[prost(bool, tag = "1")]
    is_import: bool,
}

pub(super) fn read(path: &Path) -> Result<Schema, Error> {
    let display = shown(path);
    let fail = |kind, message: String| Error::new(kind, vec![Diagnostic::new(message).in_file(&display)]);
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => fail(ErrorKind::Input, "there is no such file".to_owned()),
        _ => fail(ErrorKind::Environment, format!("cannot be read: {error}")),
    };
    let found = std::fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(fail(ErrorKind::Input, "is no regular file".to_owned()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(MAX_BYTES)).unwrap_or(0) + 1);
    File::open(path).and_then(|it| it.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(fail(ErrorKind::Input, format!("has more than {MAX_BYTES} bytes")));
    }
    let mut schema = parse(Bytes::from(bytes), &display)?;
    schema.origin.files = vec![path.to_owned()];
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
        .into_iter()
        .filter(|it| !it.mark.as_ref().is_some_and(|it| it.is_import))
        .map(|it| it.name)
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
        Some("it is compressed with gzip: unpack it first")
    } else if bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        Some("it is compressed with zstd: unpack it first")
    } else if !bytes.is_empty() && text() {
        Some("it is a text file; a source file must be named `.proto`")
    } else {
        None
    }
}
