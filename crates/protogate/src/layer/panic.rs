//! The barrier: a panic below becomes INTERNAL for its caller, is counted, and ends nothing else.
//!
//! What the panic says goes to the log through the process's panic hook; a panic while a gRPC body is written is caught by the
//! `render` layer, which knows how to end a body.

use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderName, HeaderValue};
use pin_project_lite::pin_project;
use tonic::Status;
use tower_service::Service;

use super::{Request, Response, Stacked};
use crate::call::Call;
use crate::error::render::{RenderContext, respond};
use crate::telemetry::metrics::Metrics;

/// Makes [`Panic`] services.
#[derive(Debug, Clone)]
pub(crate) struct PanicLayer {
    pub(crate) metrics: Arc<Metrics>,
}

/// Catches panics of the service below.
#[derive(Debug, Clone)]
pub(crate) struct Panic<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

pin_project! {
    /// The future of [`Panic`]; without an inner one the call itself has panicked.
    pub(crate) struct PanicFuture<F> {
        #[pin]
        inner: Option<F>,
        context: RenderContext,
        call: Option<Arc<Call>>,
        metrics: Arc<Metrics>,
    }
}

impl<S> tower_layer::Layer<S> for PanicLayer {
    type Service = Panic<S>;

    fn layer(&self, inner: S) -> Panic<S> {
        Panic { inner, metrics: Arc::clone(&self.metrics) }
    }
}

impl<S: Stacked> Service<Request> for Panic<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = PanicFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let context = RenderContext::of(request.extensions());
        let call = Call::of(request.extensions()).cloned();
        if let Some(call) = &call {
            call.note_method(request.method());
        }
        let inner = catch_unwind(AssertUnwindSafe(|| self.inner.call(request))).ok();
        PanicFuture { inner, context, call, metrics: Arc::clone(&self.metrics) }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for PanicFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let polled =
            this.inner.as_mut().as_pin_mut().map(|inner| catch_unwind(AssertUnwindSafe(|| inner.poll(cx))));
        match polled {
            Some(Ok(polled)) => polled,
            Some(Err(_)) | None => {
                this.metrics.panics.inc();
                // What is left of it goes now, and may panic once more.
                let _ = catch_unwind(AssertUnwindSafe(|| this.inner.set(None)));
                let mut response = respond(&Status::internal("the handler panicked"), this.context);
                // The layer of the ids is below, and did not come to see this answer.
                let ids = this.call.as_ref().and_then(|call| call.ids.get());
                if let Some(id) = ids.and_then(|ids| HeaderValue::from_str(ids.request_id.as_str()).ok()) {
                    response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}
