//! Forgets old changes: first the compacted revision is recorded, then rows go in bounded portions.
//!
//! The order matters: a reader that sees the new compacted revision gets an explicit error, and a process that dies in between
//! leaves rows that nobody reads and the next sweep removes. Portions are separate transactions, so writers wait for one at most.

use std::time::{Duration, SystemTime};

use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use crate::change_log;
use crate::config::Retention;
use crate::error::{Error, ErrorKind};
use crate::resource::{State, from_column, to_column, to_millis};
use crate::writer::Job;

/// Rows of one portion.
const PORTION: i64 = 1000;

/// Records that changes up to `revision` are gone. A lower revision than before changes nothing.
pub(crate) async fn record(connection: &mut SqliteConnection, revision: u64) -> Result<State, Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let state = change_log::state(&mut transaction).await?;
    if revision > state.revision {
        return Err(ErrorKind::Future { requested: revision, current: state.revision }.into());
    }
    let compacted = revision.max(state.compacted);
    sqlx::query("UPDATE store_state SET compacted = ?1 WHERE id = 1")
        .bind(to_column(compacted))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(State { compacted, ..state })
}

/// Deletes one portion of rows; true when there are more.
pub(crate) async fn sweep(connection: &mut SqliteConnection) -> Result<bool, Error> {
    let done = sqlx::query(
        "DELETE FROM change WHERE revision IN (
             SELECT revision FROM change WHERE revision <= (SELECT compacted FROM store_state WHERE id = 1)
             ORDER BY revision LIMIT ?1)",
    )
    .bind(PORTION)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == u64::try_from(PORTION).unwrap_or(u64::MAX))
}

/// Sweeps until nothing is left.
pub(crate) async fn sweep_all(jobs: &mpsc::Sender<Job>) -> Result<(), Error> {
    loop {
        let (reply, answer) = oneshot::channel();
        jobs.send(Job::Sweep(reply)).await.map_err(|_| closed())?;
        if !answer.await.map_err(|_| closed())?? {
            return Ok(());
        }
    }
}

/// Applies the retention for as long as the store is open.
pub(crate) async fn retain(jobs: mpsc::WeakSender<Job>, readers: SqlitePool, retention: Retention) {
    // What an earlier process recorded and did not finish deleting goes first.
    if let Some(jobs) = jobs.upgrade()
        && let Err(error) = sweep_all(&jobs).await
    {
        tracing::warn!(%error, "compaction could not be finished");
    }
    let mut ticks = tokio::time::interval(retention.interval.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(jobs) = jobs.upgrade() else { return };
        if jobs.is_closed() {
            return;
        }
        if let Err(error) = apply(&jobs, &readers, &retention).await {
            tracing::warn!(%error, "compaction failed, trying again at the next interval");
        }
    }
}

async fn apply(jobs: &mpsc::Sender<Job>, readers: &SqlitePool, retention: &Retention) -> Result<(), Error> {
    let Some(target) = target(readers, retention).await? else { return Ok(()) };
    let (reply, answer) = oneshot::channel();
    jobs.send(Job::Compact(target, reply)).await.map_err(|_| closed())?;
    answer.await.map_err(|_| closed())??;
    sweep_all(jobs).await
}

/// The revision to compact up to, if that is further than today.
async fn target(readers: &SqlitePool, retention: &Retention) -> Result<Option<u64>, Error> {
    let mut connection = readers.acquire().await?;
    let state = change_log::state(&mut connection).await?;
    let mut target = retention.max_changes.map_or(0, |keep| state.revision.saturating_sub(keep));
    if let Some(age) = retention.max_age {
        let limit = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        // The clock may step, so age is not monotonic in revisions: stop before the first change that is young enough.
        let young: Option<i64> =
            sqlx::query_scalar("SELECT min(revision) FROM change WHERE changed_at >= ?1")
                .bind(to_millis(limit))
                .fetch_one(&mut *connection)
                .await?;
        target = target.max(young.map_or(state.revision, |young| from_column(young).saturating_sub(1)));
    }
    Ok((target > state.compacted).then_some(target))
}

fn closed() -> Error {
    ErrorKind::Closed { delivered: 0 }.into()
}
