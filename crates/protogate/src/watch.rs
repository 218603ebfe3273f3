//! Helpers for server streams that must end with the server.
//!
//! A stream that watches something has no end of its own. At shutdown it should end itself with a hint where to resume; a stream that
//! does not is ended by the server after `limits.stream_grace`.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use pin_project_lite::pin_project;
use std::future::Future;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;

use crate::server::Shutdown;

pin_project! {
    /// The stream of [`until_shutdown`].
    #[derive(Debug)]
    pub struct UntilShutdown<S> {
        #[pin]
        inner: S,
        #[pin]
        shutdown: WaitForCancellationFutureOwned,
        ended: bool,
    }
}

/// Passes the items of `stream` on until the server shuts down, then ends with UNAVAILABLE. The [`Shutdown`] token is in each
/// request's extensions.
///
/// ```
/// # use futures_util::Stream;
/// # fn watch<T: Send + 'static>(request: &tonic::Request<()>, events: impl Stream<Item = Result<T, tonic::Status>> + Send + 'static) {
/// let shutdown = request.extensions().get::<protogate::Shutdown>().cloned().unwrap_or_default();
/// let stream = protogate::watch::until_shutdown(events, &shutdown);
/// # }
/// ```
pub fn until_shutdown<S>(stream: S, shutdown: &Shutdown) -> UntilShutdown<S> {
    UntilShutdown { inner: stream, shutdown: shutdown.clone().wait_owned(), ended: false }
}

impl<T, S: Stream<Item = Result<T, Status>>> Stream for UntilShutdown<S> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if this.shutdown.poll(cx).is_ready() {
            *this.ended = true;
            let status = Status::unavailable("the server is shutting down; connect again and resume");
            return Poll::Ready(Some(Err(status)));
        }
        this.inner.poll_next(cx)
    }
}
