//! Header hygiene: inbound headers that claim an identity never reach a handler.
//!
//! Identity comes from the verified token alone. Names with `_` go too, because some servers and languages read them as `-`. A
//! configured allow-list keeps a name, but never one that the server sets itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::HeaderMap;
use tower_service::Service;

use super::{Request, Response, Stacked};

const PREFIXES: [&str; 6] =
    ["x-user-", "x-role", "x-auth-", "x-protogate-", "grpc-metadata-", "grpcgateway-"];
const NAMES: [&str; 5] = ["x-forwarded-user", "x-forwarded-groups", "remote-user", "x-user", "x-auth"];
/// What the server sets itself.
const RESERVED_PREFIXES: [&str; 1] = ["x-protogate-"];
const RESERVED_NAMES: [&str; 4] = ["x-request-id", "traceparent", "grpc-status", "grpc-message"];

/// Makes [`Hygiene`] services.
#[derive(Debug, Clone)]
pub(crate) struct HygieneLayer {
    allow: Arc<[String]>,
}

/// Drops headers that claim an identity.
#[derive(Debug, Clone)]
pub(crate) struct Hygiene<S> {
    inner: S,
    allow: Arc<[String]>,
}

impl HygieneLayer {
    /// `allow` are names that are kept although they look like an identity.
    pub(crate) fn new(allow: &[String]) -> Self {
        Self { allow: allow.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }
}

impl<S> tower_layer::Layer<S> for HygieneLayer {
    type Service = Hygiene<S>;

    fn layer(&self, inner: S) -> Hygiene<S> {
        Hygiene { inner, allow: Arc::clone(&self.allow) }
    }
}

impl<S: Stacked> Service<Request> for Hygiene<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        clean(request.headers_mut(), &self.allow);
        self.inner.call(request)
    }
}

/// Whether a name is the server's own to set.
pub(crate) fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED_NAMES.contains(&name.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_suspect(name: &str) -> bool {
    name.contains('_') || NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn clean(headers: &mut HeaderMap, allow: &[String]) {
    let suspects: Vec<_> = headers
        .keys()
        .filter(|name| is_suspect(name.as_str()) && !allow.iter().any(|kept| kept == name.as_str()))
        .cloned()
        .collect();
    for name in suspects {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn identities_are_dropped_and_others_stay() {
        let dropped = [
            "x-user-id",
            "X-User-Roles",
            "x-user",
            "x-role",
            "x-roles",
            "x-auth-token",
            "x-forwarded-user",
            "x-forwarded-groups",
            "remote-user",
            "x-protogate-subject",
            "grpc-metadata-x",
            "grpcgateway-authorization",
            "x_user_id",
            "authorization_",
            "remote_user",
        ];
        let kept = ["authorization", "x-request-id", "accept", "x-forwarded-for", "grpc-timeout", "x-tenant"];
        let mut headers: HeaderMap = dropped
            .iter()
            .chain(&kept)
            .map(|name| (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("v")))
            .collect();
        let mut allowed = headers.clone();
        clean(&mut headers, &[]);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        let mut expected = kept.to_vec();
        expected.sort_unstable();
        assert_eq!(left, expected);
        clean(&mut allowed, &["x-user-id".to_owned()]);
        assert_eq!(allowed.len(), kept.len() + 1);
    }
}
