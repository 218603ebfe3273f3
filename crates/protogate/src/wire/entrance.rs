//! A request into one of the two forms of the inside: gRPC with plain frames, or REST with plain content.
//!
//! What a later layer would have to know of the outer form goes along as the [`Exit`]; headers of the outer form are taken off, so
//! that no handler sees them. What cannot be taken is a refusal that the stack answers, where it is counted and logged.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use protogate_transcode::{format_grpc_timeout, parse_connect_timeout_ms};
use tonic::Status;

use super::codec::Codec;
use super::connect::answer::Unary;
use super::connect::query::{self, unsupported};
use super::connect::request::UnaryContent;
use super::exit::Exit;
use super::frames::{Frame, RequestFrames};
use super::gzip::{self, Encoding, InflatedBody};
use super::recognise::{Form, Recognised};
use super::web::{self, TextBody};
use crate::call::Protocol;
use crate::gateway::refusal::Refusal;
use crate::gateway::router::Router;
use crate::layer::Request;
use crate::layer::method::ACCEPT_POST;
use crate::service::Body;

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const CONNECT_ENCODING: HeaderName = HeaderName::from_static("connect-content-encoding");
const CONNECT_ACCEPT_ENCODING: HeaderName = HeaderName::from_static("connect-accept-encoding");
const CONNECT_VERSION: HeaderName = HeaderName::from_static("connect-protocol-version");
const CONNECT_TIMEOUT: HeaderName = HeaderName::from_static("connect-timeout-ms");

/// Headers that say how a request of gRPC-Web or Connect is packed.
const PACKING: [HeaderName; 13] = [
    ACCEPT,
    ACCEPT_ENCODING,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    EXPECT,
    GRPC_ENCODING,
    GRPC_ACCEPT_ENCODING,
    CONNECT_ENCODING,
    CONNECT_ACCEPT_ENCODING,
    CONNECT_VERSION,
    CONNECT_TIMEOUT,
    HeaderName::from_static("x-grpc-web"),
];

/// How requests are taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entrance {
    /// Largest message, in bytes.
    pub(crate) message: usize,
    /// Compress answers from this size on; `None`: never.
    pub(crate) compress: Option<usize>,
    /// Connect requests must name their version.
    pub(crate) require_version: bool,
}

/// A request on its way in, and what its answer needs.
pub(super) struct Entered {
    pub(super) request: Request,
    pub(super) exit: Exit,
    pub(super) outcome: Result<(), Refusal>,
}

impl Entrance {
    /// Brings a request into an inner form.
    pub(super) fn enter(self, mut request: Request, recognised: &Recognised, router: &Router) -> Entered {
        let exit = self.exit(&request, recognised);
        let outcome = match recognised.form {
            Form::Plain if recognised.protocol == Protocol::Grpc => self.grpc(&mut request),
            Form::Plain => {
                rest(&mut request);
                Ok(())
            }
            Form::Web { text } => self.web(&mut request, recognised, text),
            Form::Unary(_) | Form::Get | Form::Stream(_) => self.connect(&mut request, recognised, router),
        };
        // The codec of a GET is in its query.
        let exit = match (exit, request.headers().get(CONTENT_TYPE)) {
            (Exit::Unary(unary), Some(value))
                if recognised.form == Form::Get && value == content_type(Codec::Json) =>
            {
                Exit::Unary(Unary { codec: Codec::Json, ..unary })
            }
            (exit, _) => exit,
        };
        Entered { request, exit, outcome }
    }

    /// What the answer will have to look like.
    fn exit(self, request: &Request, recognised: &Recognised) -> Exit {
        let headers = request.headers();
        let accepts = |name: &HeaderName| self.compress.filter(|_| gzip::is_accepted(headers, name));
        // gRPC's libraries always say what they could take; only one that compresses itself means it.
        let mirrored = || {
            let is_gzip = Encoding::of(headers, &GRPC_ENCODING) == Encoding::Gzip;
            accepts(&GRPC_ACCEPT_ENCODING).filter(|_| is_gzip)
        };
        let is_head = *request.method() == Method::HEAD;
        let unary = |codec| Exit::Unary(Unary { codec, gzip: accepts(&ACCEPT_ENCODING), is_head });
        match recognised.form {
            Form::Plain if recognised.protocol == Protocol::Grpc => Exit::Grpc { gzip: mirrored() },
            Form::Plain => {
                Exit::Rest { compress: self.compress, accepted: gzip::is_accepted(headers, &ACCEPT_ENCODING) }
            }
            Form::Web { text } => Exit::Web { is_text: web::answers_text(headers, text), gzip: mirrored() },
            Form::Unary(codec) => unary(codec),
            Form::Get => unary(Codec::Proto),
            Form::Stream(codec) => Exit::Stream { codec, gzip: accepts(&CONNECT_ACCEPT_ENCODING) },
        }
    }

    /// gRPC is as it should be, but for compressed messages.
    fn grpc(self, request: &mut Request) -> Result<(), Refusal> {
        match Encoding::of(request.headers(), &GRPC_ENCODING) {
            Encoding::Identity => Ok(()),
            Encoding::Gzip => {
                request.headers_mut().remove(GRPC_ENCODING);
                replace(request, |body| Body::new(RequestFrames::new(body, self.message, true, false)));
                Ok(())
            }
            Encoding::Other => Err(unknown_encoding(request.headers(), &GRPC_ENCODING, GRPC_ACCEPT_ENCODING)),
        }
    }

    fn web(self, request: &mut Request, recognised: &Recognised, is_text: bool) -> Result<(), Refusal> {
        let encoding = Encoding::of(request.headers(), &GRPC_ENCODING);
        if encoding == Encoding::Other {
            return Err(unknown_encoding(request.headers(), &GRPC_ENCODING, GRPC_ACCEPT_ENCODING));
        }
        unpack(request.headers_mut(), Codec::Proto);
        let is_single = recognised.target.is_some_and(|target| !target.info.client_streaming);
        replace(request, |body| {
            let body = if is_text { Body::new(TextBody::new(body)) } else { body };
            Body::new(RequestFrames::new(body, self.message, encoding == Encoding::Gzip, is_single))
        });
        Ok(())
    }

    fn connect(self, request: &mut Request, recognised: &Recognised, router: &Router) -> Result<(), Refusal> {
        let headers = request.headers();
        let timeout = timeout(headers)?;
        let mut has_version = version(headers)?;
        let streams = recognised.target.map(|target| target.info.streams());
        let is_stream = matches!(recognised.form, Form::Stream(_));
        if let Some(target) = recognised.target
            && streams != Some(is_stream)
        {
            let types = router.accept_post(target.info);
            let kind = if is_stream { "does not stream" } else { "streams" };
            let message = format!("the rpc {kind}; expected a content type of `{types}`");
            let refusal = Refusal::invalid(Some(StatusCode::UNSUPPORTED_MEDIA_TYPE), message);
            return Err(match HeaderValue::from_str(&types) {
                Ok(types) => refusal.with_header(ACCEPT_POST, types),
                Err(_) => refusal,
            });
        }
        let (codec, name, accepted) = match recognised.form {
            Form::Stream(codec) => (codec, CONNECT_ENCODING, CONNECT_ACCEPT_ENCODING),
            Form::Unary(codec) => (codec, CONTENT_ENCODING, ACCEPT_ENCODING),
            Form::Get | Form::Plain | Form::Web { .. } => {
                let found = query::read(request.uri().query().unwrap_or_default(), self.message)?;
                has_version |= found.has_version;
                unpack(request.headers_mut(), found.codec);
                *request.method_mut() = Method::POST;
                let frame = Frame::new(0, &found.message).into_bytes();
                replace(request, |_| Body::new(http_body_util::Full::new(frame)));
                (found.codec, CONTENT_ENCODING, ACCEPT_ENCODING)
            }
        };
        if self.require_version && !has_version {
            return Err(Status::invalid_argument(
                "the version of the protocol is missing; send `connect-protocol-version: 1`, or `connect=v1` in a query",
            )
            .into());
        }
        let encoding = match Encoding::of(request.headers(), &name) {
            Encoding::Other => return Err(unknown_encoding(request.headers(), &name, accepted)),
            encoding => encoding == Encoding::Gzip,
        };
        unpack(request.headers_mut(), codec);
        if let Some(timeout) = timeout {
            request.headers_mut().append(GRPC_TIMEOUT, timeout);
        }
        if recognised.form == Form::Get {
            return Ok(());
        }
        let is_single = recognised.target.is_some_and(|target| !target.info.client_streaming);
        replace(request, |body| match is_stream {
            true => Body::new(RequestFrames::new(body, self.message, encoding, is_single)),
            false => Body::new(UnaryContent::new(body, self.message, encoding)),
        });
        Ok(())
    }
}

/// REST content is inflated; other encodings are refused where it is known whether there is content at all.
fn rest(request: &mut Request) {
    if Encoding::of(request.headers(), &CONTENT_ENCODING) == Encoding::Gzip {
        request.headers_mut().remove(CONTENT_ENCODING);
        request.headers_mut().remove(CONTENT_LENGTH);
        replace(request, |body| Body::new(InflatedBody::new(body)));
    }
}

fn replace(request: &mut Request, with: impl FnOnce(Body) -> Body) {
    let body = std::mem::take(request.body_mut());
    *request.body_mut() = with(body);
}

/// Takes off what is said about the outer form, and says what the inner one is.
fn unpack(headers: &mut HeaderMap, codec: Codec) {
    for name in PACKING {
        headers.remove(name);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(codec)));
}

/// The inner content type.
const fn content_type(codec: Codec) -> &'static str {
    match codec {
        Codec::Proto => "application/grpc+proto",
        Codec::Json => "application/grpc+json",
    }
}

/// The codec of a request in the inner form.
pub(crate) fn codec_of(headers: &HeaderMap) -> Codec {
    match headers.get(CONTENT_TYPE) {
        Some(value) if value == content_type(Codec::Json) => Codec::Json,
        _ => Codec::Proto,
    }
}

fn unknown_encoding(headers: &HeaderMap, name: &HeaderName, accepted: HeaderName) -> Refusal {
    let found = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let refusal = Refusal::from(unsupported(&crate::json::quote(&found.unwrap_or_default())));
    refusal.with_header(accepted, HeaderValue::from_static(gzip::SUPPORTED))
}

/// Whether the version is named.
fn version(headers: &HeaderMap) -> Result<bool, Refusal> {
    match headers.get(CONNECT_VERSION) {
        None => Ok(false),
        Some(value) if value == "1" => Ok(true),
        Some(_) => Err(Status::invalid_argument("unknown `connect-protocol-version`; expected `1`").into()),
    }
}

/// The caller's timeout, as gRPC writes it.
fn timeout(headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
    let Some(value) = headers.get(CONNECT_TIMEOUT) else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(parse_connect_timeout_ms);
    let text = parsed.map(format_grpc_timeout).ok_or_else(|| {
        Status::invalid_argument("malformed `connect-timeout-ms` header; expected 1 to 10 digits")
    })?;
    Ok(HeaderValue::from_str(&text).ok())
}
