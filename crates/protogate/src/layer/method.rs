//! Resolves each request to its rpc, once, and answers what has none.
//!
//! `&'static MethodInfo` and the route go into the request's extensions; no later layer reads path, verb or Host again. Nothing is
//! mounted implicitly: an unknown gRPC path is UNIMPLEMENTED, anything else 404, a known path with another verb 405 with `Allow`.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::header::{ALLOW, CONTENT_LENGTH, HOST};
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use tonic::Status;
use tower_service::Service;

use super::{Early, Request, Response, Stacked, answer, refuse};
use crate::call::{Call, Protocol};
use crate::error::render::{RenderContext, respond_with_status};
use crate::gateway::router::{Resolved, RestRoute, Router, Target};
use crate::service::Body;

/// The media types that a resource takes in a POST.
pub(crate) const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Where the dispatcher sends a request.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// To the gRPC entry of the target's service, or to the typed one of a Connect call.
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
    /// A POST may name the method that it stands for.
    pub(crate) method_override: bool,
    /// How a known path with another method is answered in REST: 405, or 501 as grpc-gateway does.
    pub(crate) wrong_method: StatusCode,
}

/// Resolves requests to rpcs.
#[derive(Debug, Clone)]
pub(crate) struct ResolveMethod<S> {
    inner: S,
    router: Arc<Router>,
    max_uri: usize,
    method_override: bool,
    wrong_method: StatusCode,
}

impl<S> tower_layer::Layer<S> for MethodLayer {
    type Service = ResolveMethod<S>;

    fn layer(&self, inner: S) -> ResolveMethod<S> {
        let Self { max_uri, method_override, wrong_method, .. } = *self;
        ResolveMethod { inner, router: Arc::clone(&self.router), max_uri, method_override, wrong_method }
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
        let call = Call::of(request.extensions());
        if let Some(fault) = call.and_then(|call| call.fault.get()) {
            // What the door could not take, said now that it is seen and counted.
            note(call, call.and_then(|call| call.rpc));
            return answer(fault.answer(&RenderContext::of(request.extensions())));
        }
        if self.method_override
            && let Err(refusal) = override_method(&mut request)
        {
            return answer(refusal.render(&request));
        }
        let route = match resolve(&self.router, &request) {
            Ok(route) => route,
            Err(Unmatched::Grpc(status)) => return refuse(&status, request.extensions()),
            Err(Unmatched::Options(allow)) => return answer(options(&allow)),
            Err(Unmatched::Refused(mut refusal)) => {
                let call = Call::of(request.extensions());
                let is_rest = call.is_none_or(|call| call.protocol == Protocol::Rest);
                if is_rest && refusal.http_status == StatusCode::METHOD_NOT_ALLOWED {
                    refusal.http_status = self.wrong_method;
                }
                return answer(refusal.render(&request));
            }
        };
        let target = match &route {
            Route::Grpc(target) => *target,
            Route::Rest(route) => route.target,
        };
        note(Call::of(request.extensions()), Some(target));
        request.extensions_mut().insert(target.info);
        request.extensions_mut().insert(route);
        Either::Left(self.inner.call(request))
    }
}

/// Tells the outer layers which rpc is called.
fn note(call: Option<&Arc<Call>>, target: Option<Target>) {
    if let (Some(call), Some(target)) = (call, target) {
        // The method layer is in the stack once.
        let _ = call.target.set(target);
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
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    fn new(http_status: StatusCode, status: Status) -> Self {
        Self { http_status, status, header: None }
    }

    fn render(self, request: &Request) -> Response {
        let context = RenderContext::of(request.extensions());
        let mut response = respond_with_status(&self.status, Some(self.http_status), &context);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
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
        refusal.header = Some((ALLOW, allow_value(&[])));
        return Err(refusal);
    }
    Ok(())
}

/// Gives a REST request of method POST the method that it names instead. It is looked up, authorised and answered as one of that method.
fn override_method(request: &mut Request) -> Result<(), Refusal> {
    let is_rest = Call::of(request.extensions()).is_none_or(|call| call.protocol == Protocol::Rest);
    if *request.method() != Method::POST || !is_rest {
        return Ok(());
    }
    let mut values = request.headers().get_all(METHOD_OVERRIDE).iter();
    let Some(value) = values.next() else { return Ok(()) };
    let known = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE];
    let wanted = known.into_iter().find(|method| value.as_bytes() == method.as_str().as_bytes());
    let Some(method) = wanted.filter(|_| values.next().is_none()) else {
        let message = "`x-http-method-override`: expected one of `GET`, `PUT`, `PATCH` and `DELETE`, once";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, Status::invalid_argument(message)));
    };
    *request.method_mut() = method;
    Ok(())
}

fn resolve(router: &Router, request: &Request) -> Result<Route, Unmatched> {
    let (method, path) = (request.method(), request.uri().path());
    let call = Call::of(request.extensions());
    let protocol = call.map_or(Protocol::Rest, |call| call.protocol);
    if protocol.is_framed() {
        let unknown = || Status::unimplemented(format!("unknown rpc `{}`", shown(path)));
        return match call.and_then(|call| call.rpc).or_else(|| router.grpc(path)) {
            Some(target) if *method == Method::POST => Ok(Route::Grpc(target)),
            Some(_) => Err(Unmatched::Refused(not_allowed(method, &["OPTIONS".into(), "POST".into()]))),
            None if protocol == Protocol::Connect => {
                Err(Unmatched::Refused(Refusal::new(StatusCode::NOT_FOUND, unknown())))
            }
            None => Err(Unmatched::Grpc(unknown())),
        };
    }
    match router.rest(method, path) {
        Resolved::Found(route) => Ok(Route::Rest(route)),
        Resolved::Options(allow) => Err(Unmatched::Options(allow)),
        Resolved::BadPath(message) => {
            Err(Unmatched::Refused(Refusal::new(StatusCode::BAD_REQUEST, Status::invalid_argument(message))))
        }
        // The path of an rpc with a content type of no protocol. tonic would answer 200 without content.
        Resolved::NotFound | Resolved::MethodNotAllowed(_)
            if *method == Method::POST && router.grpc(path).is_some() =>
        {
            let types = router.grpc(path).map(|target| router.accept_post(target.info)).unwrap_or_default();
            let status = Status::invalid_argument(format!("expected a content type of `{types}`"));
            let mut refusal = Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, status);
            refusal.header = HeaderValue::from_str(&types).ok().map(|types| (ACCEPT_POST, types));
            Err(Unmatched::Refused(refusal))
        }
        Resolved::MethodNotAllowed(allow) => Err(Unmatched::Refused(not_allowed(method, &allow))),
        Resolved::NotFound => {
            let status = Status::not_found(format!("no route for `{}`", shown(path)));
            Err(Unmatched::Refused(Refusal::new(StatusCode::NOT_FOUND, status)))
        }
    }
}

fn not_allowed(method: &Method, allow: &[String]) -> Refusal {
    let message =
        format!("method `{}` is not allowed here; expected {}", shown(method.as_str()), allow.join(", "));
    let mut refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, Status::unimplemented(message));
    refusal.header = Some((ALLOW, allow_value(allow)));
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
