//! Limits on a request's content: its size, and the pause between two pieces of it.
//!
//! A declared length beyond the limit is refused before anything is read; an undeclared one fails the read. Callers that stream are
//! limited per message by the codec instead, and may pause. The total time of a unary request's content is within its deadline.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::future::Either;
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;
use tower_service::Service;

use super::{Early, Request, Response, Stacked, refuse};
use crate::call::{Call, Protocol};
use crate::method::MethodInfo;
use crate::service::Body;

/// Why a request's content was not read to its end; the source of the status that the read fails with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentFault {
    /// Beyond the limit: 413.
    TooLarge,
    /// A pause was too long: 408.
    TooSlow,
}

impl ContentFault {
    /// The HTTP status of a REST answer to this fault.
    pub(crate) const fn http_status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The fault behind a status, if one is.
    pub(crate) fn of(status: &Status) -> Option<Self> {
        std::error::Error::source(status)?.downcast_ref::<Self>().copied()
    }

    fn status(self, limit: u64) -> Status {
        let mut status = match self {
            Self::TooLarge => Status::resource_exhausted(format!("the content is larger than {limit} bytes")),
            Self::TooSlow => Status::deadline_exceeded("the content came too slowly"),
        };
        status.set_source(Arc::new(self));
        status
    }
}

impl fmt::Display for ContentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "content too large",
            Self::TooSlow => "content too slow",
        })
    }
}

impl std::error::Error for ContentFault {}

/// Makes [`BodyLimit`] services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimitLayer {
    /// Bytes of a REST request's content.
    pub(crate) body: usize,
    /// Bytes of a message of gRPC, gRPC-Web or Connect.
    pub(crate) message: usize,
    /// Longest pause.
    pub(crate) gap: Duration,
}

/// Limits requests' content.
#[derive(Debug, Clone)]
pub(crate) struct BodyLimit<S> {
    inner: S,
    limits: BodyLimitLayer,
}

pin_project! {
    struct LimitedBody {
        #[pin]
        inner: Body,
        limit: u64,
        left: u64,
        gap: Duration,
        // Made when the first piece is awaited; most requests arrive whole.
        #[pin]
        timer: Option<Sleep>,
        waiting: bool,
    }
}

impl<S> tower_layer::Layer<S> for BodyLimitLayer {
    type Service = BodyLimit<S>;

    fn layer(&self, inner: S) -> BodyLimit<S> {
        BodyLimit { inner, limits: *self }
    }
}

impl<S: Stacked> Service<Request> for BodyLimit<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let method = request.extensions().get::<&'static MethodInfo>().copied();
        if method.is_some_and(|method| method.client_streaming) || request.body().is_end_stream() {
            return Either::Left(self.inner.call(request));
        }
        let protocol = Call::of(request.extensions()).map_or(Protocol::Rest, |call| call.protocol);
        let limit = match protocol {
            // The length prefix and the compression flag come on top of the message.
            Protocol::Grpc | Protocol::GrpcWeb | Protocol::Connect => self.limits.message as u64 + 5,
            Protocol::Rest => self.limits.body as u64,
        };
        if request.body().size_hint().lower() > limit {
            return refuse(&ContentFault::TooLarge.status(limit), request.extensions());
        }
        let gap = self.limits.gap;
        let request = request.map(|inner| {
            Body::new(LimitedBody { inner, limit, left: limit, gap, timer: None, waiting: false })
        });
        Either::Left(self.inner.call(request))
    }
}

impl http_body::Body for LimitedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        match this.inner.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                *this.waiting = false;
                let size = frame.data_ref().map_or(0, |data| data.remaining() as u64);
                let Some(left) = this.left.checked_sub(size) else {
                    return Poll::Ready(Some(Err(ContentFault::TooLarge.status(*this.limit))));
                };
                *this.left = left;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending => {
                if !*this.waiting {
                    *this.waiting = true;
                    match this.timer.as_mut().as_pin_mut() {
                        Some(timer) => timer.reset(Instant::now() + *this.gap),
                        None => this.timer.set(Some(sleep(*this.gap))),
                    }
                }
                let timer = this.timer.as_pin_mut().expect("the timer is set while the body waits");
                timer.poll(cx).map(|()| Some(Err(ContentFault::TooSlow.status(*this.limit))))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
