//! When a stream must end although its handler would go on: caller's deadline, expired token, shutdown.
//!
//! Streams of requests and of answers are treated alike. One that has not been answered yet is answered with the status; after that,
//! streams of gRPC, gRPC-Web and Connect end with trailers, REST streams with the error line or event of their format. At shutdown a handler gets a grace
//! time in which it can end its stream itself with a hint where to resume; the [`Shutdown`] token in the request's extensions tells
//! it. Unary calls are `deadline`'s.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::{Body as _, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::{Code, Status};
use tower_service::Service;

use super::auth::Identity;
use super::deadline::{DEADLINE_TEXT, Deadline};
use super::{CREDENTIALS_TEXT, Request, Response, Stacked};
use crate::call::{Call, Protocol};
use crate::error::render::{RenderContext, respond, rest_json};
use crate::method::MethodInfo;
use crate::server::Shutdown;
use crate::service::Body;

/// Makes [`EndStreams`] services.
#[derive(Debug, Clone)]
pub(crate) struct StreamLayer {
    pub(crate) shutdown: Shutdown,
    /// Time that handlers get to end their streams at shutdown.
    pub(crate) grace: Duration,
    /// Added to the expiry of a token.
    pub(crate) leeway: Duration,
}

/// Ends streams when they must.
#[derive(Debug, Clone)]
pub(crate) struct EndStreams<S> {
    inner: S,
    settings: StreamLayer,
}

/// Why a stream ends, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Deadline,
    Expiry,
    Shutdown,
}

pin_project! {
    /// The future of [`EndStreams`].
    pub(crate) struct StreamFuture<F> {
        #[pin]
        inner: F,
        // `None` for unary calls, and when the end has gone on to the body.
        end: Option<End>,
    }
}

/// What a stream needs to know of its end.
struct End {
    watch: Pin<Box<Watch>>,
    protocol: Protocol,
    context: RenderContext,
}

pin_project! {
    /// Waits for the end of a stream.
    struct Watch {
        #[pin]
        timer: Option<Sleep>,
        #[pin]
        shutdown: WaitForCancellationFutureOwned,
        cause: Cause,
        grace: Duration,
        draining: bool,
    }
}

pin_project! {
    struct EndingBody {
        #[pin]
        inner: Body,
        watch: Pin<Box<Watch>>,
        ended: bool,
        form: Form,
        context: RenderContext,
    }
}

/// How a stream tells its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Trailers,
    Lines,
    Events,
    /// No form for errors: the connection's stream is cut.
    Cut,
}

impl<S> tower_layer::Layer<S> for StreamLayer {
    type Service = EndStreams<S>;

    fn layer(&self, inner: S) -> EndStreams<S> {
        EndStreams { inner, settings: self.clone() }
    }
}

impl<S: Stacked> Service<Request> for EndStreams<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = StreamFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let extensions = request.extensions();
        let streams = extensions
            .get::<&'static MethodInfo>()
            .is_some_and(|method| method.client_streaming || method.server_streaming);
        let end = streams.then(|| {
            let deadline = extensions.get::<Deadline>().map(|deadline| (deadline.at(), Cause::Deadline));
            let expiry = extensions.get::<Identity>().and_then(|identity| {
                let left = identity.expires_at().duration_since(SystemTime::now()).unwrap_or_default();
                Some((Instant::now().checked_add(left + self.settings.leeway)?, Cause::Expiry))
            });
            let at = deadline.into_iter().chain(expiry).min_by_key(|(at, _)| *at);
            let protocol = Call::of(extensions).map_or(Protocol::Rest, |call| call.protocol);
            let context = RenderContext::of(extensions);
            let watch = Watch {
                timer: at.map(|(at, _)| tokio::time::sleep_until(at.into())),
                shutdown: self.settings.shutdown.clone().wait_owned(),
                cause: at.map_or(Cause::Shutdown, |(_, cause)| cause),
                grace: self.settings.grace,
                draining: false,
            };
            End { watch: Box::pin(watch), protocol, context }
        });
        request.extensions_mut().insert(self.settings.shutdown.clone());
        StreamFuture { inner: self.inner.call(request), end }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for StreamFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // The end comes first: a handler that is always ready would put it off for ever.
        if let Some(end) = this.end.as_mut()
            && let Poll::Ready(cause) = end.watch.as_mut().poll(cx)
        {
            return Poll::Ready(Ok(respond(&cause.status(), &end.context)));
        }
        let Poll::Ready(Ok(response)) = this.inner.poll(cx) else { return Poll::Pending };
        let Some(End { watch, protocol, context }) =
            this.end.take().filter(|_| !response.body().is_end_stream())
        else {
            return Poll::Ready(Ok(response));
        };
        let form = Form::of(protocol, response.headers());
        Poll::Ready(Ok(
            response.map(|inner| Body::new(EndingBody { inner, watch, ended: false, form, context }))
        ))
    }
}

impl Future for Watch {
    type Output = Cause;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Cause> {
        let mut this = self.project();
        if !*this.draining && this.shutdown.poll(cx).is_ready() {
            *this.draining = true;
            let until = tokio::time::Instant::now() + *this.grace;
            let earlier = this.timer.as_ref().as_pin_ref().is_some_and(|timer| timer.deadline() <= until);
            if !earlier {
                *this.cause = Cause::Shutdown;
                this.timer.set(Some(tokio::time::sleep_until(until)));
            }
        }
        match this.timer.as_pin_mut() {
            Some(timer) => timer.poll(cx).map(|()| *this.cause),
            None => Poll::Pending,
        }
    }
}

impl http_body::Body for EndingBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        // First, as above.
        if let Poll::Ready(cause) = this.watch.as_mut().poll(cx) {
            *this.ended = true;
            return Poll::Ready(this.form.end(&cause.status(), this.context));
        }
        this.inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

impl Cause {
    fn status(self) -> Status {
        match self {
            Self::Deadline => Status::deadline_exceeded(DEADLINE_TEXT),
            Self::Expiry => Status::unauthenticated(CREDENTIALS_TEXT),
            Self::Shutdown => Status::unavailable("the server is shutting down; connect again and resume"),
        }
    }
}

impl Form {
    fn of(protocol: Protocol, headers: &HeaderMap) -> Self {
        if protocol.is_framed() {
            return Self::Trailers;
        }
        match headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes) {
            Some(value) if value.starts_with(b"application/x-ndjson") => Self::Lines,
            Some(value) if value.starts_with(b"text/event-stream") => Self::Events,
            _ => Self::Cut,
        }
    }

    /// The last frame of a stream. Statuses in trailers are finished by the `render` layer outside.
    fn end(self, status: &Status, context: &RenderContext) -> Option<Result<Frame<Bytes>, Status>> {
        let data = |text: String| Some(Ok(Frame::data(Bytes::from(text))));
        match self {
            Self::Trailers => {
                let mut trailers = HeaderMap::with_capacity(2);
                // The texts are ASCII.
                status.add_header(&mut trailers).ok()?;
                Some(Ok(Frame::trailers(trailers)))
            }
            Self::Lines => data(format!("{{\"error\": {}}}\n", rest_json(status, context))),
            Self::Events => data(format!("event: stream-error\ndata: {}\n\n", rest_json(status, context))),
            Self::Cut => Some(Err(Status::new(Code::Unavailable, status.message()))),
        }
    }
}
