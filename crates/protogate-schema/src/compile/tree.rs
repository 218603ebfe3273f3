//! Where the compiler gets its files from: by import name, out of a folder, a git revision or memory.

use std::collections::HashMap;

use super::Source;
use crate::error::{Diagnostic, Error, ErrorKind};

/// A source of files. Called from several threads at once.
pub(crate) trait Tree: Sync {
    /// The file with this import name, `None` when there is none. Bundled files are not the tree's business.
    fn read(&self, name: &str) -> Result<Option<Found>, Refused>;

    /// Import names that there are, for advice.
    fn names(&self) -> Vec<String>;

    /// What tells this tree apart from others, if what is compiled from it may be remembered: its folders.
    fn project(&self) -> Option<String> {
        None
    }

    /// What is wrong with the set of files that were read, such as one file under two names.
    fn check(&self) -> Vec<Diagnostic> {
        Vec::new()
    }
}

/// A file as it was read.
pub(crate) struct Found {
    /// Path as the user knows it.
    pub(crate) display: String,
    pub(crate) bytes: Vec<u8>,
}

/// A file that is there but must not or cannot be read.
pub(crate) struct Refused {
    pub(crate) kind: ErrorKind,
    pub(crate) diagnostic: Box<Diagnostic>,
}

impl Refused {
    pub(crate) fn input(path: &str, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Input, diagnostic: Box::new(Diagnostic::new(message).in_file(path)) }
    }

    pub(crate) fn environment(path: &str, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Environment, diagnostic: Box::new(Diagnostic::new(message).in_file(path)) }
    }
}

/// Why a name cannot be the import name of a file: it must be relative and clean, so that it cannot leave its root.
pub(crate) fn unclean(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > 4096 {
        Some("is longer than 4096 bytes")
    } else if name.contains(char::is_control) {
        Some("holds a control character")
    } else if name.contains('\\') {
        Some("holds a backslash; folders are separated by `/`")
    } else if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') {
        Some("is absolute; it must be relative to an import root")
    } else if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        Some("holds an empty, `.` or `..` part")
    } else {
        None
    }
}

/// Files in memory.
pub(crate) struct Memory {
    files: HashMap<String, Vec<u8>>,
}

impl Memory {
    pub(crate) fn new(sources: Vec<Source>) -> Result<Self, Error> {
        let mut files = HashMap::with_capacity(sources.len());
        for source in sources {
            if let Some(why) = unclean(&source.path) {
                let shown = source.path.escape_debug();
                return Err(Error::message(format!("the file name `{shown}` {why}")));
            }
            if files.contains_key(&source.path) {
                return Err(Error::message(format!("`{}` is there twice", source.path)));
            }
            files.insert(source.path, source.text);
        }
        Ok(Self { files })
    }
}

impl Tree for Memory {
    fn read(&self, name: &str) -> Result<Option<Found>, Refused> {
        Ok(self.files.get(name).map(|text| Found { display: name.to_owned(), bytes: text.clone() }))
    }

    fn names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
}
