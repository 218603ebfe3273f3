//! The one task that writes. Writes that wait together are committed together: one sync for all of them.
//!
//! A batch is one transaction. It takes the counter under the write lock, gives each write that meets its condition the next
//! revision, and stores the counter again. Callers hear of it after the commit, and after the hub: whoever has an answer can
//! watch from its revision. A refused write changes nothing and takes no revision.

use std::sync::Arc;
use std::time::SystemTime;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::change_log;
use crate::compaction;
use crate::error::{Error, ErrorKind, is_full, is_io_failure};
use crate::hub::Hub;
use crate::lock::ProcessLock;
use crate::resource::{
    Change, Delete, Expected, Put, Resource, State, from_column, from_millis, to_column, to_millis,
};

/// Writes that may wait. A caller beyond it waits for room.
pub(crate) const QUEUE: usize = 256;
/// Writes of one transaction.
const BATCH: usize = 128;

type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// What the writer may be asked to do.
pub(crate) enum Job {
    Put(Put, Reply<Resource>),
    /// The answer is the revision of the deletion, or `None` when there was nothing to delete.
    Delete(Delete, Reply<Option<u64>>),
    /// Moves the compacted revision; the rows are deleted by `Sweep` jobs.
    Compact(u64, Reply<State>),
    /// Deletes one portion of compacted rows; the answer is whether there are more.
    Sweep(Reply<bool>),
    /// Closes the database after the writes that came before.
    Close(oneshot::Sender<()>),
}

/// A write with its answer, kept until the commit.
enum Outcome {
    Put(Reply<Resource>, Result<Resource, Error>),
    Delete(Reply<Option<u64>>, Result<Option<u64>, Error>),
}

pub(crate) struct Writer {
    pub(crate) connection: SqliteConnection,
    pub(crate) hub: Arc<Hub>,
    /// Held until the connection is closed.
    pub(crate) lock: ProcessLock,
    /// Set after a disk failure; then no write is tried again.
    pub(crate) stopped: bool,
}

impl Writer {
    /// Runs until every sender is gone or a `Close` arrives.
    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut queue = Vec::with_capacity(BATCH);
        let mut closing = None;
        while closing.is_none() && jobs.recv_many(&mut queue, BATCH).await > 0 {
            let mut batch = Vec::with_capacity(queue.len());
            for job in queue.drain(..) {
                match job {
                    Job::Put(..) | Job::Delete(..) => batch.push(job),
                    other => {
                        self.commit(std::mem::take(&mut batch)).await;
                        match other {
                            Job::Compact(revision, reply) => {
                                let _ = reply.send(self.maintain_compact(revision).await);
                            }
                            Job::Sweep(reply) => {
                                let _ = reply.send(self.maintain_sweep().await);
                            }
                            Job::Close(done) => closing = Some(done),
                            Job::Put(..) | Job::Delete(..) => {}
                        }
                    }
                }
            }
            self.commit(batch).await;
        }
        drop(jobs);
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "closing the database failed");
        }
        drop(self.lock);
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    async fn maintain_compact(&mut self, revision: u64) -> Result<State, Error> {
        if self.stopped {
            return Err(ErrorKind::WritesStopped.into());
        }
        let done = compaction::record(&mut self.connection, revision).await;
        self.judge_maintenance(done)
    }

    async fn maintain_sweep(&mut self) -> Result<bool, Error> {
        if self.stopped {
            return Err(ErrorKind::WritesStopped.into());
        }
        let done = compaction::sweep(&mut self.connection).await;
        self.judge_maintenance(done)
    }

    /// The disk of a compaction is that of the writes: what it answers counts for both.
    fn judge_maintenance<T>(&mut self, done: Result<T, Error>) -> Result<T, Error> {
        if done.as_ref().is_err_and(Error::is_io_failure) {
            tracing::error!("a compaction met a failure of the disk, writes are stopped until restart");
            self.stopped = true;
        }
        done
    }

    /// One transaction for all of `batch`, then the answers.
    async fn commit(&mut self, batch: Vec<Job>) {
        if batch.is_empty() {
            return;
        }
        if self.stopped {
            return fail(batch, &ErrorKind::WritesStopped);
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut changes = Vec::new();
        match self.transact(batch, &mut outcomes, &mut changes).await {
            Ok(()) => {
                self.hub.publish(changes);
                for outcome in outcomes {
                    outcome.send();
                }
            }
            Err((kind, rest)) => {
                for outcome in outcomes {
                    outcome.send_failure(kind.clone());
                }
                fail(rest, &kind);
            }
        }
    }

    /// On failure: what to tell, and the jobs that were not looked at.
    async fn transact(
        &mut self,
        batch: Vec<Job>,
        outcomes: &mut Vec<Outcome>,
        changes: &mut Vec<Change>,
    ) -> Result<(), (ErrorKind, Vec<Job>)> {
        let mut transaction = match self.connection.begin_with("BEGIN IMMEDIATE").await {
            Ok(transaction) => transaction,
            Err(error) => {
                let kind = judge(&error, &mut self.stopped);
                return Err((kind, batch));
            }
        };
        let mut jobs = batch.into_iter();
        let body = async {
            let mut revision = change_log::state(&mut transaction).await?.revision;
            let start = revision;
            for job in jobs.by_ref() {
                // A write whose statement fails has no outcome yet: its reply must survive for the failure.
                match job {
                    Job::Put(put, reply) => {
                        match apply_put(&mut transaction, put, &mut revision, changes).await {
                            Ok(result) => outcomes.push(Outcome::Put(reply, result)),
                            Err(error) => {
                                outcomes.push(Outcome::Put(reply, Err(ErrorKind::Database.into())));
                                return Err(error);
                            }
                        }
                    }
                    Job::Delete(delete, reply) => {
                        match apply_delete(&mut transaction, delete, &mut revision, changes).await {
                            Ok(result) => outcomes.push(Outcome::Delete(reply, result)),
                            Err(error) => {
                                outcomes.push(Outcome::Delete(reply, Err(ErrorKind::Database.into())));
                                return Err(error);
                            }
                        }
                    }
                    Job::Compact(..) | Job::Sweep(..) | Job::Close(..) => {}
                }
            }
            if revision != start {
                sqlx::query("UPDATE store_state SET revision = ?1 WHERE id = 1")
                    .bind(to_column(revision))
                    .execute(&mut *transaction)
                    .await?;
            }
            Ok::<(), sqlx::Error>(())
        }
        .await;
        if let Err(error) = body {
            let kind = judge(&error, &mut self.stopped);
            // Nothing was committed; a failed roll-back is repeated by SQLite when the file is next opened.
            let _ = transaction.rollback().await;
            return Err((kind, jobs.collect()));
        }
        match transaction.commit().await {
            Ok(()) => Ok(()),
            Err(error) if is_full(&error) => Err((ErrorKind::Full, Vec::new())),
            Err(error) => {
                // The sync may have failed after the bytes reached the file: asking again would hide that.
                tracing::error!(%error, "a commit failed, writes are stopped until restart");
                self.stopped = true;
                Err((ErrorKind::CommitUnknown, Vec::new()))
            }
        }
    }
}

impl Outcome {
    fn send(self) {
        // A caller that has gone away does not want the answer.
        match self {
            Self::Put(reply, result) => drop(reply.send(result)),
            Self::Delete(reply, result) => drop(reply.send(result)),
        }
    }

    fn send_failure(self, kind: ErrorKind) {
        match self {
            // A refusal was decided on committed state or on a write of this batch; either way nothing was changed.
            Self::Put(reply, _) => drop(reply.send(Err(kind.into()))),
            Self::Delete(reply, _) => drop(reply.send(Err(kind.into()))),
        }
    }
}

/// What a caller is told about a failed statement, and whether writes go on.
fn judge(error: &sqlx::Error, stopped: &mut bool) -> ErrorKind {
    if is_full(error) {
        return ErrorKind::Full;
    }
    tracing::error!(%error, "a write failed and was undone");
    if is_io_failure(error) {
        *stopped = true;
    }
    ErrorKind::Database
}

fn fail(batch: Vec<Job>, kind: &ErrorKind) {
    for job in batch {
        match job {
            Job::Put(_, reply) => drop(reply.send(Err(kind.clone().into()))),
            Job::Delete(_, reply) => drop(reply.send(Err(kind.clone().into()))),
            Job::Compact(..) | Job::Sweep(..) | Job::Close(..) => {}
        }
    }
}

/// (revision, create_revision, created_at) of what is stored.
async fn current(
    connection: &mut SqliteConnection,
    key: &str,
) -> Result<Option<(u64, u64, i64)>, sqlx::Error> {
    let row: Option<(i64, i64, i64)> =
        sqlx::query_as("SELECT revision, create_revision, created_at FROM resource WHERE key = ?1")
            .bind(key)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(revision, created, at)| (from_column(revision), from_column(created), at)))
}

fn refuse(key: &str, expected: Expected, actual: u64) -> Option<Error> {
    let expected = expected.revision()?;
    (expected != actual).then(|| ErrorKind::Mismatch { key: key.to_owned(), expected, actual }.into())
}

async fn apply_put(
    connection: &mut SqliteConnection,
    put: Put,
    counter: &mut u64,
    changes: &mut Vec<Change>,
) -> Result<Result<Resource, Error>, sqlx::Error> {
    let found = current(connection, &put.key).await?;
    if let Some(error) = refuse(&put.key, put.expected, found.map_or(0, |(revision, ..)| revision)) {
        return Ok(Err(error));
    }
    let revision = *counter + 1;
    let now = to_millis(SystemTime::now());
    let (create_revision, created_at) = found.map_or((revision, now), |(_, created, at)| (created, at));
    sqlx::query(
        "INSERT INTO resource (key, value, revision, create_revision, created_at, updated_at, updated_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (key) DO UPDATE SET value = ?2, revision = ?3, updated_at = ?6, updated_by = ?7",
    )
    .bind(&put.key)
    .bind(&put.value)
    .bind(to_column(revision))
    .bind(to_column(create_revision))
    .bind(created_at)
    .bind(now)
    .bind(&put.actor)
    .execute(&mut *connection)
    .await?;
    let change = Change {
        revision,
        key: put.key,
        value: Some(put.value),
        create_revision,
        created_at: from_millis(created_at),
        changed_at: from_millis(now),
        changed_by: put.actor,
    };
    append(connection, &change).await?;
    *counter = revision;
    let resource = Resource {
        key: change.key.clone(),
        value: change.value.clone().unwrap_or_default(),
        revision,
        create_revision,
        created_at: change.created_at,
        updated_at: change.changed_at,
        updated_by: change.changed_by.clone(),
    };
    changes.push(change);
    Ok(Ok(resource))
}

async fn apply_delete(
    connection: &mut SqliteConnection,
    delete: Delete,
    counter: &mut u64,
    changes: &mut Vec<Change>,
) -> Result<Result<Option<u64>, Error>, sqlx::Error> {
    let found = current(connection, &delete.key).await?;
    if let Some(error) = refuse(&delete.key, delete.expected, found.map_or(0, |(revision, ..)| revision)) {
        return Ok(Err(error));
    }
    let Some((_, create_revision, created_at)) = found else { return Ok(Ok(None)) };
    let revision = *counter + 1;
    sqlx::query("DELETE FROM resource WHERE key = ?1").bind(&delete.key).execute(&mut *connection).await?;
    let change = Change {
        revision,
        key: delete.key,
        value: None,
        create_revision,
        created_at: from_millis(created_at),
        changed_at: from_millis(to_millis(SystemTime::now())),
        changed_by: delete.actor,
    };
    append(connection, &change).await?;
    *counter = revision;
    changes.push(change);
    Ok(Ok(Some(revision)))
}

async fn append(connection: &mut SqliteConnection, change: &Change) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO change (revision, key, value, create_revision, created_at, changed_at, changed_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(to_column(change.revision))
    .bind(&change.key)
    .bind(change.value.as_deref())
    .bind(to_column(change.create_revision))
    .bind(to_millis(change.created_at))
    .bind(to_millis(change.changed_at))
    .bind(&change.changed_by)
    .execute(connection)
    .await?;
    Ok(())
}
