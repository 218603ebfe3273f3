//! The reply of a server-streaming call: lines of JSON, server-sent events, or the bytes of `google.api.HttpBody` messages.
//!
//! Each message is one frame of the body, so that it is sent at once. An error after the first message travels in the form of the
//! stream, and so does a panic. The body holds the handler's stream: a client that goes away drops both.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;
use tonic::metadata::MetadataMap;

use super::encode::nosniff;
use super::headers;
use crate::config::Compat;
use crate::error::render::{self, RenderContext};
use crate::service::Body;

/// How a stream looks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `application/x-ndjson`: one object `{"result": …}` or `{"error": …}` per line.
    Lines,
    /// `text/event-stream`.
    Events,
    /// The bytes of each `google.api.HttpBody`, one after the other.
    Raw,
}

/// One message: its bytes, and for raw content its media type.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) content: Bytes,
    pub(crate) media_type: Option<HeaderValue>,
    /// What to resume with after it, in an event stream.
    pub(crate) id: Option<String>,
}

/// Printed messages of a handler.
pub(crate) type Items = Pin<Box<dyn Stream<Item = Result<Item, Status>> + Send>>;

impl Format {
    /// What the caller asks for.
    pub(crate) fn of(headers: &HeaderMap, raw_reply: bool) -> Self {
        let wants_events = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.to_ascii_lowercase().contains("text/event-stream"));
        match (raw_reply, wants_events) {
            (true, _) => Self::Raw,
            (false, true) => Self::Events,
            (false, false) => Self::Lines,
        }
    }
}

/// What a reply of a stream needs beside its messages.
pub(crate) struct Setting {
    pub(crate) format: Format,
    pub(crate) keep_alive: Duration,
    pub(crate) compat: Compat,
    pub(crate) method: Method,
    pub(crate) context: RenderContext,
}

/// Waits for the first message, or the end, or an error; an error before the first message is an ordinary error.
pub(crate) async fn reply(
    metadata: MetadataMap,
    mut items: Items,
    setting: Setting,
) -> Result<Response<Body>, Status> {
    let first = std::future::poll_fn(|cx| items.as_mut().poll_next(cx)).await.transpose()?;
    let (mut response_headers, _) = headers::from_metadata(metadata, setting.compat);
    nosniff(&mut response_headers);
    let media_type = match setting.format {
        // As grpc-gateway has it, though it is several values.
        Format::Lines if setting.compat == Compat::GrpcGateway => {
            HeaderValue::from_static("application/json")
        }
        Format::Lines => HeaderValue::from_static("application/x-ndjson"),
        Format::Events => HeaderValue::from_static("text/event-stream"),
        Format::Raw => first
            .as_ref()
            .and_then(|item| item.media_type.clone())
            .unwrap_or(HeaderValue::from_static("application/octet-stream")),
    };
    response_headers.insert(CONTENT_TYPE, media_type);
    if setting.format == Format::Events {
        response_headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response_headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    }
    let body = if setting.method == Method::HEAD {
        Body::empty()
    } else {
        let ended = first.is_none();
        Body::new(StreamBody {
            first,
            items: (!ended).then_some(items),
            ended_early: ended,
            timer: Box::pin(sleep_until(Instant::now() + setting.keep_alive)),
            setting,
        })
    };
    let mut response = Response::new(body);
    *response.headers_mut() = response_headers;
    Ok(response)
}

/// The body of a stream.
struct StreamBody {
    first: Option<Item>,
    /// `None` when the stream has ended.
    items: Option<Items>,
    /// The stream had no message at all, and its end is not written yet.
    ended_early: bool,
    timer: Pin<Box<Sleep>>,
    setting: Setting,
}

impl StreamBody {
    fn message(&self, item: &Item) -> Bytes {
        match self.setting.format {
            Format::Lines => framed(b"{\"result\": ", &item.content, b"}\n"),
            Format::Events => match &item.id {
                Some(id) => framed(format!("id: {id}\ndata: ").as_bytes(), &item.content, b"\n\n"),
                None => framed(b"data: ", &item.content, b"\n\n"),
            },
            Format::Raw => item.content.clone(),
        }
    }

    /// The last piece after an error; raw content has no form for it and is cut off.
    fn failure(&self, status: &Status) -> Result<Bytes, Status> {
        let json = render::rest_json(status, &self.setting.context);
        match self.setting.format {
            Format::Lines => Ok(framed(b"{\"error\": ", json.as_bytes(), b"}\n")),
            Format::Events => Ok(framed(b"event: stream-error\ndata: ", json.as_bytes(), b"\n\n")),
            Format::Raw => Err(Status::new(status.code(), "the stream ended with an error")),
        }
    }

    fn end(&self) -> Option<Bytes> {
        (self.setting.format == Format::Events)
            .then(|| Bytes::from_static(b"event: stream-end\ndata: {}\n\n"))
    }
}

fn framed(before: &[u8], content: &[u8], after: &[u8]) -> Bytes {
    Bytes::from([before, content, after].concat())
}

impl http_body::Body for StreamBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let ready = |bytes: Bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        if let Some(first) = self.first.take() {
            return ready(self.message(&first));
        }
        if std::mem::take(&mut self.ended_early) {
            return self.end().map_or(Poll::Ready(None), ready);
        }
        let Some(items) = self.items.as_mut() else { return Poll::Ready(None) };
        let polled = catch_unwind(AssertUnwindSafe(|| items.as_mut().poll_next(cx))).unwrap_or_else(|_| {
            self.setting.context.note_panic();
            Poll::Ready(Some(Err(Status::internal("the stream panicked"))))
        });
        match polled {
            Poll::Ready(Some(Ok(item))) => {
                let next = Instant::now() + self.setting.keep_alive;
                self.timer.as_mut().reset(next);
                ready(self.message(&item))
            }
            Poll::Ready(Some(Err(status))) => {
                // What is left of a handler that has panicked may do so once more.
                let items = self.items.take();
                let _ = catch_unwind(AssertUnwindSafe(|| drop(items)));
                Poll::Ready(Some(self.failure(&status).map(Frame::data)))
            }
            Poll::Ready(None) => {
                self.items = None;
                self.end().map_or(Poll::Ready(None), ready)
            }
            Poll::Pending if self.setting.format == Format::Events => {
                if self.timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let next = Instant::now() + self.setting.keep_alive;
                self.timer.as_mut().reset(next);
                ready(Bytes::from_static(b": keep-alive\n\n"))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.items.is_none() && !self.ended_early
    }
}
