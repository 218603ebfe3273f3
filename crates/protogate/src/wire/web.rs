//! gRPC-Web: base64 on the way in, trailers in the content on the way out.
//!
//! The messages are framed as in gRPC. An answer without messages has its status in the headers, as gRPC writes it; else the last
//! frame, with the flag 0x80, holds the trailers as lines `name: value`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::{BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use http::header::ACCEPT;
use http_body::Frame as Piece;
use tonic::Status;

use super::frames::Frame;
use crate::json::parse_base64;
use crate::service::Body;

/// The frame holds trailers.
const TRAILERS: u8 = 0x80;

/// Whether the answer is to be base64: what `accept` names, else as the request was.
pub(crate) fn answers_text(headers: &HeaderMap, request_is_text: bool) -> bool {
    let named = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).find_map(|value| {
        let value = value.to_ascii_lowercase();
        let at = value.find("application/grpc-web")?;
        Some(value[at..].starts_with("application/grpc-web-text"))
    });
    named.unwrap_or(request_is_text)
}

/// The content type of answers.
pub(crate) const fn content_type(is_text: bool) -> &'static str {
    if is_text { "application/grpc-web-text+proto" } else { "application/grpc-web+proto" }
}

/// Decodes base64 in pieces that may be cut anywhere and may have padding after each run (RFC 4648 section 4).
#[derive(Debug, Default)]
pub(crate) struct TextDecoder {
    group: [u8; 4],
    filled: usize,
}

impl TextDecoder {
    /// Decodes what is complete.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for what is not base64.
    pub(crate) fn push(&mut self, mut text: &[u8]) -> Result<Vec<u8>, Status> {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
        if self.filled > 0 {
            let missing = (4 - self.filled).min(text.len());
            self.group[self.filled..self.filled + missing].copy_from_slice(&text[..missing]);
            self.filled += missing;
            text = &text[missing..];
            if self.filled < 4 {
                return Ok(bytes);
            }
            self.filled = 0;
            bytes.extend(group(&self.group)?);
        }
        let (groups, rest) = text.split_at(text.len() / 4 * 4);
        let start = bytes.len();
        // One run without padding, as nearly always.
        if STANDARD_NO_PAD.decode_vec(groups, &mut bytes).is_err() {
            bytes.truncate(start);
            for four in groups.chunks_exact(4) {
                bytes.extend(group(four)?);
            }
        }
        self.group[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
        Ok(bytes)
    }

    /// Whether the text may end here.
    pub(crate) fn is_complete(&self) -> bool {
        self.filled == 0
    }
}

fn group(four: &[u8]) -> Result<Vec<u8>, Status> {
    std::str::from_utf8(four).ok().and_then(parse_base64).ok_or_else(not_base64)
}

fn not_base64() -> Status {
    Status::invalid_argument(
        "the content is not base64 with padding, as `application/grpc-web-text` wants it",
    )
}

/// The content of a text request, decoded.
pub(crate) struct TextBody {
    inner: Body,
    decoder: TextDecoder,
    ended: bool,
}

impl TextBody {
    pub(crate) fn new(inner: Body) -> Self {
        Self { inner, decoder: TextDecoder::default(), ended: false }
    }
}

impl http_body::Body for TextBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            if this.ended {
                return Poll::Ready(None);
            }
            let decoded = match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(piece)) => {
                    let Ok(data) = piece.into_data() else { continue };
                    this.decoder.push(&data)
                }
                Some(Err(status)) => Err(status),
                None if this.decoder.is_complete() => {
                    this.ended = true;
                    continue;
                }
                None => Err(not_base64()),
            };
            this.ended |= decoded.is_err();
            return Poll::Ready(Some(decoded.map(|bytes| Piece::data(bytes.into()))));
        }
    }
}

/// The content of an answer, with its trailers in it.
pub(crate) struct WebBody {
    inner: Body,
    is_text: bool,
    ended: bool,
}

impl WebBody {
    pub(crate) fn new(inner: Body, is_text: bool) -> Self {
        Self { inner, is_text, ended: false }
    }
}

impl http_body::Body for WebBody {
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
                    trailers(&piece.into_trailers().unwrap_or_default())
                }
            },
            other => {
                this.ended = true;
                return Poll::Ready(other);
            }
        };
        let bytes = if this.is_text { Bytes::from(STANDARD.encode(&bytes)) } else { bytes };
        Poll::Ready(Some(Ok(Piece::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

fn trailers(trailers: &HeaderMap) -> Bytes {
    let mut lines = BytesMut::new();
    for (name, value) in trailers {
        lines.put_slice(name.as_str().as_bytes());
        lines.put_slice(b": ");
        lines.put_slice(value.as_bytes());
        lines.put_slice(b"\r\n");
    }
    Frame::new(TRAILERS, &lines).into_bytes()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Option<Vec<u8>> {
        let mut decoder = TextDecoder::default();
        let mut bytes = Vec::new();
        for piece in pieces {
            bytes.extend(decoder.push(piece).ok()?);
        }
        decoder.is_complete().then_some(bytes)
    }

    proptest! {
        #[test]
        fn runs_with_padding_are_decoded_wherever_they_are_cut(
            runs in vec(vec(any::<u8>(), 0..40), 0..6),
            size in 1_usize..9,
        ) {
            let text: String = runs.iter().map(|run| STANDARD.encode(run)).collect();
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            prop_assert_eq!(decode(&pieces), Some(runs.concat()));
        }

        #[test]
        fn hostile_text_is_refused_alike_wherever_it_is_cut(text in "[A-Za-z0-9+/=\n *]{0,24}", size in 1_usize..9) {
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            prop_assert_eq!(decode(&pieces), decode(&[text.as_bytes()]));
        }
    }

    #[test]
    fn only_base64_is_decoded() {
        assert_eq!(decode(&[b"AQI=AQID"]), Some(vec![1, 2, 1, 2, 3]));
        for text in ["AQI", "A", "AQI*", "AQ=I", "====", "AQID\n"] {
            assert_eq!(decode(&[text.as_bytes()]), None, "{text}");
        }
    }

    #[test]
    fn the_answer_is_in_the_form_that_is_asked_for() {
        for (accept, request, expected) in [
            ("application/grpc-web-text", false, true),
            ("application/grpc-web+proto", true, false),
            ("*/*", true, true),
            ("", false, false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(answers_text(&headers, request), expected, "{accept}");
        }
    }
}
