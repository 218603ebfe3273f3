//! Whether the caller may call the method: the one authorisation check, on the contract's policy and the verified identity alone.
//!
//! Paths, verbs, hosts and headers take no part. A method for which the contract says nothing is denied to everybody. Who the caller
//! is was settled by `auth`; a missing identity is refused here too, so that leaving `auth` out opens nothing.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures_util::future::Either;
use tonic::Status;
use tower_service::Service;

use super::auth::Identity;
use super::{CREDENTIALS_TEXT, Early, Request, Response, Stacked, refuse};
use crate::method::{Access, MethodInfo};

/// Makes [`Authorize`] services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PolicyLayer;

/// Refuses callers that the contract does not admit.
#[derive(Debug, Clone)]
pub(crate) struct Authorize<S> {
    inner: S,
}

impl<S> tower_layer::Layer<S> for PolicyLayer {
    type Service = Authorize<S>;

    fn layer(&self, inner: S) -> Authorize<S> {
        Authorize { inner }
    }
}

impl<S: Stacked> Service<Request> for Authorize<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let extensions = request.extensions();
        let access =
            extensions.get::<&'static MethodInfo>().map_or(&Access::Denied, |method| &method.policy.access);
        match decide(access, extensions.get::<Identity>()) {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(status) => {
                let reason = status.message();
                tracing::info!(target: "protogate::audit", reason, "denied");
                refuse(&status, extensions)
            }
        }
    }
}

/// One of the roles, if any are named, and all of the permissions.
pub(crate) fn decide(access: &Access, identity: Option<&Identity>) -> Result<(), Status> {
    match (access, identity) {
        (Access::Public, _) => Ok(()),
        (Access::Denied, _) => {
            Err(Status::permission_denied("the method has no policy and is denied to everybody"))
        }
        (Access::Granted { .. }, None) => Err(Status::unauthenticated(CREDENTIALS_TEXT)),
        (Access::Granted { roles, permissions }, Some(identity)) => {
            let role = roles.is_empty() || roles.iter().any(|role| identity.has_role(role));
            let permitted = permissions.iter().all(|permission| identity.has_permission(permission));
            // A grant that names nothing would admit every caller; the generator never writes it.
            if role && permitted && !(roles.is_empty() && permissions.is_empty()) {
                Ok(())
            } else {
                Err(Status::permission_denied("the caller lacks a role or permission that the method needs"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_any_of_and_permissions_all_of() {
        let caller = |roles: &[&str], permissions: &[&str]| Identity::for_tests("s", roles, permissions);
        let code =
            |access: &Access, identity: Option<&Identity>| decide(access, identity).err().map(|s| s.code());
        let denied = Some(tonic::Code::PermissionDenied);
        assert_eq!(code(&Access::Public, None), None);
        assert_eq!(code(&Access::Denied, None), denied);
        assert_eq!(code(&Access::Denied, Some(&caller(&["admin"], &["all"]))), denied);
        let both = Access::Granted { roles: &["admin", "ops"], permissions: &["read", "write"] };
        assert_eq!(code(&both, None), Some(tonic::Code::Unauthenticated));
        for (roles, permissions, expected) in [
            (&["ops"][..], &["read", "write"][..], None),
            (&["admin", "x"], &["write", "read", "more"], None),
            (&["ops"], &["read"], denied),
            (&["Ops"], &["read", "write"], denied),
            (&["ops "], &["read", "write"], denied),
            (&["admin,ops"], &["read", "write"], denied),
            (&["*"], &["*"], denied),
            (&[], &["read", "write"], denied),
        ] {
            assert_eq!(code(&both, Some(&caller(roles, permissions))), expected, "{roles:?} {permissions:?}");
        }
        let permissions_only = Access::Granted { roles: &[], permissions: &["read"] };
        assert_eq!(code(&permissions_only, Some(&caller(&[], &["read"]))), None);
        let nothing = Access::Granted { roles: &[], permissions: &[] };
        assert_eq!(code(&nothing, Some(&caller(&["admin"], &[]))), denied);
    }
}
