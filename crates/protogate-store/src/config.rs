//! What an operator may set about a store. Every number has a default that a small service can live with.

use std::path::PathBuf;
use std::time::Duration;

/// Settings of a [`crate::Store`].
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The database file. Missing parent folders are created. `<file>-wal`, `<file>-shm` and `<file>.lock` lie beside it.
    pub path: PathBuf,
    /// Connections that read. Default 4.
    pub readers: u32,
    /// Largest value in bytes. Default 1 MiB.
    pub max_value_bytes: usize,
    /// Run `PRAGMA quick_check` when the store opens. Default true; it reads the whole file.
    pub quick_check: bool,
    /// How long `open` waits for another process to let go of the file. Default 5 s.
    pub lock_wait: Duration,
    /// What the change log keeps.
    pub retention: Retention,
    /// A watch with nothing to deliver sends a progress mark this often. Default 10 s.
    pub progress_interval: Duration,
    /// A live watch that stays behind for this long ends with `Lagged`. Default 30 s.
    pub lag_limit: Duration,
    /// Recent changes kept in memory for watches; older ones are read from the log. Default 4096 changes, and 16 MiB in all.
    pub window_changes: usize,
}

/// What the change log keeps. A change that fails either test is compacted; current resources are never touched.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Keep this many of the newest changes. Default 100,000; `None` is no bound.
    pub max_changes: Option<u64>,
    /// Keep changes up to this age. Default 7 days; `None` is no bound.
    pub max_age: Option<Duration>,
    /// How often the bounds are applied. Default 60 s.
    pub interval: Duration,
}

impl StoreConfig {
    /// Defaults for a database at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            readers: 4,
            max_value_bytes: 1 << 20,
            quick_check: true,
            lock_wait: Duration::from_secs(5),
            retention: Retention::default(),
            progress_interval: Duration::from_secs(10),
            lag_limit: Duration::from_secs(30),
            window_changes: 4096,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            max_changes: Some(100_000),
            max_age: Some(Duration::from_secs(7 * 24 * 3600)),
            interval: Duration::from_secs(60),
        }
    }
}
