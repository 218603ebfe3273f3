//! Writes and reads the accepted schema: a descriptor set with imports, source info and custom options.
//!
//! The same schema gives the same bytes, so a baseline in version control changes only when the contract does (or its comments
//! and places, which rules and `diff` show).

use std::path::Path;

use crate::error::{Diagnostic, Error, ErrorKind};
use crate::load;
use crate::model::Schema;
use crate::write::write_atomic;

/// Writes the schema as baseline; returns whether the file changed.
///
/// # Errors
/// When the file cannot be written.
pub fn write(schema: &Schema, path: &Path) -> Result<bool, Error> {
    write_atomic(path, schema.descriptor_bytes())
}

/// Reads a baseline. Its files are all targets: what was accepted is what counts, whether it is still asked for or not.
///
/// # Errors
/// [`ErrorKind::Environment`] when there is no such file, [`ErrorKind::Input`] when it is no descriptor set.
pub fn read(path: &Path) -> Result<Schema, Error> {
    if !path.exists() {
        let diagnostic = Diagnostic::new("there is no baseline")
            .in_file(path.display().to_string())
            .with_help("record the current schema with `protogate baseline accept`");
        return Err(Error::new(ErrorKind::Environment, vec![diagnostic]));
    }
    load::read_descriptor_set(path)
}
