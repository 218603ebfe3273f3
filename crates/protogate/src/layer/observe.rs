//! What is seen of a call: its context while it runs, then one access log line, metrics, and an audit line where one is due.
//!
//! A call has ended when the last byte or the trailers of its answer have been handed over, not when the headers leave; one that is
//! dropped before that was cancelled by its caller, or has panicked. The code is read off `grpc-status`, or off what `error::render` has noted.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use pin_project_lite::pin_project;
use protogate_transcode::Code;
use tonic::Status;
use tower_service::Service;

use super::{Request, Response, Stacked};
use crate::call::{Call, Protocol};
use crate::error::grpc;
use crate::error::render::{HttpStatus, Rendered};
use crate::service::Body;
use crate::telemetry::metrics::Metrics;

/// Makes [`Observe`] services.
#[derive(Debug, Clone)]
pub(crate) struct ObserveLayer {
    pub(crate) metrics: Arc<Metrics>,
}

/// Logs and measures calls.
#[derive(Debug, Clone)]
pub(crate) struct Observe<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

/// One call under observation; writes its record when it is finished or dropped.
struct Record {
    call: Arc<Call>,
    metrics: Arc<Metrics>,
    http_status: Option<StatusCode>,
    code: Option<Code>,
    bytes: u64,
    finished: bool,
    /// The service below is being polled: dropped now, or never returned, it has panicked.
    polling: bool,
}

pin_project! {
    /// The future of [`Observe`].
    pub(crate) struct ObserveFuture<F> {
        #[pin]
        inner: F,
        record: Option<Record>,
    }
}

pin_project! {
    /// An answer's body under observation.
    struct ObserveBody {
        #[pin]
        inner: Body,
        record: Record,
    }
}

impl<S> tower_layer::Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Observe<S> {
        Observe { inner, metrics: Arc::clone(&self.metrics) }
    }
}

impl<S: Stacked> Service<Request> for Observe<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = ObserveFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut record =
            Call::of(request.extensions()).map(|call| Record::start(Arc::clone(call), &self.metrics));
        let inner = match &record {
            Some(record) => record.call.enter(|| self.inner.call(request)),
            None => self.inner.call(request),
        };
        if let Some(record) = &mut record {
            record.polling = false;
        }
        ObserveFuture { inner, record }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for ObserveFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = match this.record {
            Some(record) => {
                record.polling = true;
                let polled = record.call.enter(|| this.inner.poll(cx));
                record.polling = false;
                polled
            }
            None => this.inner.poll(cx),
        };
        let Poll::Ready(Ok(response)) = polled else { return Poll::Pending };
        Poll::Ready(Ok(match this.record.take() {
            Some(record) => record.answered(response),
            None => response,
        }))
    }
}

impl http_body::Body for ObserveBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        this.record.polling = true;
        let polled = this.record.call.enter(|| this.inner.as_mut().poll_frame(cx));
        this.record.polling = false;
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    this.record.bytes += data.remaining() as u64;
                } else if let Some(trailers) = frame.trailers_ref()
                    && let Some(code) = grpc::code(trailers)
                {
                    this.record.code = Some(code);
                    this.record.finish();
                }
                if this.inner.is_end_stream() {
                    this.record.finish();
                }
            }
            Poll::Ready(Some(Err(status))) => {
                this.record.code = Some(crate::error::code_of(status));
                this.record.finish();
            }
            Poll::Ready(None) => this.record.finish(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Record {
    fn start(call: Arc<Call>, metrics: &Arc<Metrics>) -> Self {
        metrics.active(call.protocol).inc();
        let metrics = Arc::clone(metrics);
        Self { call, metrics, http_status: None, code: None, bytes: 0, finished: false, polling: true }
    }

    /// Takes note of an answer's head, and goes on with its body when there is one.
    fn answered(mut self, response: Response) -> Response {
        self.http_status = Some(match response.extensions().get::<HttpStatus>() {
            Some(own) => own.0,
            None => response.status(),
        });
        self.code = match self.call.protocol {
            Protocol::Grpc | Protocol::GrpcWeb | Protocol::Connect => grpc::code(response.headers()),
            Protocol::Rest => Some(
                response
                    .extensions()
                    .get::<Rendered>()
                    .map_or_else(|| rest_code(response.status()), |mark| mark.0),
            ),
        };
        if response.body().is_end_stream() {
            self.finish();
            return response;
        }
        response.map(|inner| Body::new(ObserveBody { inner, record: self }))
    }

    fn finish(&mut self) {
        if self.finished {
            return;
        }
        self.finished = true;
        let call = &self.call;
        // A stream of REST answers that failed late had a good head.
        let code = call.late_code.get().copied().or(self.code).unwrap_or(Code::Unknown);
        if call.has_panicked.get().is_some() {
            self.metrics.panics.inc();
        }
        let elapsed = call.started.elapsed();
        let target = call.target.get();
        self.metrics.active(call.protocol).dec();
        self.metrics.finished(target, call.protocol, code, elapsed);
        let http_status = match self.http_status.map_or(0, |status| status.as_u16()) {
            // Becomes the status of the code at the door.
            200 if call.form.is_connect_unary() => code.http_status(),
            status => status,
        };
        let code = code.name();
        // Microseconds are enough, and print short.
        let duration_ms = (elapsed.as_micros() as f64) / 1000.0;
        let bytes = self.bytes;
        let peer = call.peer.map(|peer| peer.ip().to_string()).unwrap_or_default();
        call.enter(|| {
            tracing::info!(target: "protogate::access", code, http_status, duration_ms, bytes, peer, "access");
            if target.is_some_and(|target| target.info.policy.audit) {
                tracing::info!(target: "protogate::audit", code, peer, "call");
            }
        });
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.finished {
            self.code = Some(if self.polling { Code::Internal } else { Code::Cancelled });
            self.finish();
        }
    }
}

/// The code of a REST answer that was no failure, or was written by a layer of the user's.
fn rest_code(status: StatusCode) -> Code {
    if status.is_client_error() || status.is_server_error() {
        Code::from_http_status(status.as_u16()).unwrap_or(Code::Unknown)
    } else {
        Code::Ok
    }
}
