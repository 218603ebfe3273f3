//! The last step of every answer in the form of gRPC: its status is finished by `error::render`, in headers or in trailers.
//!
//! Statuses of handlers have been encoded by tonic when they come by here. REST answers have been rendered where they were made. A
//! panic while a body is written ends the body with INTERNAL trailers instead of a reset.

use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::Status;
use tower_service::Service;

use super::{Request, Response, Stacked};
use crate::call::Call;
use crate::error::grpc::{self, Place};
use crate::error::render::{Rendered, finish};
use crate::service::Body;
use crate::telemetry::metrics::Metrics;

/// Makes [`Render`] services.
#[derive(Debug, Clone)]
pub(crate) struct RenderLayer {
    pub(crate) metrics: Arc<Metrics>,
}

/// Finishes the statuses of gRPC answers.
#[derive(Debug, Clone)]
pub(crate) struct Render<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

pin_project! {
    /// The future of [`Render`].
    pub(crate) struct RenderFuture<F> {
        #[pin]
        inner: F,
        call: Option<Arc<Call>>,
        metrics: Arc<Metrics>,
    }
}

pin_project! {
    struct RenderBody {
        #[pin]
        inner: Body,
        call: Arc<Call>,
        metrics: Arc<Metrics>,
        ended: bool,
    }
}

impl<S> tower_layer::Layer<S> for RenderLayer {
    type Service = Render<S>;

    fn layer(&self, inner: S) -> Render<S> {
        Render { inner, metrics: Arc::clone(&self.metrics) }
    }
}

impl<S: Stacked> Service<Request> for Render<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = RenderFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let call = Call::of(request.extensions());
        if let Some(call) = call {
            call.note_method(request.method());
        }
        let call = call.filter(|call| call.protocol.is_framed()).cloned();
        RenderFuture { inner: self.inner.call(request), call, metrics: Arc::clone(&self.metrics) }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for RenderFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Poll::Ready(Ok(mut response)) = this.inner.poll(cx) else { return Poll::Pending };
        let Some(call) = this.call.take() else { return Poll::Ready(Ok(response)) };
        if response.extensions().get::<Rendered>().is_some() {
            return Poll::Ready(Ok(response));
        }
        // tonic keeps the status itself beside a trailers-only answer.
        let original = response.extensions_mut().remove::<Status>();
        if grpc::rewrite(response.headers_mut(), &call, Place::Head(original.as_ref())).is_some() {
            return Poll::Ready(Ok(response));
        }
        let metrics = Arc::clone(this.metrics);
        Poll::Ready(Ok(response.map(|inner| Body::new(RenderBody { inner, call, metrics, ended: false }))))
    }
}

impl http_body::Body for RenderBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        let Ok(polled) = catch_unwind(AssertUnwindSafe(|| this.inner.poll_frame(cx))) else {
            *this.ended = true;
            this.metrics.panics.inc();
            return Poll::Ready(Some(Ok(end_with(&Status::internal("the stream panicked"), this.call))));
        };
        let frame = match polled {
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(Some(Err(status))) => {
                *this.ended = true;
                return Poll::Ready(Some(Ok(end_with(&status, this.call))));
            }
            other => return other,
        };
        Poll::Ready(Some(Ok(match frame.into_trailers() {
            Ok(mut trailers) => {
                grpc::rewrite(&mut trailers, this.call, Place::Trailers);
                Frame::trailers(trailers)
            }
            Err(frame) => frame,
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The trailers that end a body with a status.
fn end_with(status: &Status, call: &Call) -> Frame<Bytes> {
    let mut trailers = HeaderMap::with_capacity(3);
    grpc::write(&finish(status, call), &mut trailers);
    Frame::trailers(trailers)
}
