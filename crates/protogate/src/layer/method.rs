//! Resolves each request to its rpc, once, and answers what has none.
//!
//! `&'static MethodInfo` and the route go into the request's extensions; no later layer reads path, verb or Host again. Nothing is
//! mounted implicitly: an unknown gRPC path is UNIMPLEMENTED, anything else 404, a known path with another verb 405 with `Allow`.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::header::{ALLOW, CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, StatusCode, Version};
use tonic::Status;
use tower_service::Service;

use super::{Early, Request, Response, Stacked, answer, refuse};
use crate::call::{Call, Protocol};
use crate::error::render::{RenderContext, rest_with_status};
use crate::gateway::router::{Resolved, RestRoute, Router, Target};
use crate::service::Body;

/// Where the dispatcher sends a request.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// To the gRPC entry of the target's service.
    Grpc(Target),
    /// To the REST entry of the route's rpc.
    Rest(RestRoute),
}

/// Makes [`ResolveMethod`] services.
#[derive(Debug, Clone)]
pub(crate) struct MethodLayer {
    pub(crate) router: Arc<Router>,
    /// The longest request target, in bytes.
    pub(crate) max_uri: usize,
}

/// Resolves requests to rpcs.
#[derive(Debug, Clone)]
pub(crate) struct ResolveMethod<S> {
    inner: S,
    router: Arc<Router>,
    max_uri: usize,
}

impl<S> tower_layer::Layer<S> for MethodLayer {
    type Service = ResolveMethod<S>;

    fn layer(&self, inner: S) -> ResolveMethod<S> {
        ResolveMethod { inner, router: Arc::clone(&self.router), max_uri: self.max_uri }
    }
}

impl<S: Stacked> Service<Request> for ResolveMethod<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Err(refusal) = check_form(&request, self.max_uri) {
            return answer(refusal.render(&request));
        }
        let route = match resolve(&self.router, &request) {
            Ok(route) => route,
            Err(Unmatched::Grpc(status)) => return refuse(&status, request.extensions()),
            Err(Unmatched::Options(allow)) => return answer(options(&allow)),
            Err(Unmatched::Refused(refusal)) => return answer(refusal.render(&request)),
        };
        let target = match &route {
            Route::Grpc(target) => *target,
            Route::Rest(route) => route.target,
        };
        if let Some(call) = Call::of(request.extensions()) {
            // The method layer is in the stack once.
            let _ = call.target.set(target);
        }
        request.extensions_mut().insert(target.info);
        request.extensions_mut().insert(route);
        Either::Left(self.inner.call(request))
    }
}

/// Why a request has no rpc.
enum Unmatched {
    Grpc(Status),
    Options(Vec<String>),
    Refused(Refusal),
}

/// A refusal with an HTTP status of its own.
struct Refusal {
    http_status: StatusCode,
    status: Status,
    allow: Option<Vec<String>>,
}

impl Refusal {
    fn new(http_status: StatusCode, status: Status) -> Self {
        Self { http_status, status, allow: None }
    }

    fn render(self, request: &Request) -> Response {
        let context = RenderContext::of(request.extensions());
        let mut response = rest_with_status(&self.status, Some(self.http_status), &context);
        if let Some(allow) = self.allow {
            response.headers_mut().insert(ALLOW, allow_value(&allow));
        }
        response
    }
}

/// What is wrong with a request whatever its path means.
fn check_form(request: &Request, max_uri: usize) -> Result<(), Refusal> {
    let hosts = request.headers().get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
        let message = format!("expected one `host` header, found {hosts}");
        return Err(Refusal::new(StatusCode::BAD_REQUEST, Status::invalid_argument(message)));
    }
    let uri = request.uri();
    let length = uri.path().len() + uri.query().map_or(0, str::len);
    if length > max_uri {
        let message = format!("the request target has {length} bytes; expected at most {max_uri}");
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, Status::invalid_argument(message)));
    }
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        let message = format!("method `{}` is not served", request.method());
        let mut refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Status::unimplemented(message));
        refusal.allow = Some(Vec::new());
        return Err(refusal);
    }
    Ok(())
}

fn resolve(router: &Router, request: &Request) -> Result<Route, Unmatched> {
    let (method, path) = (request.method(), request.uri().path());
    if Protocol::of(request.headers()) == Protocol::Grpc {
        return match router.grpc(path) {
            Some(target) if *method == Method::POST => Ok(Route::Grpc(target)),
            Some(_) => Err(Unmatched::Refused(not_allowed(method, vec!["OPTIONS".into(), "POST".into()]))),
            None => Err(Unmatched::Grpc(Status::unimplemented(format!("unknown rpc `{}`", shown(path))))),
        };
    }
    match router.rest(method, path) {
        Resolved::Found(route) => Ok(Route::Rest(route)),
        Resolved::Options(allow) => Err(Unmatched::Options(allow)),
        Resolved::BadPath(message) => {
            Err(Unmatched::Refused(Refusal::new(StatusCode::BAD_REQUEST, Status::invalid_argument(message))))
        }
        // A gRPC path with another content type. tonic would answer 200 without content.
        Resolved::NotFound | Resolved::MethodNotAllowed(_)
            if *method == Method::POST && router.grpc(path).is_some() =>
        {
            let status = Status::invalid_argument(
                "expected the content type `application/grpc` or `application/grpc+proto`",
            );
            Err(Unmatched::Refused(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, status)))
        }
        Resolved::MethodNotAllowed(allow) => Err(Unmatched::Refused(not_allowed(method, allow))),
        Resolved::NotFound => {
            let status = Status::not_found(format!("no route for `{}`", shown(path)));
            Err(Unmatched::Refused(Refusal::new(StatusCode::NOT_FOUND, status)))
        }
    }
}

fn not_allowed(method: &Method, allow: Vec<String>) -> Refusal {
    let message =
        format!("method `{}` is not allowed here; expected {}", shown(method.as_str()), allow.join(", "));
    let mut refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Status::unimplemented(message));
    refusal.allow = Some(allow);
    refusal
}

fn options(allow: &[String]) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(ALLOW, allow_value(allow));
    response.headers_mut().remove(CONTENT_LENGTH);
    response
}

fn allow_value(allow: &[String]) -> HeaderValue {
    // Methods are tokens, so this cannot fail.
    HeaderValue::from_str(&allow.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

/// The part of a caller's text that an answer quotes.
fn shown(text: &str) -> String {
    crate::error::text::safe_value(text, 100)
}
