//! Point and range reads. A range comes from one snapshot and says which.

use sqlx::{Connection, SqlitePool};

use crate::change_log;
use crate::error::Error;
use crate::resource::{ListPage, ListQuery, Resource, State, from_column, from_millis, prefix_end};

type Row = (String, Vec<u8>, i64, i64, i64, i64, String);

pub(crate) async fn get(readers: &SqlitePool, key: &str) -> Result<Option<Resource>, Error> {
    let row = sqlx::query_as::<_, Row>(
        "SELECT key, value, revision, create_revision, created_at, updated_at, updated_by
         FROM resource WHERE key = ?1",
    )
    .bind(key)
    .fetch_optional(readers)
    .await?;
    Ok(row.map(from_row))
}

pub(crate) async fn list(readers: &SqlitePool, query: &ListQuery) -> Result<ListPage, Error> {
    let mut connection = readers.acquire().await?;
    let mut snapshot = connection.begin().await?;
    let revision = change_log::state(&mut snapshot).await?.revision;
    // One more than asked for tells whether there is another page.
    let rows = sqlx::query_as::<_, Row>(
        "SELECT key, value, revision, create_revision, created_at, updated_at, updated_by
         FROM resource WHERE key >= ?1 AND key < ?2 AND key > ?3 ORDER BY key LIMIT ?4",
    )
    .bind(&query.prefix)
    .bind(prefix_end(&query.prefix))
    .bind(query.after.as_deref().unwrap_or(""))
    .bind(i64::from(query.limit) + 1)
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.rollback().await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    Ok(ListPage { resources: rows.into_iter().take(limit).map(from_row).collect(), more, revision })
}

pub(crate) async fn state(readers: &SqlitePool) -> Result<State, Error> {
    let mut connection = readers.acquire().await?;
    Ok(change_log::state(&mut connection).await?)
}

fn from_row((key, value, revision, create_revision, created_at, updated_at, updated_by): Row) -> Resource {
    Resource {
        key,
        value,
        revision: from_column(revision),
        create_revision: from_column(create_revision),
        created_at: from_millis(created_at),
        updated_at: from_millis(updated_at),
        updated_by,
    }
}
