//! A watch: every change after a revision, in order, each once, or an explicit error.
//!
//! A watch is a position in the log. It reads from the hub's window while it keeps up and from the database when it does not,
//! so its memory is bounded by one portion however slowly it is polled. Filtered changes move the position too.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, stream};
use sqlx::SqlitePool;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::change_log;
use crate::error::{Error, ErrorKind};
use crate::hub::{Hub, Recent};
use crate::resource::{Change, State};

/// Most changes that are taken from the window at once.
const PORTION: usize = 256;

/// Where a watch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchFrom {
    /// With the next change. The first event is a progress mark that says after which revision.
    Now,
    /// With the change after this revision; 0 is the beginning.
    After(u64),
}

/// What a watch delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// A change.
    Change(Arc<Change>),
    /// Everything up to `revision` has been delivered: a safe place to resume from.
    Progress {
        /// No change at or before it follows.
        revision: u64,
    },
}

/// A stream of [`WatchEvent`]s. After an error it ends.
///
/// # Errors
/// Items are errors of kind `Compacted` (the log was compacted past a watch that was still catching up), `Lagged` (a live watch
/// stayed behind too long or past the log), `Closed`, or one of the database.
#[must_use = "streams do nothing unless polled"]
pub struct Watch {
    events: Pin<Box<dyn Stream<Item = Result<WatchEvent, Error>> + Send>>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

impl Stream for Watch {
    type Item = Result<WatchEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.as_mut().poll_next(context)
    }
}

/// What all watches of a store share.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) hub: Arc<Hub>,
    pub(crate) readers: SqlitePool,
    pub(crate) closed: watch::Receiver<bool>,
    pub(crate) progress_interval: Duration,
    pub(crate) lag_limit: Duration,
}

struct Position {
    source: Source,
    signal: watch::Receiver<u64>,
    prefix: String,
    /// Read and not yet delivered.
    buffer: VecDeque<Arc<Change>>,
    /// Everything up to here is in `buffer`, delivered, or filtered out.
    read: u64,
    /// Everything up to here is delivered or filtered out.
    delivered: u64,
    /// When this was last level with the log, or took what had waited since then; the lag limit holds from the first time on.
    level_at: Option<Instant>,
    /// A mark is due now.
    mark: bool,
    next_mark: Instant,
}

/// Begins a watch; `state` is what the database says now.
pub(crate) fn start(
    mut source: Source,
    from: WatchFrom,
    prefix: String,
    state: State,
) -> Result<Watch, Error> {
    let revision = match from {
        WatchFrom::Now => state.revision,
        WatchFrom::After(revision) if revision > state.revision => {
            return Err(ErrorKind::Future { requested: revision, current: state.revision }.into());
        }
        WatchFrom::After(revision) if revision < state.compacted => {
            return Err(ErrorKind::Compacted { compacted: state.compacted, current: state.revision }.into());
        }
        WatchFrom::After(revision) => revision,
    };
    // A waiting watch looks at the log at least twice per lag limit, so `level_at` of one that is polled is never old.
    source.progress_interval = source.progress_interval.min(source.lag_limit / 2);
    let position = Position {
        signal: source.hub.subscribe(),
        next_mark: Instant::now() + source.progress_interval,
        source,
        prefix,
        buffer: VecDeque::new(),
        read: revision,
        delivered: revision,
        level_at: None,
        mark: from == WatchFrom::Now,
    };
    let events = stream::unfold(Some(position), |position| async move {
        let mut position = position?;
        match position.next().await {
            Ok(event) => Some((Ok(event), Some(position))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(Watch { events: Box::pin(events) })
}

impl Position {
    async fn next(&mut self) -> Result<WatchEvent, Error> {
        loop {
            if self.mark {
                return Ok(self.progress());
            }
            if let Some(change) = self.buffer.pop_front() {
                // What was filtered out between two deliveries is covered by the later one.
                self.delivered = if self.buffer.is_empty() { self.read } else { change.revision };
                self.next_mark = Instant::now() + self.source.progress_interval;
                return Ok(WatchEvent::Change(change));
            }
            self.delivered = self.read;
            if *self.source.closed.borrow() {
                return Err(ErrorKind::Closed { delivered: self.delivered }.into());
            }
            // A busy log of which nothing passes the filter must not keep the marks away.
            if Instant::now() >= self.next_mark {
                return Ok(self.progress());
            }
            self.refill().await?;
        }
    }

    /// Reads a portion, or waits for a change or for the time of the next mark.
    async fn refill(&mut self) -> Result<(), Error> {
        // Marked as seen before looking, so a change that comes after the look wakes the wait below.
        self.signal.borrow_and_update();
        match self.source.hub.after(self.read, PORTION) {
            Recent::Level => {
                self.level_at = Some(Instant::now());
                tokio::select! {
                    changed = self.signal.changed() => changed.map_err(|_| self.closed())?,
                    closed = self.source.closed.changed() => closed.map_err(|_| self.closed())?,
                    () = tokio::time::sleep_until(self.next_mark) => self.mark = true,
                }
            }
            Recent::Changes(changes, waiting) => {
                if self.level_at.is_some() && waiting.elapsed() > self.source.lag_limit {
                    return Err(self.lagged());
                }
                // A log that never rests never finds this level: the last of what there is, or not too old, is as good.
                if self.level_at.is_some() {
                    self.level_at =
                        Some(if changes.len() < PORTION { Instant::now() } else { waiting.into() });
                }
                self.take(changes);
            }
            Recent::Missed => {
                if self.level_at.is_some_and(|level| level.elapsed() > self.source.lag_limit) {
                    return Err(self.lagged());
                }
                match change_log::read_after(&self.source.readers, self.read).await {
                    Ok(changes) => self.take(changes),
                    Err(error)
                        if self.level_at.is_some() && matches!(error.kind(), ErrorKind::Compacted { .. }) =>
                    {
                        return Err(self.lagged());
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, changes: Vec<Arc<Change>>) {
        if let Some(last) = changes.last() {
            self.read = last.revision;
        }
        self.buffer.extend(changes.into_iter().filter(|change| change.key.starts_with(&self.prefix)));
    }

    fn progress(&mut self) -> WatchEvent {
        self.mark = false;
        self.next_mark = Instant::now() + self.source.progress_interval;
        WatchEvent::Progress { revision: self.delivered }
    }

    fn lagged(&self) -> Error {
        ErrorKind::Lagged { delivered: self.delivered }.into()
    }

    fn closed(&self) -> Error {
        ErrorKind::Closed { delivered: self.delivered }.into()
    }
}
