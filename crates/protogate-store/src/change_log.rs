//! Reads the change log in order, without gaps, in bounded portions.
//!
//! The compacted revision and the rows come from one snapshot, so a compaction that runs meanwhile is seen either as not begun
//! or as an explicit error, never as a hole.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::{Connection, SqliteConnection, SqlitePool};

use crate::error::{Error, ErrorKind};
use crate::resource::{Change, State, from_column, from_millis, to_column};

/// Most changes of one portion.
const PORTION_CHANGES: i64 = 256;
/// A portion ends after this many bytes of values.
const PORTION_BYTES: usize = 1 << 20;

type Row = (i64, String, Option<Vec<u8>>, i64, i64, i64, String);

/// The newest and the compacted revision.
pub(crate) async fn state(connection: &mut SqliteConnection) -> Result<State, sqlx::Error> {
    let (revision, compacted): (i64, i64) =
        sqlx::query_as("SELECT revision, compacted FROM store_state WHERE id = 1")
            .fetch_one(connection)
            .await?;
    Ok(State { revision: from_column(revision), compacted: from_column(compacted) })
}

/// The next changes after `revision`; empty when there are none.
pub(crate) async fn read_after(readers: &SqlitePool, revision: u64) -> Result<Vec<Arc<Change>>, Error> {
    let mut connection = readers.acquire().await?;
    let mut snapshot = connection.begin().await?;
    let state = state(&mut snapshot).await?;
    if revision < state.compacted {
        return Err(ErrorKind::Compacted { compacted: state.compacted, current: state.revision }.into());
    }
    let mut changes: Vec<Arc<Change>> = Vec::new();
    {
        let mut bytes = 0;
        let mut rows = sqlx::query_as::<_, Row>(
            "SELECT revision, key, value, create_revision, created_at, changed_at, changed_by
             FROM change WHERE revision > ?1 ORDER BY revision LIMIT ?2",
        )
        .bind(to_column(revision))
        .bind(PORTION_CHANGES)
        .fetch(&mut *snapshot);
        while let Some(row) = rows.try_next().await? {
            let change = from_row(row);
            let wanted = changes.last().map_or(revision, |last| last.revision) + 1;
            if change.revision != wanted {
                return Err(Error::corrupt(format!(
                    "the change log has revision {} where {wanted} belongs",
                    change.revision
                )));
            }
            bytes += change.value.as_ref().map_or(0, Vec::len);
            changes.push(Arc::new(change));
            if bytes >= PORTION_BYTES {
                break;
            }
        }
    }
    snapshot.rollback().await?;
    if changes.is_empty() && revision < state.revision {
        return Err(Error::corrupt(format!(
            "the change log ends before revision {}, current revision is {}",
            revision + 1,
            state.revision
        )));
    }
    Ok(changes)
}

fn from_row((revision, key, value, create_revision, created_at, changed_at, changed_by): Row) -> Change {
    Change {
        revision: from_column(revision),
        key,
        value,
        create_revision: from_column(create_revision),
        created_at: from_millis(created_at),
        changed_at: from_millis(changed_at),
        changed_by,
    }
}
