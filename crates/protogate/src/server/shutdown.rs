//! The token that tells streams and tasks that the server is going down, and whether the server may be sent work.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Tells that the server is shutting down. It is in the extensions of every request; a stream that has no end of its own listens to
/// it, see [`crate::watch::until_shutdown`]. The default one never fires.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Shared here, because cloning a token takes its lock and each request has a clone.
    token: Arc<CancellationToken>,
}

impl Shutdown {
    /// Whether the shutdown has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits for the shutdown to begin.
    pub fn begun(&self) -> impl Future<Output = ()> + Send + '_ {
        self.token.cancelled()
    }

    pub(crate) fn wait_owned(self) -> WaitForCancellationFutureOwned {
        Arc::unwrap_or_clone(self.token).cancelled_owned()
    }

    pub(crate) fn begin(&self) {
        self.token.cancel();
    }
}

/// Whether the service may be sent work, as `/readyz` and the gRPC health service tell. On by default; a service turns it off while
/// something that it needs is missing. At shutdown it is off whatever is set.
#[derive(Debug, Clone)]
pub struct Readiness {
    wanted: Arc<AtomicBool>,
    shutdown: Shutdown,
    changed: Arc<tokio::sync::Notify>,
}

impl Readiness {
    pub(crate) fn new(shutdown: Shutdown) -> Self {
        Self { wanted: Arc::new(AtomicBool::new(true)), shutdown, changed: Arc::default() }
    }

    /// Turns readiness on or off.
    pub fn set(&self, ready: impl Into<bool>) {
        self.wanted.store(ready.into(), Ordering::Release);
        self.changed.notify_one();
    }

    /// Whether the service is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.wanted.load(Ordering::Acquire) && !self.shutdown.has_begun()
    }

    /// Whether the shutdown has begun, after which nothing changes any more.
    pub(crate) fn is_over(&self) -> bool {
        self.shutdown.has_begun()
    }

    /// Waits for the next change.
    pub(crate) async fn changed(&self) {
        tokio::select! {
            () = self.changed.notified() => {}
            () = self.shutdown.begun() => {}
        }
    }
}
