//! The one configuration entry that is read in every measurement, and the two places that a rival reads it from.

use std::path::Path;
use std::time::SystemTime;

use protogate_store::{Error, Put, Resource, State, Store, StoreConfig};

/// Key of the entry.
pub const KEY: &str = "limits.requests-per-second";
/// Value of the entry: a small JSON text, as configuration entries are.
pub const VALUE: &str =
    r#"{"limit":250,"burst":500,"window":"1s","scope":["tenant","method"],"owner":"platform"}"#;
/// Who wrote it: the subject of the token.
pub const WRITER: &str = "bench";

/// Where a rival has the entry from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Memory: what a server costs that does nothing.
    Memory(Resource),
    /// The store that the reference service uses, in a file of its own.
    Store(Store),
}

impl Source {
    /// Opens the store and writes the entry to it; without a path, keeps the entry in memory.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open(path: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = path else {
            let now = SystemTime::now();
            return Ok(Self::Memory(Resource {
                key: KEY.to_owned(),
                value: VALUE.into(),
                revision: 1,
                create_revision: 1,
                created_at: now,
                updated_at: now,
                updated_by: WRITER.to_owned(),
            }));
        };
        let store = Store::open(StoreConfig::new(path)).await?;
        store.put(Put::new(KEY, VALUE).by(WRITER)).await?;
        Ok(Self::Store(store))
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// What the store says.
    pub async fn get(&self, key: &str) -> Result<Option<Resource>, Error> {
        match self {
            Self::Memory(entry) => Ok((key == entry.key).then(|| entry.clone())),
            Self::Store(store) => store.get(key).await,
        }
    }

    /// Reads how far the store is, as a health check would.
    ///
    /// # Errors
    /// What the store says.
    pub async fn state(&self) -> Result<State, Error> {
        match self {
            Self::Memory(entry) => Ok(State { revision: entry.revision, compacted: 0 }),
            Self::Store(store) => store.state().await,
        }
    }
}
