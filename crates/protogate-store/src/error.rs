//! Everything that can go wrong, as one opaque error with a kind to branch on.
//!
//! Messages may name keys and revisions; they never hold values or SQL.

use std::fmt;

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    kind: Box<ErrorKind>,
    #[source]
    source: Option<sqlx::Error>,
}

/// The case of an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The resource is not at the revision that the caller expected. Revision 0 is "does not exist".
    Mismatch {
        /// Key of the resource.
        key: String,
        /// What the caller expected.
        expected: u64,
        /// What the store has.
        actual: u64,
    },
    /// The changes after the requested revision are no longer in the log.
    Compacted {
        /// Changes up to this revision are gone; a watch may resume from it or later.
        compacted: u64,
        /// The newest revision.
        current: u64,
    },
    /// The requested revision does not exist yet.
    Future {
        /// What was asked for.
        requested: u64,
        /// The newest revision.
        current: u64,
    },
    /// A live watch stayed behind for too long. Resume after `delivered`.
    Lagged {
        /// The last revision that was delivered.
        delivered: u64,
    },
    /// The store was closed. A watch may resume after `delivered` elsewhere.
    Closed {
        /// The last revision that was delivered; 0 when the call was not a watch.
        delivered: u64,
    },
    /// An argument is out of bounds.
    Invalid {
        /// What is wrong with which argument.
        what: String,
    },
    /// The disk is full: nothing was written, reads go on.
    Full,
    /// The write may or may not have been made durable; writes are refused until the process restarts.
    CommitUnknown,
    /// Writes are refused because an earlier one failed on disk; reads go on.
    WritesStopped,
    /// Another process has the database open.
    InUse {
        /// The lock file.
        path: String,
    },
    /// The database was written by a newer version of the store, or is not a store at all.
    Incompatible {
        /// What was found and expected.
        what: String,
    },
    /// The database file is damaged.
    Corrupt {
        /// What was found.
        what: String,
    },
    /// The database could not be opened, read or written.
    Database,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch { key, expected, actual } => {
                write!(f, "`{key}` is at revision {actual}, expected {expected}")
            }
            Self::Compacted { compacted, current } => {
                write!(f, "changes up to revision {compacted} are compacted, current revision is {current}")
            }
            Self::Future { requested, current } => {
                write!(f, "revision {requested} does not exist yet, current revision is {current}")
            }
            Self::Lagged { delivered } => {
                write!(f, "the watch fell behind, resume after revision {delivered}")
            }
            Self::Closed { .. } => f.write_str("the store is closed"),
            Self::Invalid { what } | Self::Incompatible { what } | Self::Corrupt { what } => {
                f.write_str(what)
            }
            Self::Full => f.write_str("the disk is full, nothing was written"),
            Self::CommitUnknown => f.write_str("the write may or may not have become durable"),
            Self::WritesStopped => {
                f.write_str("writes are stopped after a disk failure, restart the process")
            }
            Self::InUse { path } => write!(f, "another process holds `{path}`"),
            Self::Database => f.write_str("the database could not be used"),
        }
    }
}

impl Error {
    /// The case, for branching.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        ErrorKind::Invalid { what: what.into() }.into()
    }

    /// Whether the disk answered with an error.
    pub(crate) fn is_io_failure(&self) -> bool {
        self.source.as_ref().is_some_and(is_io_failure)
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        ErrorKind::Corrupt { what: what.into() }.into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind: Box::new(kind), source: None }
    }
}

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        let kind = match primary_code(&source) {
            Some(SQLITE_FULL) => ErrorKind::Full,
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => {
                ErrorKind::Corrupt { what: "the database file is damaged".into() }
            }
            _ => ErrorKind::Database,
        };
        Self { kind: Box::new(kind), source: Some(source) }
    }
}

const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_NOTADB: u32 = 26;

/// SQLite's result code without its extension bits (<https://sqlite.org/rescode.html>).
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// The disk answered with an error: what is on it is no longer known.
pub(crate) fn is_io_failure(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(SQLITE_IOERR) || matches!(error, sqlx::Error::Io(_))
}

/// The disk is full: SQLite has undone the statement or the transaction.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(SQLITE_FULL)
}
