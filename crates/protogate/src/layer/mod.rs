//! The layers of the stack, one per file. Their order is in `server::stack`, and nowhere else.
//!
//! Each is a tower layer over one request and response type with an infallible error: a refusal is a response, rendered in the
//! caller's protocol. None of them boxes a future. What a layer learns of a request it leaves in the request's extensions.

pub(crate) mod auth;
pub(crate) mod body_limit;
pub(crate) mod capacity;
pub(crate) mod deadline;
pub(crate) mod hygiene;
pub(crate) mod method;
pub(crate) mod observe;
pub(crate) mod panic;
pub(crate) mod policy;
pub(crate) mod rate_limit;
pub(crate) mod render;
pub(crate) mod request_id;
pub(crate) mod stream;

use std::convert::Infallible;

use futures_util::future::{Either, Ready, ready};
use tonic::Status;

use crate::error::render::{RenderContext, respond};
use crate::service::Body;

pub(crate) type Request = http::Request<Body>;
pub(crate) type Response = http::Response<Body>;

/// The future of a layer that either calls on or answers at once.
pub(crate) type Early<F> = Either<F, Ready<Result<Response, Infallible>>>;

/// What every service of the stack is.
pub(crate) trait Stacked:
    tower_service::Service<Request, Response = Response, Error = Infallible>
{
}

impl<S: tower_service::Service<Request, Response = Response, Error = Infallible>> Stacked for S {}

/// Answers at once.
pub(crate) fn answer<F>(response: Response) -> Early<F> {
    Either::Right(ready(Ok(response)))
}

/// Answers at once with a status, in the protocol of the request whose extensions these are.
pub(crate) fn refuse<F>(status: &Status, extensions: &http::Extensions) -> Early<F> {
    answer(respond(status, &RenderContext::of(extensions)))
}

/// The text of every answer to missing or unusable credentials.
pub(crate) const CREDENTIALS_TEXT: &str = "invalid or missing credentials";
