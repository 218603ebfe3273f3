//! The answer to a unary Connect call: the bare message, or an error as JSON with the HTTP status of its code.
//!
//! Which of them it is stands in the trailers, so the answer is gathered first; the codec has bounded it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::Body as _;
use http_body_util::Full;
use protogate_transcode::Code;

use super::super::codec::Codec;
use super::super::frames::PREFIX;
use super::super::gzip;
use super::error::{is_metadata, read, retry_after};
use crate::error::grpc;
use crate::error::render::HttpStatus;
use crate::layer::Response;
use crate::service::Body;

const NOSNIFF: HeaderName = HeaderName::from_static("x-content-type-options");

/// What an answer needs to know of its request.
#[derive(Debug, Clone, Copy)]
pub(in crate::wire) struct Unary {
    pub(in crate::wire) codec: Codec,
    /// Compress from this size on; `None`: the caller does not take it.
    pub(in crate::wire) gzip: Option<usize>,
    /// The request was HEAD.
    pub(in crate::wire) is_head: bool,
}

/// An answer that is being gathered.
pub(crate) struct Gathering {
    parts: http::response::Parts,
    body: Body,
    first: Bytes,
    rest: BytesMut,
    trailers: Option<HeaderMap>,
    unary: Unary,
}

impl Unary {
    /// Begins with an answer in the form of gRPC. One that is refused in the headers is done already.
    pub(in crate::wire) fn begin(self, response: Response) -> Result<Response, Box<Gathering>> {
        let (parts, body) = response.into_parts();
        if parts.headers.contains_key(grpc::STATUS) {
            return Ok(self.finish(parts, Bytes::new(), &HeaderMap::new()));
        }
        let rest = BytesMut::new();
        Err(Box::new(Gathering { parts, body, first: Bytes::new(), rest, trailers: None, unary: self }))
    }

    /// Writes the answer. The status is in the headers or in the trailers.
    fn finish(self, mut parts: http::response::Parts, message: Bytes, trailers: &HeaderMap) -> Response {
        let place = if parts.headers.contains_key(grpc::STATUS) { &parts.headers } else { trailers };
        let failure = read(place).map(|(code, error)| (code, error, retry_after(place)));
        let mut headers: HeaderMap = HeaderMap::with_capacity(parts.headers.len() + 4);
        for (name, value) in parts.headers.iter().filter(|(name, _)| is_metadata(name)) {
            headers.append(name.clone(), value.clone());
        }
        for (name, value) in trailers.iter().filter(|(name, _)| is_metadata(name)) {
            // Of a header's name, a few bytes more are one too.
            if let Ok(name) = HeaderName::from_bytes(format!("trailer-{name}").as_bytes()) {
                headers.append(name, value.clone());
            }
        }
        headers.insert(NOSNIFF, HeaderValue::from_static("nosniff"));
        let content = match failure {
            None => {
                let content_type = match self.codec {
                    Codec::Proto => "application/proto",
                    Codec::Json => "application/json",
                };
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
                self.packed(message, &mut headers)
            }
            Some((code, error, retry_after)) => {
                let own = parts.extensions.get::<HttpStatus>().map(|own| own.0);
                let of_code = StatusCode::from_u16(code.http_status());
                parts.status = own.or(of_code.ok()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                if code == Code::Unauthenticated && !headers.contains_key(WWW_AUTHENTICATE) {
                    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                }
                if let Some(retry_after) = retry_after {
                    headers.insert(RETRY_AFTER, retry_after);
                }
                error.to_string().into()
            }
        };
        headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
        parts.headers = headers;
        let body = if self.is_head { Body::empty() } else { Body::new(Full::new(content)) };
        Response::from_parts(parts, body)
    }

    fn packed(self, message: Bytes, headers: &mut HeaderMap) -> Bytes {
        headers.append(VARY, HeaderValue::from(ACCEPT_ENCODING));
        match self.gzip {
            Some(min) if message.len() >= min => {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                gzip::deflate(&message)
            }
            _ => message,
        }
    }
}

impl Gathering {
    /// Reads on, and gives the answer when it is whole.
    pub(in crate::wire) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response> {
        loop {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if self.first.is_empty() => self.first = data,
                    Ok(data) => self.rest.extend_from_slice(&data),
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
                // The layer of the rendering makes trailers of every failure below; what is left has none.
                Some(Err(_)) | None => return Poll::Ready(self.end()),
            }
        }
    }

    fn end(&mut self) -> Response {
        let first = std::mem::take(&mut self.first);
        let content = match self.rest.is_empty() {
            true => first,
            false => Bytes::from([&first[..], &self.rest[..]].concat()),
        };
        let message = if content.len() >= PREFIX { content.slice(PREFIX..) } else { Bytes::new() };
        let (mut parts, ()) = Response::new(Body::empty()).map(|_| ()).into_parts();
        std::mem::swap(&mut parts, &mut self.parts);
        self.unary.finish(parts, message, &self.trailers.take().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body::Frame as Piece;
    use http_body_util::{BodyExt as _, StreamBody};
    use tonic::Status;

    use super::super::super::frames::Frame;
    use super::*;

    /// An answer of gRPC: its head, a message in two pieces, and trailers.
    fn answer(trailers: &[(&'static str, &'static str)]) -> Response {
        let frame = Frame::new(0, b"{\"a\":1}").into_bytes();
        let trailers = trailers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let pieces = [
            Piece::data(frame.slice(..3)),
            Piece::data(frame.slice(3..)),
            Piece::trailers(HeaderMap::from_iter(trailers)),
        ];
        let mut response =
            Response::new(Body::new(StreamBody::new(stream::iter(pieces.map(Ok::<_, Status>)))));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        response.headers_mut().insert("x-shelf", HeaderValue::from_static("7"));
        response.headers_mut().insert("grpc-accept-encoding", HeaderValue::from_static("identity"));
        response
    }

    async fn read(response: Response, gzip: Option<usize>) -> (http::response::Parts, Bytes) {
        let unary = Unary { codec: Codec::Json, gzip, is_head: false };
        let Err(mut gathering) = unary.begin(response) else { panic!("the status is in the trailers") };
        let (parts, body) = std::future::poll_fn(|cx| gathering.poll(cx)).await.into_parts();
        (parts, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn trailers_become_headers() {
        let trailers = [("grpc-status", "0"), ("x-cost", "3"), ("x-sum-bin", "AQI")];
        let (parts, content) = read(answer(&trailers), None).await;
        assert_eq!((parts.status, content.as_ref()), (StatusCode::OK, &b"{\"a\":1}"[..]));
        for (name, value) in [
            ("content-type", "application/json"),
            ("content-length", "7"),
            ("x-shelf", "7"),
            ("trailer-x-cost", "3"),
            ("trailer-x-sum-bin", "AQI"),
            ("vary", "accept-encoding"),
        ] {
            assert_eq!(parts.headers[name], value);
        }
        assert!(!parts.headers.keys().any(|name| name.as_str().contains("grpc")), "{:?}", parts.headers);
        let (parts, content) = read(answer(&trailers), Some(1)).await;
        assert_eq!(parts.headers[CONTENT_ENCODING], "gzip");
        assert_eq!(gzip::inflate(&content, 100).unwrap().as_ref(), b"{\"a\":1}");
    }

    #[tokio::test]
    async fn a_failure_behind_a_message_is_a_failure() {
        let trailers = [("grpc-status", "8"), ("grpc-message", "too%20large"), ("x-cost", "3")];
        let (parts, content) = read(answer(&trailers), Some(1)).await;
        assert_eq!(parts.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(content.as_ref(), br#"{"code":"resource_exhausted","message":"too large"}"#);
        assert_eq!(parts.headers["trailer-x-cost"], "3");
        assert!(!parts.headers.contains_key(CONTENT_ENCODING));
        // An answer that is cut off has no status.
        let (parts, content) = read(answer(&[]), None).await;
        assert_eq!((parts.status.as_u16(), content.as_ref()), (500, &br#"{"code":"unknown"}"#[..]));
    }
}
