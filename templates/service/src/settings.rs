//! The `[app]` section of `service.toml`. The server's own sections are read by `protogate`.

use std::path::PathBuf;
use std::time::Duration;

use protogate_store::{Retention, StoreConfig};
use serde::Deserialize;

/// What an operator may set about this service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The database file; its folder is created.
    database: PathBuf,
    /// How many changes a watcher may be away for.
    #[serde(default = "default_keep_changes")]
    keep_changes: u64,
    /// How many hours a watcher may be away for.
    #[serde(default = "default_keep_hours")]
    keep_hours: u64,
}

fn default_keep_changes() -> u64 {
    100_000
}

fn default_keep_hours() -> u64 {
    7 * 24
}

impl Settings {
    pub(crate) fn store(&self) -> StoreConfig {
        let mut config = StoreConfig::new(&self.database);
        config.retention = Retention {
            max_changes: Some(self.keep_changes),
            max_age: Some(Duration::from_secs(self.keep_hours.saturating_mul(3600))),
            ..Retention::default()
        };
        config
    }
}
