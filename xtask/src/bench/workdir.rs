//! A folder for one run, removed when the run ends, however it ends.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder; dropping it removes it and everything in it.
#[derive(Debug)]
pub(super) struct WorkDir(PathBuf);

impl WorkDir {
    /// A new, empty folder below `parent`.
    pub(super) fn new(parent: &Path) -> Result<Self> {
        let path = parent.join(format!("run-{}", std::process::id()));
        // Left by a killed run with the same process id.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// A path in the folder.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A folder in the folder, created.
    pub(super) fn create_dir(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(path)
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        // Nothing can be done about a folder that cannot be removed; it lies below `target`.
        let _ = fs::remove_dir_all(&self.0);
    }
}
