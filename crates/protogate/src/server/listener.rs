//! The accept loop: bounded, never ended and never spun by an error.
//!
//! A place among the open connections is taken before the next socket is accepted, so that the kernel's queue, not the process,
//! holds those that wait. When the file table is full the loop waits, longer each time, and serves those it has.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::connection::{Shared, Stack, serve};

/// The first wait after an accept error.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// Accepts and serves connections until the shutdown begins.
pub(super) async fn accept<S: Stack>(listener: TcpListener, shared: Arc<Shared<S>>) {
    let places = Arc::new(Semaphore::new(shared.limits.connections));
    let mut backoff = FIRST_BACKOFF;
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = shared.shutdown.begun() => return,
        };
        match accepted {
            Ok((socket, peer)) => {
                backoff = FIRST_BACKOFF;
                let connection = serve(Arc::clone(&shared), socket, peer);
                shared.tracker.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                shared.metrics.dropped("accept_error");
                if backoff == FIRST_BACKOFF {
                    tracing::error!(error = %error, "cannot accept connections; waiting");
                }
                tokio::select! {
                    () = tokio::time::sleep(backoff) => {}
                    () = shared.shutdown.begun() => return,
                }
                backoff = (backoff * 2).min(shared.limits.accept_backoff);
            }
        }
    }
}

/// Whether only the connection that was being accepted is gone.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}
