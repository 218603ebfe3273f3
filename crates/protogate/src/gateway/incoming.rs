//! Client streaming: JSON values separated by white space, as they arrive, into the `Streaming` that a handler reads.
//!
//! Each value becomes one frame as gRPC frames messages, with JSON inside, and a decoder that reads JSON: so the handler sees
//! exactly the type that it sees under gRPC, with its limits.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http_body::Frame;
use tonic::codec::{DecodeBuf, Decoder};
use tonic::{Status, Streaming};

use super::refusal::Refusal;
use crate::json::{self, JsonMessage, ReadOptions, quote};
use crate::service::Body;

/// The messages in `body`. A value larger than `limit` bytes or malformed ends the stream with a status.
pub(crate) fn streaming<Q: JsonMessage>(body: Body, options: ReadOptions, limit: usize) -> Streaming<Q> {
    let values = Values { body, splitter: Splitter::default(), queue: VecDeque::new(), limit, done: false };
    Streaming::new_request(JsonDecoder { options, message: PhantomData }, values, None, Some(limit))
}

struct JsonDecoder<Q> {
    options: ReadOptions,
    message: PhantomData<fn() -> Q>,
}

impl<Q: JsonMessage> Decoder for JsonDecoder<Q> {
    type Item = Q;
    type Error = Status;

    fn decode(&mut self, src: &mut DecodeBuf<'_>) -> Result<Option<Q>, Status> {
        let bytes = src.copy_to_bytes(src.remaining());
        match json::parse(&bytes, self.options) {
            Ok(message) => Ok(Some(message)),
            Err(error) => Err(Refusal::json(&error).into_status()),
        }
    }
}

/// A body of frames, made from a body of JSON text.
struct Values {
    body: Body,
    splitter: Splitter,
    queue: VecDeque<Bytes>,
    limit: usize,
    done: bool,
}

impl http_body::Body for Values {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            if let Some(value) = this.queue.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(value))));
            }
            if this.done {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if let Err(status) = this.splitter.push(&data, this.limit, &mut this.queue) {
                        this.done = true;
                        return Poll::Ready(Some(Err(status)));
                    }
                }
                Some(Err(status)) => {
                    this.done = true;
                    return Poll::Ready(Some(Err(status)));
                }
                None => {
                    this.done = true;
                    this.splitter.finish(&mut this.queue);
                }
            }
        }
    }
}

/// Finds the ends of JSON values in pieces of text. It only counts brackets and minds strings; the decoder judges the syntax.
#[derive(Default)]
struct Splitter {
    value: BytesMut,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Splitter {
    fn push(&mut self, data: &[u8], limit: usize, queue: &mut VecDeque<Bytes>) -> Result<(), Status> {
        for &byte in data {
            if self.value.is_empty() && byte.is_ascii_whitespace() {
                continue;
            }
            let ends_before = self.depth == 0 && !self.in_string && byte.is_ascii_whitespace();
            if ends_before {
                self.finish(queue);
                continue;
            }
            self.value.put_u8(byte);
            if self.value.len() > limit {
                let start = String::from_utf8_lossy(&self.value[..self.value.len().min(20)]).into_owned();
                let message =
                    format!("the message that starts with `{}` is larger than {limit} bytes", quote(&start));
                return Err(Status::resource_exhausted(message));
            }
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.finish(queue);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Ends the value that is being read, if there is one.
    fn finish(&mut self, queue: &mut VecDeque<Bytes>) {
        let value = std::mem::take(&mut self.value);
        (self.depth, self.in_string, self.escaped) = (0, false, false);
        if value.is_empty() {
            return;
        }
        let mut frame = BytesMut::with_capacity(value.len() + 5);
        frame.put_u8(0);
        frame.put_u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
        frame.extend_from_slice(&value);
        queue.push_back(frame.freeze());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str]) -> Vec<String> {
        let (mut splitter, mut queue) = (Splitter::default(), VecDeque::new());
        for piece in pieces {
            splitter.push(piece.as_bytes(), 1000, &mut queue).unwrap();
        }
        splitter.finish(&mut queue);
        queue.iter().map(|frame| String::from_utf8(frame[5..].to_vec()).unwrap()).collect()
    }

    #[test]
    fn values_end_where_json_ends_them() {
        assert_eq!(
            split(&["{\"a\":1}\n", " {\"b\":\"}\\\"", "{\"}\n\n"]),
            ["{\"a\":1}", "{\"b\":\"}\\\"{\"}"]
        );
        assert_eq!(split(&["1 \"a b\"", " tr", "ue"]), ["1", "\"a b\"", "true"]);
        assert_eq!(split(&["{}{}[]"]), ["{}", "{}", "[]"]);
        assert_eq!(split(&["{\"open\""]), ["{\"open\""]);
        assert_eq!(split(&[" \n"]), Vec::<String>::new());
    }

    #[test]
    fn a_value_larger_than_the_limit_is_refused() {
        let (mut splitter, mut queue) = (Splitter::default(), VecDeque::new());
        let status = splitter.push(b"[1,2,3,4,5,6,7,8,9]", 10, &mut queue).unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }
}
