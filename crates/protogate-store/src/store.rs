//! The handle that a service holds. Cheap to clone; the store closes when the last clone goes or on `close`.

use std::sync::Arc;

use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot, watch as signal};

use crate::config::StoreConfig;
use crate::error::{Error, ErrorKind};
use crate::hub::Hub;
use crate::lock::ProcessLock;
use crate::resource::{Delete, ListPage, ListQuery, Put, Resource, State, check_prefix};
use crate::watch::{Source, Watch, WatchFrom};
use crate::writer::{Job, QUEUE, Writer};
use crate::{change_log, compaction, database, read, watch};

/// An open store.
#[derive(Debug, Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
    source: Source,
    closed: Arc<signal::Sender<bool>>,
    max_value_bytes: usize,
}

impl Store {
    /// Opens or creates the database, checks and migrates it, and starts the writer and the retention.
    ///
    /// # Errors
    /// `InUse`, `Incompatible`, `Corrupt`, or `Database` when the file cannot be opened.
    pub async fn open(config: StoreConfig) -> Result<Self, Error> {
        if let Some(parent) = config.path.parent() {
            std::fs::create_dir_all(parent).map_err(sqlx::Error::Io)?;
        }
        let lock = ProcessLock::acquire(&config.path, config.lock_wait).await?;
        let mut connection = database::open_writer(&config).await?;
        let readers = database::open_readers(&config).await?;
        let state = change_log::state(&mut connection).await?;
        let hub = Arc::new(Hub::new(state.revision, config.window_changes));
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (closed, is_closed) = signal::channel(false);
        tokio::spawn(Writer { connection, hub: Arc::clone(&hub), lock, stopped: false }.run(queue));
        tokio::spawn(compaction::retain(jobs.downgrade(), readers.clone(), config.retention));
        let source = Source {
            hub,
            readers: readers.clone(),
            closed: is_closed,
            progress_interval: config.progress_interval,
            lag_limit: config.lag_limit,
        };
        Ok(Self { jobs, readers, source, closed: Arc::new(closed), max_value_bytes: config.max_value_bytes })
    }

    /// Writes a resource. When this returns, the change is on disk, in the log, and visible to watches.
    ///
    /// The write goes on when the future is dropped.
    ///
    /// # Errors
    /// `Mismatch`, `Invalid`, `Full`, `CommitUnknown`, `WritesStopped`, `Closed` or `Database`.
    pub async fn put(&self, put: Put) -> Result<Resource, Error> {
        put.check(self.max_value_bytes)?;
        self.ask(|reply| Job::Put(put, reply)).await
    }

    /// Deletes a resource; the revision of the deletion, or `None` when it did not exist.
    ///
    /// # Errors
    /// As [`Self::put`]. Without a condition, deleting what is not there is no error.
    pub async fn delete(&self, delete: Delete) -> Result<Option<u64>, Error> {
        delete.check()?;
        self.ask(|reply| Job::Delete(delete, reply)).await
    }

    /// Reads one resource.
    ///
    /// # Errors
    /// `Database` or `Corrupt`.
    pub async fn get(&self, key: &str) -> Result<Option<Resource>, Error> {
        read::get(&self.readers, key).await
    }

    /// Reads a page of resources in key order.
    ///
    /// # Errors
    /// `Invalid`, `Database` or `Corrupt`.
    pub async fn list(&self, query: ListQuery) -> Result<ListPage, Error> {
        query.check()?;
        read::list(&self.readers, &query).await
    }

    /// Watches the resources whose keys begin with `prefix`; empty is all.
    ///
    /// # Errors
    /// `Compacted` when the changes after the revision are gone, `Future` when it does not exist yet, `Invalid`, `Database`.
    pub async fn watch(&self, from: WatchFrom, prefix: impl Into<String>) -> Result<Watch, Error> {
        let prefix = prefix.into();
        check_prefix(&prefix)?;
        let state = self.state().await?;
        watch::start(self.source.clone(), from, prefix, state)
    }

    /// Forgets the changes up to `revision`. Current resources stay.
    ///
    /// # Errors
    /// `Future` when the revision does not exist yet, otherwise as [`Self::put`].
    pub async fn compact(&self, revision: u64) -> Result<State, Error> {
        let state = self.ask(|reply| Job::Compact(revision, reply)).await?;
        compaction::sweep_all(&self.jobs).await?;
        Ok(state)
    }

    /// The newest and the compacted revision.
    ///
    /// # Errors
    /// `Database` or `Corrupt`.
    pub async fn state(&self) -> Result<State, Error> {
        read::state(&self.readers).await
    }

    /// Ends all watches with `Closed`, present ones and later ones; reads and writes go on. For the start of a shutdown.
    pub fn end_watches(&self) {
        self.closed.send_replace(true);
    }

    /// Ends all watches with `Closed`, finishes the writes that were accepted, and lets go of the file.
    pub async fn close(&self) {
        self.end_watches();
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
        self.readers.close().await;
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Job) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.map_err(|_| Error::from(ErrorKind::Closed { delivered: 0 }))?;
        // The writer drops a reply only when it has stopped with the job still queued: nothing was written.
        answer.await.map_err(|_| Error::from(ErrorKind::Closed { delivered: 0 }))?
    }
}
