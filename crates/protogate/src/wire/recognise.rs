//! Which protocol a request speaks: from method, content type, path and query, once.
//!
//! `application/grpc` is gRPC, `application/grpc-web` gRPC-Web. `application/proto` and `application/connect+…` are Connect wherever
//! they go; `application/json` and GET are Connect only at the path of an rpc, and else REST. What is switched off is not
//! recognised, and ends as REST, which answers 415.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request};

use super::codec::Codec;
use crate::call::Protocol;
use crate::gateway::router::{Router, Target};

/// What a request looks like on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// gRPC and REST: as it is inside.
    Plain,
    /// gRPC-Web.
    Web {
        /// In base64.
        text: bool,
    },
    /// Connect: a bare message.
    Unary(Codec),
    /// Connect: a message in the query.
    Get,
    /// Connect: envelopes.
    Stream(Codec),
}

/// A request whose protocol is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recognised {
    pub(crate) protocol: Protocol,
    pub(crate) form: Form,
    /// The rpc, where the protocol could not be told without it.
    pub(crate) target: Option<Target>,
}

impl Form {
    /// Whether the answer is one of Connect's bare ones.
    pub(crate) const fn is_connect_unary(self) -> bool {
        matches!(self, Self::Unary(_) | Self::Get)
    }
}

impl Recognised {
    /// gRPC.
    pub(crate) const GRPC: Self = Self::new(Protocol::Grpc, Form::Plain);
    /// REST, which is also what cannot be told.
    pub(crate) const REST: Self = Self::new(Protocol::Rest, Form::Plain);

    const fn new(protocol: Protocol, form: Form) -> Self {
        Self { protocol, form, target: None }
    }

    /// Recognises a request.
    pub(crate) fn of<B>(request: &Request<B>, router: &Router) -> Self {
        let target = || router.grpc(request.uri().path());
        let offers = router.offers;
        let connect = |form| match offers.connect {
            true => Self { target: target(), ..Self::new(Protocol::Connect, form) },
            false => Self::REST,
        };
        let is_post = *request.method() == Method::POST;
        match Media::of(request.headers()) {
            Media::Grpc => Self::GRPC,
            Media::Web { text } if offers.grpc_web => {
                Self { target: target(), ..Self::new(Protocol::GrpcWeb, Form::Web { text }) }
            }
            Media::Connect(codec) if is_post => connect(Form::Stream(codec)),
            Media::Bare(Codec::Proto) if is_post => connect(Form::Unary(Codec::Proto)),
            Media::Bare(Codec::Json) if is_post && offers.connect => {
                let found = connect(Form::Unary(Codec::Json));
                let says_so = request.headers().contains_key("connect-protocol-version");
                if found.target.is_some() || says_so { found } else { Self::REST }
            }
            _ if offers.connect && is_get(request) => match target() {
                Some(target) if target.info.takes_get() => connect(Form::Get),
                _ => Self::REST,
            },
            _ => Self::REST,
        }
    }
}

/// Whether a request may be a Connect GET; cheaper than to look for its rpc.
fn is_get<B>(request: &Request<B>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && request.uri().query().is_some_and(|query| {
            let has = |name: &str| query.split('&').any(|part| part.starts_with(name));
            has("encoding=") && has("message=")
        })
}

/// A content type that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    Grpc,
    Web { text: bool },
    Connect(Codec),
    Bare(Codec),
    Other,
}

impl Media {
    fn of(headers: &HeaderMap) -> Self {
        headers.get(CONTENT_TYPE).map_or(Self::Other, |value| Self::parse(value.as_bytes()))
    }

    fn parse(value: &[u8]) -> Self {
        let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
        let (essence, parameters) = (value[..end].trim_ascii(), &value[end..]);
        let Some((start, rest)) = essence.split_at_checked("application/".len()) else { return Self::Other };
        if !start.eq_ignore_ascii_case(b"application/") {
            return Self::Other;
        }
        // Seldom anything but the first: no allocation on the way.
        let is = |name: &str| rest.eq_ignore_ascii_case(name.as_bytes());
        let begins = |name: &str| {
            rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
        };
        if is("grpc") || begins("grpc+") {
            Self::Grpc
        } else if is("json") && is_utf8(parameters) {
            Self::Bare(Codec::Json)
        } else if is("proto") {
            Self::Bare(Codec::Proto)
        } else if is("connect+json") && is_utf8(parameters) {
            Self::Connect(Codec::Json)
        } else if is("connect+proto") {
            Self::Connect(Codec::Proto)
        } else if is("grpc-web") || is("grpc-web+proto") {
            Self::Web { text: false }
        } else if is("grpc-web-text") || is("grpc-web-text+proto") {
            Self::Web { text: true }
        } else {
            Self::Other
        }
    }
}

/// Whether the parameters of a media type name no other charset than UTF-8.
fn is_utf8(parameters: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(parameters) else { return false };
    text.split(';').all(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        !name.trim().eq_ignore_ascii_case("charset")
            || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

#[cfg(test)]
mod tests {
    use protogate_transcode::TrailingSlash;

    use super::*;
    use crate::gateway::router::Offers;
    use crate::method::{Access, Idempotency, MethodInfo, Policy};

    const fn method(path: &'static str, idempotency: Idempotency, server_streaming: bool) -> MethodInfo {
        MethodInfo {
            service: "t.T",
            name: "",
            path,
            client_streaming: false,
            server_streaming,
            idempotency,
            policy: Policy { access: Access::Public, timeout: None, rate_limit: None, audit: false },
            bindings: &[],
        }
    }

    static METHODS: [MethodInfo; 3] = [
        method("/t.T/Get", Idempotency::NoSideEffects, false),
        method("/t.T/Put", Idempotency::Idempotent, false),
        method("/t.T/Watch", Idempotency::NoSideEffects, true),
    ];

    fn recognise(offers: Offers, line: &str, content_type: &str) -> (Protocol, Form) {
        recognise_with(offers, line, content_type, None)
    }

    fn recognise_with(
        offers: Offers,
        line: &str,
        content_type: &str,
        version: Option<&str>,
    ) -> (Protocol, Form) {
        let tables: [&'static [MethodInfo]; 1] = [&METHODS];
        let router = Router::new(&tables, TrailingSlash::Strict, offers).unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        if !content_type.is_empty() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if let Some(version) = version {
            request = request.header("connect-protocol-version", version);
        }
        let found = Recognised::of(&request.body(()).unwrap(), &router);
        (found.protocol, found.form)
    }

    const ALL: Offers = Offers { grpc_web: true, connect: true };
    const NONE: Offers = Offers { grpc_web: false, connect: false };

    #[test]
    fn requests_speak_one_protocol() {
        use Codec::{Json, Proto};
        use Protocol::{Connect, Grpc, GrpcWeb, Rest};
        let cases = [
            ("POST /t.T/Put", "application/grpc", Grpc, Form::Plain),
            ("POST /t.T/Put", "application/grpc+proto", Grpc, Form::Plain),
            ("POST /t.T/None", "Application/gRPC; charset=utf-8", Grpc, Form::Plain),
            ("POST /t.T/Put", "application/grpcx", Rest, Form::Plain),
            ("POST /t.T/Put", "application/grpc-web", GrpcWeb, Form::Web { text: false }),
            ("POST /t.T/Put", "application/grpc-web+proto", GrpcWeb, Form::Web { text: false }),
            ("POST /t.T/Put", "application/GRPC-web-text", GrpcWeb, Form::Web { text: true }),
            ("POST /t.T/Put", "application/grpc-web-text+proto;x=y", GrpcWeb, Form::Web { text: true }),
            ("POST /t.T/Put", "application/grpc-web+json", Rest, Form::Plain),
            ("POST /t.T/Put", "application/grpc-webx", Rest, Form::Plain),
            ("POST /t.T/Put", "application/proto", Connect, Form::Unary(Proto)),
            ("POST /t.T/None", "application/proto", Connect, Form::Unary(Proto)),
            ("POST /t.T/Put", "application/json", Connect, Form::Unary(Json)),
            ("POST /t.T/Put", "application/json ; Charset=\"UTF-8\"", Connect, Form::Unary(Json)),
            ("POST /t.T/Put", "application/json; charset=latin1", Rest, Form::Plain),
            ("POST /t.T/None", "application/json", Rest, Form::Plain),
            ("PUT /t.T/Put", "application/json", Rest, Form::Plain),
            ("POST /t.T/Watch", "application/connect+json", Connect, Form::Stream(Json)),
            ("POST /t.T/Watch", "application/connect+proto", Connect, Form::Stream(Proto)),
            ("POST /t.T/Watch", "application/connect+xml", Rest, Form::Plain),
            ("POST /t.T/Put", "text/json", Rest, Form::Plain),
            ("POST /t.T/Put", "", Rest, Form::Plain),
            ("GET /t.T/Get?encoding=json&message=%7B%7D", "", Connect, Form::Get),
            ("HEAD /t.T/Get?message=&encoding=proto", "", Connect, Form::Get),
            ("GET /t.T/Get?message=", "", Rest, Form::Plain),
            ("GET /t.T/Put?encoding=json&message=%7B%7D", "", Rest, Form::Plain),
            ("GET /t.T/Watch?encoding=json&message=%7B%7D", "", Rest, Form::Plain),
            ("GET /t.T/None?encoding=json&message=%7B%7D", "", Rest, Form::Plain),
        ];
        for (line, content_type, protocol, form) in cases {
            assert_eq!(recognise(ALL, line, content_type), (protocol, form), "{line} {content_type}");
            let off = if protocol == Grpc { Grpc } else { Rest };
            assert_eq!(recognise(NONE, line, content_type), (off, Form::Plain), "{line} {content_type}");
        }
        // JSON at an unknown path is Connect when it says so.
        let versioned = recognise_with(ALL, "POST /t.T/None", "application/json", Some("1"));
        assert_eq!(versioned, (Connect, Form::Unary(Json)));
    }
}
