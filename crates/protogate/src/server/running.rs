//! A started server: its addresses, and how it drains.
//!
//! The order of a shutdown: readiness off, no new connections and GOAWAY on the old ones, running calls finish, streams end through
//! the [`Shutdown`] token or by the server, and at the limit what is left is cut off. The admin listener goes last.

use std::net::SocketAddr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::shutdown::Shutdown;

/// How long cut-off tasks may take to be gone.
const AFTER_KILL: Duration = Duration::from_secs(1);

/// A started server. Dropping the handle leaves the server running.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    admin_addr: Option<SocketAddr>,
    shutdown: Shutdown,
    kill: CancellationToken,
    admin_stop: CancellationToken,
    tracker: TaskTracker,
    limit: Duration,
}

impl Running {
    pub(super) const fn new(
        addr: SocketAddr,
        admin_addr: Option<SocketAddr>,
        shutdown: Shutdown,
        kill: CancellationToken,
        admin_stop: CancellationToken,
        tracker: TaskTracker,
        limit: Duration,
    ) -> Self {
        Self { addr, admin_addr, shutdown, kill, admin_stop, tracker, limit }
    }

    /// Where the service listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where the admin listener listens; `None` when it is off.
    #[must_use]
    pub const fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin_addr
    }

    /// Drains the server and waits until it is down, at most `limits.shutdown`. Returns whether everything ended by itself.
    pub async fn shutdown(self) -> bool {
        tracing::info!("shutting down");
        self.shutdown.begin();
        self.tracker.close();
        let drained = tokio::time::timeout(self.limit, self.tracker.wait()).await.is_ok();
        if !drained {
            tracing::warn!(
                left = self.tracker.len(),
                "the shutdown limit has passed; cutting off what still runs"
            );
            self.kill.cancel();
            // Handlers that block a thread cannot be cut off; they must not keep the process.
            let _ = tokio::time::timeout(AFTER_KILL, self.tracker.wait()).await;
        }
        self.admin_stop.cancel();
        tracing::info!(drained, "down");
        drained
    }
}

/// Completes at SIGTERM or SIGINT. The handlers are installed at once.
#[cfg(unix)]
pub(super) fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Completes at Ctrl-C.
#[cfg(not(unix))]
pub(super) fn signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler the process ends at Ctrl-C anyway.
        let _ = tokio::signal::ctrl_c().await;
    })
}
