//! How many calls may run at once in the process, unary calls and streams counted apart.
//!
//! A unary call gives its place back when its handler has ended, so that a peer that does not read its answer holds none. A stream
//! keeps its place until the last of it is gone: its handler, its answer's body and its log record. One caller may have only some of
//! the streams; how often it may call is `rate_limit`'s.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::Either;
use pin_project_lite::pin_project;
use tonic::Code;
use tower_service::Service;

use super::rate_limit::Key;
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

/// The open streams of each caller. An entry lives no longer than a stream of its caller, so the table is never larger than the
/// process's bound.
#[derive(Debug)]
struct Shares {
    open: Mutex<HashMap<Key, usize>>,
    bound: usize,
}

/// One stream of a caller; dropping it gives it back.
#[derive(Debug)]
struct Share {
    shares: Arc<Shares>,
    key: Key,
}

/// What an open stream holds: its place in the process, and among its caller's.
#[derive(Debug)]
pub(crate) struct StreamSlot {
    _place: Slot,
    _share: Share,
}

impl Shares {
    fn take(self: &Arc<Self>, key: Key) -> Option<Share> {
        let mut open = self.lock();
        match open.get_mut(&key) {
            Some(count) if *count >= self.bound => return None,
            Some(count) => *count += 1,
            None => {
                open.insert(key.clone(), 1);
            }
        }
        drop(open);
        Some(Share { shares: Arc::clone(self), key })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, usize>> {
        // No panic can leave the counts half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.shares.lock();
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

/// Makes [`Capacity`] services that share their places.
#[derive(Debug, Clone)]
pub(crate) struct CapacityLayer {
    calls: Arc<Places>,
    streams: Arc<Places>,
    shares: Arc<Shares>,
}

impl CapacityLayer {
    pub(crate) fn new(calls: usize, streams: usize, streams_per_identity: usize) -> Self {
        let places = |bound| Arc::new(Places { taken: AtomicUsize::new(0), bound });
        let shares = Arc::new(Shares { open: Mutex::default(), bound: streams_per_identity });
        Self { calls: places(calls), streams: places(streams), shares }
    }

    fn stream(&self, call: Option<&Arc<Call>>) -> Result<StreamSlot, &'static str> {
        let place = self.streams.take().ok_or("too many streams are open")?;
        let key = match call.map(|call| (call.subject.get(), call.peer)) {
            Some((Some(subject), _)) => Key::Subject(Arc::clone(subject)),
            Some((None, Some(peer))) => Key::Peer(peer.ip()),
            _ => Key::All,
        };
        let share = self.shares.take(key).ok_or("too many streams of this caller are open")?;
        Ok(StreamSlot { _place: place, _share: share })
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
        let call = Call::of(request.extensions());
        let taken = match streams {
            true => self.places.stream(call).map(|slot| {
                if let Some(call) = call {
                    // One capacity layer sets it once; a second slot would be given back at once.
                    let _ = call.slot.set(slot);
                }
                None
            }),
            false => self.places.calls.take().map(Some).ok_or("too many calls are running"),
        };
        let slot = match taken {
            Ok(slot) => slot,
            Err(message) => {
                return refuse(
                    &retry_status(Code::ResourceExhausted, message, RETRY_DELAY),
                    request.extensions(),
                );
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_its_share_and_gives_it_back() {
        let shares = Arc::new(Shares { open: Mutex::default(), bound: 2 });
        let key = |name: &str| Key::Subject(Arc::from(name));
        let (first, second) = (shares.take(key("a")), shares.take(key("a")));
        assert!(first.is_some() && second.is_some() && shares.take(key("a")).is_none());
        assert!(shares.take(key("b")).is_some());
        drop(first);
        let third = shares.take(key("a"));
        assert!(third.is_some());
        drop((second, third));
        assert!(shares.lock().is_empty(), "no entry without a stream");
    }
}
