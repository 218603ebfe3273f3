//! The rest of a request's content that nobody has read, over HTTP/1.
//!
//! A refusal can be ready before the content has arrived. hyper then closes the connection, and a client that is still writing sees
//! a broken pipe in place of the answer. So a little of what is left is read first, for a short time; a client that announces more,
//! or waits to be asked for it, gets its answer at once. HTTP/2 has streams that end by themselves.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{Request, Version};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::Status;

use crate::layer::Response;
use crate::service::Body;

/// Most bytes that are read for an answer's sake.
const MAX: u64 = 256 << 10;
/// The longest that an answer waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where content goes that is dropped before its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Lost(Arc<Mutex<Option<Body>>>);

/// Content that is not lost when it is dropped.
struct LentBody {
    inner: Body,
    ended: bool,
    lost: Lost,
}

/// An answer that waits for the rest of its request.
pub(crate) struct Draining {
    rest: Body,
    left: u64,
    timer: Pin<Box<Sleep>>,
    response: Option<Response>,
}

/// Lends the content of a request to the stack, when it may have to be drained.
pub(super) fn lend(request: &mut Request<Body>) -> Option<Lost> {
    let is_http1 = request.version() < Version::HTTP_2;
    let body = request.body();
    if !is_http1
        || body.is_end_stream()
        || body.size_hint().lower() > MAX
        || request.headers().contains_key(EXPECT)
    {
        return None;
    }
    let lost = Lost::default();
    let inner = std::mem::take(request.body_mut());
    *request.body_mut() = Body::new(LentBody { inner, ended: false, lost: lost.clone() });
    Some(lost)
}

impl Lost {
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Body>> {
        // It is only ever replaced as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, or what must be read before it.
    pub(super) fn before(&self, response: Response) -> Result<Response, Box<Draining>> {
        match self.slot().take() {
            None => Ok(response),
            Some(rest) => {
                let timer = Box::pin(sleep(PATIENCE));
                Err(Box::new(Draining { rest, left: MAX, timer, response: Some(response) }))
            }
        }
    }
}

impl Draining {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response> {
        loop {
            match Pin::new(&mut self.rest).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let size = frame.data_ref().map_or(0, |data| data.len() as u64);
                    match self.left.checked_sub(size) {
                        Some(left) => self.left = left,
                        None => break,
                    }
                }
                Poll::Ready(_) => break,
                Poll::Pending if self.timer.as_mut().poll(cx).is_ready() => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        self.response.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for LentBody {
    fn drop(&mut self) {
        if !self.ended && !self.inner.is_end_stream() {
            *self.lost.slot() = Some(std::mem::take(&mut self.inner));
        }
    }
}

impl http_body::Body for LentBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        self.ended |= matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
