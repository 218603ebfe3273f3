//! An answer back into the form of its protocol.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::Full;

use super::codec::Codec;
use super::connect::answer::{Gathering, Unary};
use super::connect::stream::{self, StreamContent};
use super::frames::DeflatedFrames;
use super::gzip;
use super::web::{self, WebBody};
use crate::error::grpc;
use crate::error::render::HttpStatus;
use crate::layer::Response;
use crate::service::Body;

const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// What an answer must look like. `gzip` is the size from which messages are compressed; `None`: the caller does not want it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Exit {
    Grpc { gzip: Option<usize> },
    Web { is_text: bool, gzip: Option<usize> },
    Unary(Unary),
    Stream { codec: Codec, gzip: Option<usize> },
    Rest { compress: Option<usize>, accepted: bool },
}

impl Exit {
    /// Translates an answer. One that must be read first comes back as what reads it.
    pub(super) fn leave(self, response: Response) -> Result<Response, Box<Gathering>> {
        // An answer of a layer of the user's, or one that gRPC has no form for: it is left as it is.
        let is_framed = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
        match self {
            Self::Rest { compress: Some(min), accepted } => Ok(gzip::compress(response, accepted, min)),
            Self::Rest { compress: None, .. } => Ok(response),
            _ if !is_framed => Ok(response),
            Self::Grpc { gzip } => Ok(compressed(response, gzip, "grpc-encoding")),
            Self::Web { is_text, gzip } => {
                let mut response = compressed(response, gzip, "grpc-encoding");
                let content_type = HeaderValue::from_static(web::content_type(is_text));
                response.headers_mut().insert(CONTENT_TYPE, content_type);
                if is_refused(response.headers()) {
                    return Ok(response);
                }
                Ok(response.map(|body| Body::new(WebBody::new(body, is_text))))
            }
            Self::Unary(unary) => unary.begin(response),
            // Not the stream's end: there is none, because there is no such rpc or it is none for streams.
            Self::Stream { codec, .. } if response.extensions().get::<HttpStatus>().is_some() => {
                Unary { codec, gzip: None, is_head: false }.begin(response)
            }
            Self::Stream { codec, gzip } => Ok(stream(response, codec, gzip)),
        }
    }
}

/// Whether the status is in the headers and there is nothing else.
fn is_refused(headers: &HeaderMap) -> bool {
    headers.contains_key(grpc::STATUS)
}

fn compressed(mut response: Response, gzip: Option<usize>, name: &'static str) -> Response {
    let Some(min) = gzip.filter(|_| !is_refused(response.headers())) else { return response };
    response.headers_mut().insert(HeaderName::from_static(name), GZIP);
    response.map(|body| Body::new(DeflatedFrames::new(body, min)))
}

fn stream(response: Response, codec: Codec, gzip: Option<usize>) -> Response {
    let mut response = compressed(response, gzip, "connect-content-encoding");
    let refused = is_refused(response.headers()).then(|| stream::end(response.headers(), &HeaderMap::new()));
    let headers = response.headers_mut();
    let inner: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("grpc-")).cloned().collect();
    for name in inner {
        headers.remove(name);
    }
    headers.remove(CONTENT_LENGTH);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(match codec {
            Codec::Proto => "application/connect+proto",
            Codec::Json => "application/connect+json",
        }),
    );
    match refused {
        Some(end) => response.map(|_| Body::new(Full::new(end))),
        None => response.map(|body| Body::new(StreamContent::new(body))),
    }
}
