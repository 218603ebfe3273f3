//! How many calls may run at once in the process, unary calls and streams counted apart.
//!
//! A unary call gives its place back when its handler has ended, so that a peer that does not read its answer holds none. A stream
//! keeps its place until the last of it is gone: its handler, its answer's body and its log record. The bound protects the process;
//! fairness between callers is `rate_limit`'s.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::Either;
use pin_project_lite::pin_project;
use tonic::Code;
use tower_service::Service;

use super::{Early, Request, Response, Stacked, refuse};
use crate::call::Call;
use crate::error::details::retry_status;
use crate::method::MethodInfo;

/// What a refused caller is asked to wait.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// A bounded number of places.
#[derive(Debug)]
struct Places {
    taken: AtomicUsize,
    bound: usize,
}

/// One place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Places>);

impl Places {
    fn take(self: &Arc<Self>) -> Option<Slot> {
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        // Made first, so that a refused place is given back like any other.
        let slot = Slot(Arc::clone(self));
        (before < self.bound).then_some(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes [`Capacity`] services that share their places.
#[derive(Debug, Clone)]
pub(crate) struct CapacityLayer {
    calls: Arc<Places>,
    streams: Arc<Places>,
}

impl CapacityLayer {
    pub(crate) fn new(calls: usize, streams: usize) -> Self {
        let places = |bound| Arc::new(Places { taken: AtomicUsize::new(0), bound });
        Self { calls: places(calls), streams: places(streams) }
    }
}

/// Refuses calls beyond the process's capacity.
#[derive(Debug, Clone)]
pub(crate) struct Capacity<S> {
    inner: S,
    places: CapacityLayer,
}

pin_project! {
    /// The future of [`Capacity`].
    pub(crate) struct CapacityFuture<F> {
        #[pin]
        inner: F,
        // The place of a unary call.
        slot: Option<Slot>,
    }
}

impl<S> tower_layer::Layer<S> for CapacityLayer {
    type Service = Capacity<S>;

    fn layer(&self, inner: S) -> Capacity<S> {
        Capacity { inner, places: self.clone() }
    }
}

impl<S: Stacked> Service<Request> for Capacity<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<CapacityFuture<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let method = request.extensions().get::<&'static MethodInfo>();
        let streams = method.is_some_and(|method| method.client_streaming || method.server_streaming);
        let (places, what) = match streams {
            true => (&self.places.streams, "streams are open"),
            false => (&self.places.calls, "calls are running"),
        };
        let Some(slot) = places.take() else {
            let message = format!("too many {what}");
            return refuse(
                &retry_status(Code::ResourceExhausted, &message, RETRY_DELAY),
                request.extensions(),
            );
        };
        let slot = match Call::of(request.extensions()) {
            // One capacity layer sets it once; a second slot would be kept by the future.
            Some(call) if streams => call.slot.set(slot).err(),
            _ => Some(slot),
        };
        Either::Left(CapacityFuture { inner: self.inner.call(request), slot })
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for CapacityFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answered = this.inner.poll(cx);
        if answered.is_ready() {
            *this.slot = None;
        }
        answered
    }
}
