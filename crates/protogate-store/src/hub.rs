//! The live end of the change log: recent changes in memory, and a signal that there are new ones.
//!
//! The writer publishes after each commit. Watches hold nothing but a position and read from here, so a watch that does not
//! read costs neither the writer nor the other watches anything. What has left the window is read from the log instead.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use crate::resource::Change;

/// Bytes of values that the window holds at most.
const WINDOW_BYTES: usize = 16 << 20;

/// Recent changes and the signal.
#[derive(Debug)]
pub(crate) struct Hub {
    window: Mutex<Window>,
    signal: watch::Sender<u64>,
}

#[derive(Debug)]
struct Window {
    /// Dense in revisions, oldest first.
    changes: VecDeque<(Instant, Arc<Change>)>,
    bytes: usize,
    /// The newest revision that was published.
    published: u64,
    capacity: usize,
}

/// What the window holds after a position.
pub(crate) enum Recent {
    /// Nothing: the position is the newest.
    Level,
    /// The next changes without a gap, and since when the first has been waiting.
    Changes(Vec<Arc<Change>>, Instant),
    /// The next change has left the window.
    Missed,
}

impl Hub {
    pub(crate) fn new(revision: u64, capacity: usize) -> Self {
        let window =
            Window { changes: VecDeque::new(), bytes: 0, published: revision, capacity: capacity.max(1) };
        Self { window: Mutex::new(window), signal: watch::Sender::new(revision) }
    }

    /// Takes the changes of one commit, in revision order.
    pub(crate) fn publish(&self, changes: Vec<Change>) {
        let Some(newest) = changes.last().map(|change| change.revision) else { return };
        let now = Instant::now();
        {
            let mut window = self.lock();
            for change in changes {
                window.bytes += weight(&change);
                window.changes.push_back((now, Arc::new(change)));
            }
            window.published = newest;
            while window.changes.len() > window.capacity || window.bytes > WINDOW_BYTES {
                let Some((_, change)) = window.changes.pop_front() else { break };
                window.bytes -= weight(&change);
            }
        }
        self.signal.send_replace(newest);
    }

    /// Up to `limit` changes after `revision`.
    pub(crate) fn after(&self, revision: u64, limit: usize) -> Recent {
        let window = self.lock();
        if revision >= window.published {
            return Recent::Level;
        }
        let Some((oldest, first)) = window.changes.front() else { return Recent::Missed };
        if revision + 1 < first.revision {
            return Recent::Missed;
        }
        // Dense, so the index is a subtraction.
        let start = usize::try_from(revision + 1 - first.revision).unwrap_or(usize::MAX);
        let waiting = window.changes.get(start).map_or(*oldest, |(since, _)| *since);
        let changes =
            window.changes.iter().skip(start).take(limit).map(|(_, change)| Arc::clone(change)).collect();
        Recent::Changes(changes, waiting)
    }

    /// A receiver that wakes at each commit and fails once the hub is gone.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.signal.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Window> {
        // The window is consistent between statements: a panic elsewhere does not spoil it.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(change: &Change) -> usize {
    change.key.len() + change.value.as_ref().map_or(0, Vec::len)
}
