//! Several files that belong together, written all or none.
//!
//! Each file is replaced as a whole. When one cannot be written, those before it get their old content back; and nothing is written when
//! a file is no longer as it was when its new content was made.

use std::path::{Path, PathBuf};

use protogate_schema::write_atomic;

use crate::failure::Failure;

/// A file with its content before and after.
#[derive(Debug)]
pub(crate) struct Change {
    path: PathBuf,
    /// `None`: there was no file.
    old: Option<Vec<u8>>,
    new: Vec<u8>,
}

/// What a file holds; `None` when there is none.
pub(crate) fn content(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::environment(format!("`{}` cannot be read: {error}", path.display()))),
    }
}

impl Change {
    /// A change of what [`content`] has read.
    pub(crate) fn new(path: PathBuf, old: Option<Vec<u8>>, new: Vec<u8>) -> Self {
        Self { path, old, new }
    }

    /// Where it goes.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn undo(&self) {
        // The failure that led here is the one to report.
        let _ = match &self.old {
            Some(old) => write_atomic(&self.path, old).map(drop),
            None => std::fs::remove_file(&self.path)
                .map_err(|error| protogate_schema::Error::message(error.to_string())),
        };
    }
}

/// Writes all, or none.
pub(crate) fn write_all<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Result<(), Failure> {
    let changes: Vec<&Change> = changes.into_iter().collect();
    for change in &changes {
        if content(&change.path)? != change.old {
            return Err(Failure::environment(format!(
                "`{}` was changed by somebody else in the meantime; nothing is written",
                change.path.display()
            ))
            .with_help("run the command again and look at the plan"));
        }
    }
    for (index, change) in changes.iter().enumerate() {
        if let Err(error) = write_atomic(&change.path, &change.new) {
            changes[..index].iter().for_each(|it| it.undo());
            return Err(error.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("a"), "old").unwrap();
        std::fs::write(path("file"), "").unwrap();
        let change = |name: &str, old: Option<&str>| {
            Change::new(path(name), old.map(|it| it.as_bytes().to_vec()), b"new".to_vec())
        };
        // A folder that is a file: the third cannot be written.
        let changes =
            [change("a", Some("old")), change("b", None), Change::new(path("file/c"), None, Vec::new())];
        assert!(write_all(&changes).is_err());
        assert_eq!(std::fs::read(path("a")).unwrap(), b"old");
        assert!(!path("b").exists());
        assert!(write_all(&changes[..2]).is_ok());
        assert_eq!(std::fs::read(path("b")).unwrap(), b"new");
        // The old content is another one now.
        assert!(write_all(&changes[..1]).is_err());
    }
}
