//! Files for what is only read from a disk: one folder a process, written anew for every input.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

/// A folder that lives as long as the process.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// The folder of this process.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn get() -> &'static Self {
        static FOLDER: OnceLock<Folder> = OnceLock::new();
        FOLDER.get_or_init(|| Self(tempfile::tempdir().expect("a temporary folder")))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A file in the folder with this content.
///
/// # Panics
/// When it cannot be written.
pub fn on_disk(name: &str, content: &[u8]) -> PathBuf {
    let path = Folder::get().path().join(name);
    std::fs::write(&path, content).expect("the temporary folder takes a file");
    path
}
