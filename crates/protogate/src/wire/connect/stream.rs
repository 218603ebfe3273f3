//! The answer to a streaming Connect call: gRPC's frames, and a last one with the error and the trailers as JSON.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame as Piece;
use serde_json::{Map, Value};
use tonic::Status;

use super::super::frames::Frame;
use super::error::{is_metadata, read};
use crate::service::Body;

/// The frame ends the stream.
const END: u8 = 2;

/// The content of a stream's answer.
pub(in crate::wire) struct StreamContent {
    inner: Body,
    ended: bool,
}

impl StreamContent {
    pub(in crate::wire) fn new(inner: Body) -> Self {
        Self { inner, ended: false }
    }
}

/// The last frame, for the status in trailers or in the headers of an answer without messages.
pub(in crate::wire) fn end(status: &HeaderMap, trailers: &HeaderMap) -> Bytes {
    let mut end = Map::new();
    if let Some((_, error)) = read(status) {
        end.insert("error".to_owned(), error);
    }
    let mut metadata = Map::new();
    for name in trailers.keys().filter(|name| is_metadata(name)) {
        let values = trailers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        metadata.insert(name.as_str().to_owned(), values.collect::<Vec<_>>().into());
    }
    if !metadata.is_empty() {
        end.insert("metadata".to_owned(), metadata.into());
    }
    Frame::new(END, Value::Object(end).to_string().as_bytes()).into_bytes()
}

impl http_body::Body for StreamContent {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Status>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        let bytes = match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
            Some(Ok(piece)) => match piece.into_data() {
                Ok(data) => data,
                Err(piece) => {
                    this.ended = true;
                    let trailers = piece.into_trailers().unwrap_or_default();
                    end(&trailers, &trailers)
                }
            },
            other => {
                this.ended = true;
                return Poll::Ready(other);
            }
        };
        Poll::Ready(Some(Ok(Piece::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}
