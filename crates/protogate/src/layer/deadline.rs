//! How long a call may take: the smallest of what the caller, the contract and the configuration say.
//!
//! `grpc-timeout` and `X-Server-Timeout` are read for both protocols; a malformed one is INVALID_ARGUMENT. A unary call is dropped
//! when its time is over; a stream has no deadline but its caller's, and `stream` ends its body. Handlers find a [`Deadline`] in the
//! request's extensions.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::Either;
use http::HeaderMap;
use pin_project_lite::pin_project;
use protogate_transcode::{parse_grpc_timeout, parse_server_timeout};
use tokio::time::Sleep;
use tonic::Status;
use tower_service::Service;

use super::{Early, Request, Response, Stacked, refuse};
use crate::error::render::{RenderContext, respond};
use crate::method::MethodInfo;

/// What a caller reads when its time is over.
pub(crate) const DEADLINE_TEXT: &str = "the deadline passed";

/// The point in time at which a call's answer is no longer wanted, in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub(crate) Instant);

impl Deadline {
    /// The point in time.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.0
    }

    /// What is left of the time; zero when it is over.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Makes [`EnforceDeadline`] services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeadlineLayer {
    /// For unary calls without any other.
    pub(crate) default: Duration,
    /// For all unary calls.
    pub(crate) max: Duration,
}

/// Ends calls at their deadline.
#[derive(Debug, Clone)]
pub(crate) struct EnforceDeadline<S> {
    inner: S,
    limits: DeadlineLayer,
}

pin_project! {
    /// The future of [`EnforceDeadline`].
    pub(crate) struct DeadlineFuture<F> {
        #[pin]
        inner: F,
        at: Option<Instant>,
        // Made when the handler first waits; many never do.
        #[pin]
        timer: Option<Sleep>,
        context: RenderContext,
    }
}

impl<S> tower_layer::Layer<S> for DeadlineLayer {
    type Service = EnforceDeadline<S>;

    fn layer(&self, inner: S) -> EnforceDeadline<S> {
        EnforceDeadline { inner, limits: *self }
    }
}

impl<S: Stacked> Service<Request> for EnforceDeadline<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<DeadlineFuture<S::Future>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let timeout = match caller_timeout(request.headers()) {
            Ok(timeout) => timeout,
            Err(status) => return refuse(&status, request.extensions()),
        };
        let timeout = match request.extensions().get::<&'static MethodInfo>() {
            Some(method) if method.client_streaming || method.server_streaming => timeout,
            method => Some(self.limits.unary(timeout, method.and_then(|method| method.policy.timeout))),
        };
        // A duration that overflows the clock is none.
        let at = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        if let Some(at) = at {
            request.extensions_mut().insert(Deadline(at));
        }
        let context = RenderContext::of(request.extensions());
        Either::Left(DeadlineFuture { inner: self.inner.call(request), at, timer: None, context })
    }
}

impl DeadlineLayer {
    fn unary(&self, caller: Option<Duration>, declared: Option<Duration>) -> Duration {
        let own = declared.unwrap_or(self.default);
        caller.map_or(own, |caller| caller.min(declared.unwrap_or(self.max))).min(self.max)
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for DeadlineFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Asked before the handler is: the clock of the timer below is too coarse for a deadline that has passed on arrival.
        if this.at.is_some_and(|at| at <= Instant::now()) {
            return Poll::Ready(Ok(respond(&Status::deadline_exceeded(DEADLINE_TEXT), this.context)));
        }
        if let Poll::Ready(answered) = this.inner.poll(cx) {
            return Poll::Ready(answered);
        }
        let Some(at) = *this.at else { return Poll::Pending };
        if this.timer.is_none() {
            this.timer.set(Some(tokio::time::sleep_until(at.into())));
        }
        let timer = this.timer.as_pin_mut().expect("the timer was set above");
        timer.poll(cx).map(|()| Ok(respond(&Status::deadline_exceeded(DEADLINE_TEXT), this.context)))
    }
}

/// The smallest timeout that the caller asks for.
fn caller_timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    type Parse = fn(&str) -> Option<Duration>;
    let forms: [(&str, Parse); 2] =
        [("grpc-timeout", parse_grpc_timeout), ("x-server-timeout", parse_server_timeout)];
    let mut smallest: Option<Duration> = None;
    for (name, parse) in forms {
        for value in headers.get_all(name) {
            let Some(timeout) = value.to_str().ok().and_then(parse) else {
                return Err(Status::invalid_argument(format!("malformed `{name}` header")));
            };
            smallest = Some(smallest.map_or(timeout, |known| known.min(timeout)));
        }
    }
    Ok(smallest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_timeout_holds() {
        let limits = DeadlineLayer { default: Duration::from_secs(30), max: Duration::from_secs(300) };
        let s = |value: u64| Some(Duration::from_secs(value));
        for (caller, declared, expected) in [
            (None, None, 30),
            (s(5), None, 5),
            (s(60), None, 60),
            (s(600), None, 300),
            (None, s(10), 10),
            (s(5), s(10), 5),
            (s(60), s(10), 10),
            (s(60), s(900), 60),
            (None, s(900), 300),
        ] {
            assert_eq!(
                limits.unary(caller, declared),
                Duration::from_secs(expected),
                "{caller:?} {declared:?}"
            );
        }
    }
}
