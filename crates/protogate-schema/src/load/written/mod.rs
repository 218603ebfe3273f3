//! Descriptor sets that are written down as text — JSON, YAML, protobuf text — become bytes.
//!
//! The types that say how to encode come from the schema model itself: those of `descriptor.proto` from the bundled file, those of
//! custom options from the set that is being read. So it is read twice, the second time with the extensions that the first time
//! has found. What is not known is left out, as buf has it: a newer `descriptor.proto` and unknown options are no errors.

mod encoder;
mod json;
mod text;
mod well_known;
mod yaml;

use std::sync::OnceLock;

use bytes::Bytes;

use super::input::Encoding;
use crate::bundled;
use crate::compile::{Source, compile};
use crate::error::{Diagnostic, Error};
use crate::model::Schema;
use encoder::Types;

/// What every set is an instance of.
pub(crate) const ROOT: &str = "google.protobuf.FileDescriptorSet";
/// Name of `descriptor.proto`.
pub(crate) const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

/// The bytes of a set that is written as text.
pub(super) fn encode(written: &[u8], encoding: Encoding) -> Result<Vec<u8>, Box<Diagnostic>> {
    let text = std::str::from_utf8(written)
        .map_err(|error| Box::new(Diagnostic::new(format!("is not UTF-8: {error}"))))?;
    let text = text.trim_start_matches('\u{feff}');
    let core = core().map_err(|error| first(&error))?;
    match encoding {
        Encoding::Json | Encoding::Binary => twice(core, |types| json::read(text, types)),
        Encoding::Yaml => {
            let tree = yaml::parse(text)?;
            twice(core, |types| json::of_tree(&tree, types))
        }
        Encoding::Text => twice(core, |types| text::read(text, types)),
    }
}

fn twice(
    core: &Schema,
    read: impl Fn(&Types<'_>) -> Result<Vec<u8>, Box<Diagnostic>>,
) -> Result<Vec<u8>, Box<Diagnostic>> {
    let types = Types::new(core, None);
    let bytes = read(&types)?;
    if !types.needs_image() || bytes.is_empty() {
        return Ok(bytes);
    }
    let image = Schema::from_descriptor_set(Bytes::from(bytes), None).map_err(|error| first(&error))?;
    read(&Types::new(core, Some(&image)))
}

fn first(error: &Error) -> Box<Diagnostic> {
    Box::new(error.diagnostics().first().cloned().unwrap_or_else(|| Diagnostic::new(error.to_string())))
}

/// `descriptor.proto` with the field that buf's images have in addition.
pub(crate) fn core() -> Result<&'static Schema, Error> {
    static CORE: OnceLock<Result<Schema, Error>> = OnceLock::new();
    let core = CORE.get_or_init(|| {
        let own = "optional Edition edition = 14;";
        let image = "optional BufImageFile buf_extension = 8042;";
        let text = bundled::source(DESCRIPTOR).unwrap_or_default().replacen(own, &format!("{own} {image}"), 1);
        let types = "message BufImageFile {\n  optional bool is_import = 1;\n  optional bool is_syntax_unspecified = 3;\n  \
                     repeated int32 unused_dependency = 4;\n}\n";
        compile(vec![Source::new(DESCRIPTOR, format!("{text}\n{types}"))])
    });
    core.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::core;

    #[test]
    fn the_core_types_know_what_images_hold() {
        let core = core().unwrap();
        for name in
            ["FileDescriptorProto.buf_extension", "FileDescriptorProto.edition", "FeatureSet.field_presence"]
        {
            assert!(core.find(&format!("google.protobuf.{name}")).is_some(), "{name}");
        }
    }
}
