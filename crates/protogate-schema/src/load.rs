//! Whatever the user names — folder, file, descriptor set, archive, git revision — becomes a [`Schema`].
//!
//! What differs between the inputs is only where bytes come from: each kind has its file below; compiling is
//! [`crate::compile`]'s.

mod archive;
mod committed;
mod descriptor_set;
mod disk;
mod git;
mod input;
mod notation;
mod package;
mod revision;
mod snapshot;
mod sources;
mod stream;
mod written;

use std::path::Path;

use crate::error::Error;
use crate::model::Schema;
use crate::origin::Origin;
use crate::project::Project;

pub(crate) use committed::{committed_versions, newest_versions};
pub(crate) use descriptor_set::IMPORT_MARK;
pub use input::{Archive, Compression, Container, Encoding, Image, Input, Stream};
pub(crate) use revision::check_revision;
pub use sources::{Source, project_sources, sources};
pub(crate) use written::{DESCRIPTOR, ROOT, core as descriptor_types};

/// Loads an input.
///
/// A folder is read with its `protogate.toml` if it has one, else it is the import root. A single file is compiled with the
/// import roots of the project that it lies in, else with its folder as root, and is then the only target. A git revision is
/// read from the object store with the `protogate.toml` of that revision, an archive in memory with the one that is in it. A
/// descriptor set says itself which of its files are imports.
///
/// # Errors
/// Every error of the phase that failed (reading and parsing; imports; linking), with places;
/// [`Environment`](crate::ErrorKind::Environment) when git or the revision is missing.
pub fn load(input: &Input) -> Result<Schema, Error> {
    load_with(input, &Ok).map(|it| it.schema)
}

/// A schema with the project that it was read by.
#[derive(Debug)]
pub struct Loaded {
    /// The schema.
    pub schema: Schema,
    /// Of a folder, a revision or an archive the project in it; `None` for what has no configuration.
    pub project: Option<Project>,
}

/// What is done to a project between being found and being read, such as narrowing it to some paths.
pub type Adjust<'a> = dyn Fn(Project) -> Result<Project, Error> + 'a;

/// Loads an input, its project changed by `adjust` first.
///
/// # Errors
/// As [`load`], and those of `adjust`.
pub fn load_with(input: &Input, adjust: &Adjust<'_>) -> Result<Loaded, Error> {
    let plain = |schema| Loaded { schema, project: None };
    match input {
        Input::Directory(dir) => {
            input.check()?;
            let project = adjust(Project::around(dir)?)?;
            Ok(Loaded { schema: load_project(&project)?, project: Some(project) })
        }
        Input::ProtoFile(path) => disk::load_file(path).map(plain),
        Input::PackageOf(path) => disk::load_package(path).map(plain),
        Input::Image(image) => descriptor_set::read(image).map(plain),
        Input::Archive(archive) => archive::load(archive, adjust),
        Input::Git { repo, rev, subdir } => git::load(repo, rev, subdir.as_deref(), adjust),
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
    descriptor_set::read(&Image::binary(path))
}

/// Reads the bytes of a descriptor set that is no file, such as a version in a repository.
pub(crate) fn read_descriptor_bytes(bytes: Vec<u8>) -> Result<Schema, Error> {
    descriptor_set::parse(bytes.into(), "descriptor set")
}
