//! Where the files of a schema came from, so that messages can name them and builds know what to watch.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What a [`Schema`](crate::Schema) was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    pub(crate) root: PathBuf,
    pub(crate) display: HashMap<String, String>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) directories: Vec<PathBuf>,
}

impl Origin {
    /// Folder that the input stands for, as it was typed; empty for descriptor sets and git revisions.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Path of a file as the user knows it: `proto/acme/v1/book.proto` for the import name `acme/v1/book.proto`.
    ///
    /// It is the path in the diagnostics of [`Error`](crate::Error) too. The import name itself for bundled files, and when the
    /// schema was not read from files.
    #[must_use]
    pub fn display_path<'a>(&'a self, import_name: &'a str) -> &'a str {
        self.display.get(import_name).map_or(import_name, String::as_str)
    }

    /// The real files that were read, configuration included, sorted: a change of one changes the schema.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The folders that were searched for files, sorted: a new file in one may change the schema.
    ///
    /// Not among them are folders with a hidden folder or a cache (`CACHEDIR.TAG`) somewhere below, which change without any change
    /// of the schema: of these only the folders beside are named, and their files are among [`Self::files`].
    #[must_use]
    pub fn directories(&self) -> &[PathBuf] {
        &self.directories
    }
}
