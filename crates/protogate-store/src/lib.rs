//! A revisioned resource store: put, get, list, delete, a change log and watches that resume without gaps.
//!
//! Every change gets the next revision inside its own transaction, so revisions are dense and in commit order. The change log
//! row is written in the same transaction; a write is acknowledged after the commit is on disk. A watch resumes exactly after
//! a given revision or fails with an explicit error. SQLite is the only backend today; nothing here knows protobuf or a network.
//!
//! ```
//! # async fn demo(dir: &std::path::Path) -> Result<(), protogate_store::Error> {
//! use protogate_store::{Expected, Put, Store, StoreConfig};
//!
//! let store = Store::open(StoreConfig::new(dir.join("resources.sqlite"))).await?;
//! let created = store.put(Put::new("limits/rps", "100").by("alice").expecting(Expected::Absent)).await?;
//! let updated = store.put(Put::new("limits/rps", "250").by("alice").expecting(Expected::At(created.revision))).await?;
//! assert_eq!(updated.revision, created.revision + 1);
//! # Ok(()) }
//! # let dir = tempfile::tempdir().unwrap();
//! # tokio::runtime::Runtime::new().unwrap().block_on(demo(dir.path())).unwrap();
//! ```

mod change_log;
mod compaction;
mod config;
mod database;
mod error;
mod hub;
mod lock;
mod read;
mod resource;
mod store;
mod watch;
mod writer;

pub use config::{Retention, StoreConfig};
pub use error::{Error, ErrorKind};
pub use resource::{Change, Delete, Expected, ListPage, ListQuery, Put, Resource, State};
pub use store::Store;
pub use watch::{Watch, WatchEvent, WatchFrom};
