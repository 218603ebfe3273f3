//! The values that go in and out of the store, and the bounds on them.

use std::time::{Duration, SystemTime};

use crate::error::Error;

/// Longest key in bytes.
const MAX_KEY_BYTES: usize = 512;
/// Longest actor in bytes.
const MAX_ACTOR_BYTES: usize = 256;
/// Most resources of one page.
const MAX_PAGE: u32 = 1000;
/// Sorts after every character a key may contain, so `prefix + LAST` closes the range of a prefix.
const LAST: char = '\u{10FFFF}';

/// A stored resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Unique name.
    pub key: String,
    /// Bytes as they were put.
    pub value: Vec<u8>,
    /// Revision of the last change.
    pub revision: u64,
    /// Revision of the creation; another number than before after delete and put.
    pub create_revision: u64,
    /// When it was created, to the millisecond.
    pub created_at: SystemTime,
    /// When it was last changed, to the millisecond.
    pub updated_at: SystemTime,
    /// Who changed it last.
    pub updated_by: String,
}

/// One row of the change log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The revision that this change made.
    pub revision: u64,
    /// The resource that changed.
    pub key: String,
    /// The new value; `None` is a deletion.
    pub value: Option<Vec<u8>>,
    /// Revision of the resource's creation; equal to `revision` when this change created it.
    pub create_revision: u64,
    /// When the resource was created.
    pub created_at: SystemTime,
    /// When it changed.
    pub changed_at: SystemTime,
    /// Who changed it.
    pub changed_by: String,
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// No condition.
    Any,
    /// The resource must not exist.
    Absent,
    /// The resource must exist at this revision.
    At(u64),
}

impl From<Option<u64>> for Expected {
    /// `None` is no condition, 0 is "must not exist", n is "must be at n".
    fn from(revision: Option<u64>) -> Self {
        match revision {
            None => Self::Any,
            Some(0) => Self::Absent,
            Some(revision) => Self::At(revision),
        }
    }
}

impl Expected {
    /// The revision to compare with; 0 stands for "does not exist".
    pub(crate) fn revision(self) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Absent => Some(0),
            Self::At(revision) => Some(revision),
        }
    }
}

/// A write of one resource.
#[derive(Debug, Clone)]
pub struct Put {
    pub(crate) key: String,
    pub(crate) value: Vec<u8>,
    pub(crate) actor: String,
    pub(crate) expected: Expected,
}

impl Put {
    /// Writes `value` under `key`, without a condition.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self { key: key.into(), value: value.into(), actor: String::new(), expected: Expected::Any }
    }

    /// Who writes. At most 256 bytes.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = actor.into();
        self
    }

    /// The condition.
    #[must_use]
    pub fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    pub(crate) fn check(&self, max_value_bytes: usize) -> Result<(), Error> {
        check_key(&self.key)?;
        check_actor(&self.actor)?;
        if self.value.len() > max_value_bytes {
            return Err(Error::invalid(format!(
                "the value has {} bytes, at most {max_value_bytes} are stored",
                self.value.len()
            )));
        }
        Ok(())
    }
}

/// A deletion of one resource.
#[derive(Debug, Clone)]
pub struct Delete {
    pub(crate) key: String,
    pub(crate) actor: String,
    pub(crate) expected: Expected,
}

impl Delete {
    /// Deletes `key`, without a condition. Deleting what is not there succeeds and changes nothing.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), actor: String::new(), expected: Expected::Any }
    }

    /// Who deletes. At most 256 bytes.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = actor.into();
        self
    }

    /// The condition.
    #[must_use]
    pub fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_key(&self.key)?;
        check_actor(&self.actor)
    }
}

/// Which resources to list, in key order.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Only keys that begin with this; empty is all.
    pub prefix: String,
    /// Only keys after this one (the last of the previous page).
    pub after: Option<String>,
    /// Most resources of the page, 1 to 1000.
    pub limit: u32,
}

impl ListQuery {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_prefix(&self.prefix)?;
        if self.limit == 0 || self.limit > MAX_PAGE {
            return Err(Error::invalid(format!("the limit is {}, expected 1 to {MAX_PAGE}", self.limit)));
        }
        Ok(())
    }
}

/// A page of resources, read in one snapshot.
#[derive(Debug, Clone)]
pub struct ListPage {
    /// The resources in key order.
    pub resources: Vec<Resource>,
    /// There are more after the last one.
    pub more: bool,
    /// The revision of the snapshot: a watch from here misses nothing that the page does not show.
    pub revision: u64,
}

/// How far the store has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The newest revision; 0 in an empty store.
    pub revision: u64,
    /// Changes up to this revision are no longer in the log; 0 when none were removed.
    pub compacted: u64,
}

fn check_key(key: &str) -> Result<(), Error> {
    if key.is_empty() {
        return Err(Error::invalid("the key is empty"));
    }
    check_prefix(key)
}

pub(crate) fn check_prefix(key: &str) -> Result<(), Error> {
    if key.len() > MAX_KEY_BYTES {
        return Err(Error::invalid(format!(
            "the key has {} bytes, at most {MAX_KEY_BYTES} are allowed",
            key.len()
        )));
    }
    if key.chars().any(|c| c.is_control() || c == LAST) {
        return Err(Error::invalid("the key contains a control character or U+10FFFF"));
    }
    Ok(())
}

fn check_actor(actor: &str) -> Result<(), Error> {
    if actor.len() > MAX_ACTOR_BYTES {
        return Err(Error::invalid(format!(
            "the actor has {} bytes, at most {MAX_ACTOR_BYTES} are allowed",
            actor.len()
        )));
    }
    Ok(())
}

/// The first string after every key with this prefix.
pub(crate) fn prefix_end(prefix: &str) -> String {
    format!("{prefix}{LAST}")
}

/// Milliseconds since 1970 for a column. A clock before 1970 counts as 1970.
pub(crate) fn to_millis(time: SystemTime) -> i64 {
    let elapsed = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// A column's milliseconds as a time.
pub(crate) fn from_millis(millis: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A revision for a column. Revisions count writes: they cannot reach 2^63.
pub(crate) fn to_column(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// A column as a revision. The schema forbids negative ones.
pub(crate) fn from_column(revision: i64) -> u64 {
    u64::try_from(revision).unwrap_or(0)
}
