//! Whatever the user names — folder, file, descriptor set, git revision — becomes a [`Schema`].
//!
//! What differs between the inputs is only where bytes come from: each kind has its file below; compiling is
//! [`crate::compile`]'s.

mod committed;
mod descriptor_set;
mod disk;
mod git;
mod input;
mod revision;

use std::path::Path;

use crate::error::Error;
use crate::model::Schema;
use crate::origin::Origin;
use crate::project::Project;

pub(crate) use committed::committed_versions;
pub(crate) use descriptor_set::IMPORT_MARK;
pub use input::Input;
pub(crate) use revision::check_revision;

/// Loads an input.
///
/// A folder is read with its `protogate.toml` if it has one, else it is the import root. A single file is compiled with the
/// import roots of the project that it lies in, else with its folder as root, and is then the only target. A git revision is
/// read from the object store with the `protogate.toml` of that revision.
///
/// # Errors
/// Every error of the phase that failed (reading and parsing; imports; linking), with places;
/// [`Environment`](crate::ErrorKind::Environment) when git or the revision is missing.
pub fn load(input: &Input) -> Result<Schema, Error> {
    match input {
        Input::Directory(dir) => load_project(&Project::discover(dir)?),
        Input::ProtoFile(path) => disk::load_file(path),
        Input::DescriptorSet(path) => descriptor_set::read(path),
        Input::Git { repo, rev, subdir } => git::load(repo, rev, subdir.as_deref()),
    }
}

/// Loads the files below a project's import roots.
///
/// # Errors
/// As [`load`].
pub fn load_project(project: &Project) -> Result<Schema, Error> {
    disk::load_project(project)
}

/// What a schema was read from: the real files, and the folders that were searched for them. For `cargo::rerun-if-changed`.
#[must_use]
pub fn inputs_read(schema: &Schema) -> &Origin {
    schema.origin()
}

pub(crate) fn read_descriptor_set(path: &Path) -> Result<Schema, Error> {
    descriptor_set::read(path)
}

/// Reads the bytes of a descriptor set that is no file, such as a version in a repository.
pub(crate) fn read_descriptor_bytes(bytes: Vec<u8>) -> Result<Schema, Error> {
    descriptor_set::parse(bytes.into(), "descriptor set")
}
