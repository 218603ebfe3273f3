//! Who the caller is: one bearer token, verified against the configured keys.
//!
//! Every failure has one answer; its reason goes to the audit log only. A public method is called without credentials, and with an
//! [`Identity`] when the caller sends a good token. What the caller may do is `policy`'s.

pub(crate) mod claims;
pub(crate) mod identity;
pub(crate) mod keys;
pub(crate) mod token;

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use futures_util::future::Either;
use tonic::{Code, Status};
use tower_service::Service;

pub use self::identity::Identity;
use self::token::Verifier;
use super::rate_limit::{Key, Table};
use super::{CREDENTIALS_TEXT, Early, Request, Response, Stacked, refuse};
use crate::call::Call;
use crate::error::details::retry_status;
use crate::method::{Access, MethodInfo};

/// Makes [`Authenticate`] services.
#[derive(Debug, Clone)]
pub(crate) struct AuthLayer {
    pub(crate) verifier: Arc<Verifier>,
    /// Failures by peer.
    pub(crate) failures: Arc<Table>,
}

/// Verifies tokens.
#[derive(Debug, Clone)]
pub(crate) struct Authenticate<S> {
    inner: S,
    verifier: Arc<Verifier>,
    failures: Arc<Table>,
}

impl<S> tower_layer::Layer<S> for AuthLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        let Self { verifier, failures } = self.clone();
        Authenticate { inner, verifier, failures }
    }
}

impl<S: Stacked> Service<Request> for Authenticate<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match self.verifier.verify(request.headers(), SystemTime::now()) {
            Ok(identity) => {
                if let Some(call) = Call::of(request.extensions()) {
                    // One auth layer sets it once.
                    let _ = call.subject.set(identity.shared_subject());
                }
                request.extensions_mut().insert(identity);
            }
            Err(reason) => {
                let method = request.extensions().get::<&'static MethodInfo>();
                if !method.is_some_and(|method| matches!(method.policy.access, Access::Public)) {
                    return refuse(&self.refusal(reason, &request), request.extensions());
                }
            }
        }
        // The token has done its work; handlers have the identity.
        request.headers_mut().remove(http::header::AUTHORIZATION);
        Either::Left(self.inner.call(request))
    }
}

impl<S> Authenticate<S> {
    fn refusal(&self, reason: token::Refused, request: &Request) -> Status {
        let peer = Call::of(request.extensions()).and_then(|call| call.peer);
        let reason = reason.as_str();
        tracing::info!(target: "protogate::audit", reason, peer = peer.map(tracing::field::display), "credentials refused");
        let checked = peer.map_or(Ok(()), |peer| self.failures.check(Key::Peer(peer.ip())));
        match checked {
            Ok(()) => Status::unauthenticated(CREDENTIALS_TEXT),
            Err(delay) => retry_status(Code::ResourceExhausted, "too many failed credentials", delay),
        }
    }
}
