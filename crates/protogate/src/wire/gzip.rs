//! gzip in both directions: whole messages of gRPC and Connect, and the content of REST requests and answers as it flows.
//!
//! What comes in is inflated within a bound: a message to its limit, content in pieces that later layers count. gzip is the one
//! encoding that every client has; the bound on what a small input may become is the same for all.

use std::io::{Read as _, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::{Body as _, Frame};
use tonic::Status;

use crate::layer::Response;
use crate::service::Body;

/// What refusals list as supported.
pub(crate) const SUPPORTED: &str = "gzip, identity";

/// Bytes of compressed input that are inflated in one step; each may become about a thousand.
const STEP: usize = 256;
/// Inflated bytes that are passed on in one piece, about.
const PIECE: usize = 64 << 10;

/// The encoding that a header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Other,
}

impl Encoding {
    /// Reads a header that names one encoding; without it there is none.
    pub(crate) fn of(headers: &HeaderMap, name: &HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        let Some(value) = values.next() else { return Self::Identity };
        let value = value.as_bytes().trim_ascii();
        if values.next().is_some() {
            Self::Other
        } else if value.is_empty() || value.eq_ignore_ascii_case(b"identity") {
            Self::Identity
        } else if value.eq_ignore_ascii_case(b"gzip") || value.eq_ignore_ascii_case(b"x-gzip") {
            Self::Gzip
        } else {
            Self::Other
        }
    }
}

/// Whether an `accept-encoding` header, or one of its relatives, takes gzip (RFC 9110 section 12.5.3).
pub(crate) fn is_accepted(headers: &HeaderMap, name: &HeaderName) -> bool {
    let (mut named, mut star) = (None, false);
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    for part in values.flat_map(|value| value.split(',')) {
        let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
        let quality = parameters.split(';').filter_map(|it| it.split_once('=')).find_map(|(name, value)| {
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().unwrap_or(0.0))
        });
        let is_wanted = quality.unwrap_or(1.0) > 0.0;
        match coding.trim() {
            coding if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") => {
                named = Some(is_wanted);
            }
            "*" => star = is_wanted,
            _ => {}
        }
    }
    named.unwrap_or(star)
}

/// Inflates a whole message.
///
/// # Errors
/// RESOURCE_EXHAUSTED beyond `limit` bytes, INVALID_ARGUMENT when it is not gzip.
pub(crate) fn inflate(content: &[u8], limit: usize) -> Result<Bytes, Status> {
    let mut inflated = Vec::with_capacity(content.len().saturating_mul(2).min(limit));
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match MultiGzDecoder::new(content).take(bound).read_to_end(&mut inflated) {
        Ok(_) if inflated.len() > limit => Err(too_large(limit)),
        Ok(_) => Ok(inflated.into()),
        Err(_) => Err(malformed()),
    }
}

/// What a message beyond its limit is answered with.
pub(crate) fn too_large(limit: usize) -> Status {
    Status::resource_exhausted(format!("the message is larger than {limit} bytes; send less at once"))
}

fn malformed() -> Status {
    Status::invalid_argument("the content is not valid gzip; expected RFC 1952")
}

/// Compresses a whole message.
pub(crate) fn deflate(content: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(content.len() / 2), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default().into()
}

/// The content of a request, inflated as it is read.
pub(crate) struct InflatedBody {
    inner: Body,
    /// Compressed bytes that are not inflated yet.
    input: Bytes,
    /// `None` when the content has ended.
    decoder: Option<flate2::write::MultiGzDecoder<Vec<u8>>>,
    /// Whether there was any content; none at all is not gzip, and none is what was meant.
    began: bool,
}

impl InflatedBody {
    pub(crate) fn new(inner: Body) -> Self {
        let decoder = flate2::write::MultiGzDecoder::new(Vec::new());
        Self { inner, input: Bytes::new(), decoder: Some(decoder), began: false }
    }

    /// Inflates some of the input; `None` when there is nothing to pass on.
    fn step(&mut self) -> Result<Option<Bytes>, Status> {
        let Some(decoder) = &mut self.decoder else { return Ok(None) };
        while self.input.has_remaining() && decoder.get_ref().len() < PIECE {
            let step = self.input.split_to(self.input.len().min(STEP));
            decoder.write_all(&step).map_err(|_| malformed())?;
        }
        let piece = std::mem::take(decoder.get_mut());
        Ok((!piece.is_empty()).then(|| piece.into()))
    }

    fn finish(&mut self) -> Result<Option<Bytes>, Status> {
        let Some(decoder) = self.decoder.take().filter(|_| self.began) else { return Ok(None) };
        let rest = decoder.finish().map_err(|_| malformed())?;
        Ok((!rest.is_empty()).then(|| rest.into()))
    }
}

impl http_body::Body for InflatedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            match this.step() {
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
                Ok(None) if this.decoder.is_none() => return Poll::Ready(None),
                Ok(None) => {}
                Err(status) => {
                    this.decoder = None;
                    return Poll::Ready(Some(Err(status)));
                }
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        this.began |= !data.is_empty();
                        this.input = data;
                    }
                }
                Some(Err(status)) => {
                    this.decoder = None;
                    return Poll::Ready(Some(Err(status)));
                }
                None => {
                    let rest = this.finish();
                    return Poll::Ready(rest.transpose().map(|rest| rest.map(Frame::data)));
                }
            }
        }
    }
}

/// Compresses a REST answer when its caller takes gzip and it is worth it: at least `min` bytes of a type that gets smaller. Streams
/// are left alone, because each of their messages is sent at once.
pub(crate) fn compress(response: Response, accepted: bool, min: usize) -> Response {
    let headers = response.headers();
    let of_kind = headers.get(CONTENT_TYPE).is_some_and(|value| is_compressible(value.as_bytes()));
    let is_whole = !matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::PARTIAL_CONTENT
    );
    if response.status() == StatusCode::NOT_MODIFIED {
        // What the whole answer would say (RFC 9110, section 15.4.5).
        let mut response = response;
        response.headers_mut().append(VARY, HeaderValue::from(ACCEPT_ENCODING));
        return response;
    }
    if !of_kind || !is_whole || headers.contains_key(CONTENT_ENCODING) {
        return response;
    }
    let size = response.body().size_hint().exact();
    let is_worth_it = size.is_some_and(|size| size >= min as u64);
    let (mut parts, body) = response.into_parts();
    parts.headers.append(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if !accepted || !is_worth_it {
        return Response::from_parts(parts, body);
    }
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let strong = parts.headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
    // Other bytes than those that the tag stands for.
    if let Some(weak) = strong.and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok())
    {
        parts.headers.insert(ETAG, weak);
    }
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    Response::from_parts(parts, Body::new(DeflatedBody { inner: body, encoder: Some(encoder) }))
}

fn is_compressible(content_type: &[u8]) -> bool {
    let end = content_type.iter().position(|byte| *byte == b';').unwrap_or(content_type.len());
    let essence = content_type[..end].trim_ascii().to_ascii_lowercase();
    let is_stream = matches!(&*essence, b"text/event-stream" | b"application/x-ndjson");
    !is_stream
        && (essence.starts_with(b"text/")
            || essence.ends_with(b"+json")
            || essence.ends_with(b"+xml")
            || matches!(
                &*essence,
                b"application/json" | b"application/xml" | b"application/javascript" | b"application/wasm"
            ))
}

/// The content of an answer, compressed as it is written.
struct DeflatedBody {
    inner: Body,
    /// `None` when the content has ended.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl http_body::Body for DeflatedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            let Some(encoder) = &mut this.encoder else { return Poll::Ready(None) };
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    // Writing to memory cannot fail.
                    let _ = encoder.write_all(&data);
                    let piece = std::mem::take(encoder.get_mut());
                    if !piece.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(piece.into()))));
                    }
                }
                Some(Err(status)) => {
                    this.encoder = None;
                    return Poll::Ready(Some(Err(status)));
                }
                None => {
                    let rest = this.encoder.take().and_then(|encoder| encoder.finish().ok());
                    let rest = rest.filter(|rest| !rest.is_empty());
                    return Poll::Ready(rest.map(|rest| Ok(Frame::data(rest.into()))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt as _, Full};

    use super::*;

    fn accepts(value: &str) -> bool {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap())]);
        is_accepted(&headers, &ACCEPT_ENCODING)
    }

    #[test]
    fn qualities_count() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP", true),
            ("gzip;q=0", false),
            ("gzip;q=0.001", true),
            ("gzip; Q=0.0, *", false),
            ("*", true),
            ("*;q=0", false),
            ("identity", false),
            ("gzip;q=x", false),
            ("", false),
        ] {
            assert_eq!(accepts(value), expected, "{value}");
        }
        assert!(!is_accepted(&HeaderMap::new(), &ACCEPT_ENCODING));
    }

    #[test]
    fn a_message_is_inflated_to_its_limit() {
        let content = vec![b'a'; 100_000];
        let packed = deflate(&content);
        assert!(packed.len() < 1000);
        assert_eq!(inflate(&packed, 100_000).unwrap(), content);
        assert_eq!(inflate(&packed, 99_999).unwrap_err().code(), tonic::Code::ResourceExhausted);
        for broken in [&packed[..packed.len() - 1], &packed[..5], b"no gzip at all", b""] {
            assert_eq!(inflate(broken, 100_000).unwrap_err().code(), tonic::Code::InvalidArgument);
        }
    }

    #[tokio::test]
    async fn content_is_inflated_in_pieces_of_a_bound() {
        let packed = deflate(&vec![0; 64 << 20]);
        let mut body = InflatedBody::new(Body::new(Full::new(packed.clone()).map_err(|it| match it {})));
        let (mut total, mut largest) = (0, 0);
        while let Some(frame) = body.frame().await {
            let length = frame.unwrap().into_data().unwrap().len();
            (total, largest) = (total + length, largest.max(length));
        }
        assert_eq!(total, 64 << 20);
        assert!(largest <= PIECE + STEP * 1100, "{largest}");
        for (content, is_fine) in [
            (packed.slice(..packed.len() - 3), false),
            (Bytes::from_static(b"{}"), false),
            (Bytes::from([&*deflate(b"a"), &*deflate(b"b")].concat()), true),
            (Bytes::new(), true),
        ] {
            let body = InflatedBody::new(Body::new(Full::new(content).map_err(|it| match it {})));
            assert_eq!(body.collect().await.is_ok(), is_fine);
        }
    }

    #[tokio::test]
    async fn answers_are_compressed_where_it_is_worth_it() {
        let answer = |content_type: &'static str, size: usize| {
            let mut response =
                Response::new(Body::new(Full::new(Bytes::from(vec![b'a'; size])).map_err(|it| match it {})));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            response.headers_mut().insert(ETAG, HeaderValue::from_static("\"1\""));
            response
        };
        for (content_type, size, accepted, packed) in [
            ("application/json", 5000, true, true),
            ("application/problem+json; charset=utf-8", 5000, true, true),
            ("application/json", 5000, false, false),
            ("application/json", 10, true, false),
            ("image/png", 5000, true, false),
            ("text/event-stream", 5000, true, false),
        ] {
            let response = compress(answer(content_type, size), accepted, 1024);
            let name = format!("{content_type} {size} {accepted}");
            assert_eq!(response.headers().contains_key(CONTENT_ENCODING), packed, "{name}");
            let tag = if packed { "W/\"1\"" } else { "\"1\"" };
            assert_eq!(response.headers()[ETAG], tag, "{name}");
            let may_vary = content_type.contains("json");
            assert_eq!(response.headers().contains_key(VARY), may_vary, "{name}");
            let content = response.into_body().collect().await.unwrap().to_bytes();
            let content = if packed { inflate(&content, size).unwrap() } else { content };
            assert_eq!(content.len(), size, "{name}");
        }
    }
}
