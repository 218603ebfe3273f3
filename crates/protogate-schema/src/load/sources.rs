//! The source files of an input as they are written, for tools that work on text. Nothing is compiled, imports are not followed.

use std::path::PathBuf;

use super::{Adjust, Input, archive, disk, git};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::project::Project;

/// A source file.
#[derive(Debug, Clone)]
pub struct Source {
    /// What messages call it.
    pub path: String,
    /// The file itself, links followed; `None` in an archive and a revision, which are not written to.
    pub file: Option<PathBuf>,
    /// Its content, of any encoding.
    pub bytes: Vec<u8>,
}

/// Reads the target files of an input, in order of their import names; `adjust` changes the project first, as in
/// [`load_with`](super::load_with).
///
/// # Errors
/// When the input has no sources (descriptor sets do not), or they cannot be found or read.
pub fn sources(input: &Input, adjust: &Adjust<'_>) -> Result<Vec<Source>, Error> {
    match input {
        Input::Directory(dir) => {
            input.check()?;
            disk::sources(&adjust(Project::around(dir)?)?)
        }
        Input::ProtoFile(path) => disk::source(path).map(|it| vec![it]),
        Input::Archive(archive) => archive::sources(archive, adjust),
        Input::Git { repo, rev, subdir } => git::sources(repo, rev, subdir.as_deref(), adjust),
        Input::PackageOf(_) => Err(no_sources("the files of a package", "give the folder that they are in")),
        Input::Image(_) => Err(no_sources(
            "a descriptor set",
            "give the folder, file, archive or revision that it was built from",
        )),
    }
}

/// Reads the target files of a project that is at hand.
///
/// # Errors
/// As [`sources`].
pub fn project_sources(project: &Project) -> Result<Vec<Source>, Error> {
    disk::sources(project)
}

fn no_sources(what: &str, help: &str) -> Error {
    let message = format!("{what} cannot be read as source files");
    Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)])
}
