//! One process per database: an advisory lock on `<database>.lock`.
//!
//! SQLite would allow several processes, but the live part of a watch is fed by this process's writer alone. The operating
//! system lets go of the lock when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};

/// Held for as long as the store may write.
#[derive(Debug)]
pub(crate) struct ProcessLock {
    _file: File,
}

impl ProcessLock {
    /// Waits up to `wait` for the lock.
    pub(crate) async fn acquire(database: &Path, wait: Duration) -> Result<Self, Error> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Error::from(sqlx::Error::Io(error)))?;
        let deadline = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(ErrorKind::InUse { path: path.display().to_string() }.into());
                }
                Err(TryLockError::Error(error)) => return Err(sqlx::Error::Io(error).into()),
            }
        }
    }
}
