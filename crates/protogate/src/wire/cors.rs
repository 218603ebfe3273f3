//! CORS (the Fetch standard's protocol for pages of other origins): which may call, with what, and what they may read.
//!
//! Off without configured origins. A preflight is answered here, before any other layer, because a browser sends it without
//! credentials. An origin that is not allowed gets no headers, which is a refusal to the browser; other callers are not concerned.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};

use crate::config::CorsConfig;
use crate::gateway::router::{Resolved, Router};
use crate::layer::Response;
use crate::service::Body;

/// What pages may send: what REST, gRPC-Web and Connect need.
const HEADERS: [&str; 20] = [
    "accept-language",
    "authorization",
    "connect-accept-encoding",
    "connect-content-encoding",
    "connect-protocol-version",
    "connect-timeout-ms",
    "content-encoding",
    "content-type",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "if-match",
    "if-none-match",
    "last-event-id",
    "traceparent",
    "tracestate",
    "x-grpc-web",
    "x-request-id",
    "x-server-timeout",
    "x-user-agent",
];

/// What pages may read.
const EXPOSED: [&str; 13] = [
    "accept-post",
    "allow",
    "connect-content-encoding",
    "etag",
    "grpc-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// Who may call from a page.
#[derive(Debug)]
pub(crate) struct Cors {
    /// `None`: every page.
    origins: Option<Vec<HeaderValue>>,
    has_credentials: bool,
    headers: HeaderValue,
    exposed: String,
    max_age: HeaderValue,
}

/// What the answer to a request of a page needs.
#[derive(Debug, Clone)]
pub(super) enum Page {
    /// Not of a page, or not of one that may call.
    Other,
    /// Of this origin, as `access-control-allow-origin` names it.
    Allowed(HeaderValue),
}

impl Cors {
    /// `None` when it is off. The configuration has been checked.
    pub(crate) fn new(config: &CorsConfig) -> Option<Self> {
        if config.origins.is_empty() {
            return None;
        }
        let every = config.origins.iter().any(|origin| origin == "*");
        let origins = config.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
        let joined = |own: &[&str], more: &[String]| {
            let more = more.iter().map(|name| name.to_ascii_lowercase());
            own.iter().map(|&name| name.to_owned()).chain(more).collect::<Vec<_>>().join(", ")
        };
        let headers = HeaderValue::from_str(&joined(&HEADERS, &config.headers));
        Some(Self {
            origins: (!every).then_some(origins),
            has_credentials: config.credentials && !every,
            headers: headers.unwrap_or(HeaderValue::from_static("content-type")),
            exposed: joined(&EXPOSED, &config.expose),
            max_age: HeaderValue::from(config.max_age.as_secs()),
        })
    }

    /// The page that a request comes from.
    pub(super) fn page(&self, headers: &HeaderMap) -> Page {
        match (headers.get(ORIGIN), &self.origins) {
            (Some(_), None) => Page::Allowed(HeaderValue::from_static("*")),
            (Some(origin), Some(known)) if known.contains(origin) => Page::Allowed(origin.clone()),
            _ => Page::Other,
        }
    }

    /// The answer to a preflight; `None` for other requests, and for a path that nothing is at.
    pub(super) fn preflight<B>(
        &self,
        request: &Request<B>,
        page: &Page,
        router: &Router,
    ) -> Option<Response> {
        let headers = request.headers();
        let is_preflight = *request.method() == Method::OPTIONS && headers.contains_key(ORIGIN);
        let wanted = headers.get(ACCESS_CONTROL_REQUEST_METHOD).filter(|_| is_preflight)?;
        let methods = match router.rest(&Method::OPTIONS, request.uri().path()) {
            Resolved::Options(allow) => HeaderValue::from_str(&allow.join(", ")).ok()?,
            Resolved::Found(_) => wanted.clone(),
            _ => return None,
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if matches!(page, Page::Allowed(_)) {
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone());
            headers.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        }
        self.allow(page, response.headers_mut());
        Some(response)
    }

    /// Lets a page read an answer.
    pub(super) fn finish(&self, page: &Page, headers: &mut HeaderMap) {
        if matches!(page, Page::Allowed(_)) {
            let mut exposed = self.exposed.clone();
            // Connect's trailers are headers with names of the handler's.
            for name in headers.keys().filter(|name| name.as_str().starts_with("trailer-")) {
                exposed.push_str(", ");
                exposed.push_str(name.as_str());
            }
            if let Ok(exposed) = HeaderValue::from_str(&exposed) {
                headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            }
        }
        self.allow(page, headers);
    }

    fn allow(&self, page: &Page, headers: &mut HeaderMap) {
        // A cache must not hand the answer for one origin, or for none, to another.
        headers.append(VARY, HeaderValue::from(ORIGIN));
        let Page::Allowed(origin) = page else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.has_credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
}
