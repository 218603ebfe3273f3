//! Why a call is not made, or cannot send its reply: a status, and the HTTP status where the protocol has its own.

use http::{HeaderName, HeaderValue, StatusCode};
use tonic::{Code, Status};
use tonic_types::pb;

use crate::error::details::Details;
use crate::error::render::{self, RenderContext};
use crate::json::{self, ErrorKind, quote};
use crate::service::Body;

/// A failure on the way in or out.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: Box<Status>,
    http: Option<StatusCode>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self { status: Box::new(status), http: None, header: None }
    }
}

impl Refusal {
    /// INVALID_ARGUMENT, answered with 400, or with another HTTP status.
    pub(crate) fn invalid(http: Option<StatusCode>, message: impl Into<String>) -> Self {
        Self { status: Box::new(Status::invalid_argument(message)), http, header: None }
    }

    /// INVALID_ARGUMENT for one field or parameter, with `google.rpc.BadRequest`.
    pub(crate) fn field(name: &str, problem: &str) -> Self {
        let message = if name.is_empty() { problem.to_owned() } else { format!("`{name}`: {problem}") };
        let violation = pb::bad_request::FieldViolation {
            field: name.to_owned(),
            description: problem.to_owned(),
            ..pb::bad_request::FieldViolation::default()
        };
        let mut details = Details::default();
        details.push(&pb::BadRequest { field_violations: vec![violation] });
        let bytes = details.encode(Code::InvalidArgument, &message);
        Status::with_details(Code::InvalidArgument, message, bytes).into()
    }

    /// For a query parameter or path variable; `name` as the client wrote it.
    pub(crate) fn parameter(name: &str, problem: &str) -> Self {
        Self::field(&quote(name), problem)
    }

    /// For JSON that does not fit the message, or a message that JSON cannot express.
    pub(crate) fn json(error: &json::Error) -> Self {
        match error.kind() {
            ErrorKind::Output => Self::internal(&error.to_string()),
            ErrorKind::Syntax | ErrorKind::Value => Self::field(&error.field(), error.problem()),
        }
    }

    /// The content is larger than the limit.
    pub(crate) fn too_large(limit: usize) -> Self {
        let status = Status::resource_exhausted(format!(
            "the content is larger than {limit} bytes; send less at once"
        ));
        Self { status: Box::new(status), http: Some(StatusCode::PAYLOAD_TOO_LARGE), header: None }
    }

    /// A fault of this server: logged, answered with a fixed text.
    pub(crate) fn internal(message: &str) -> Self {
        Status::internal(message).into()
    }

    /// The same with an HTTP status that belongs to the protocol rather than to the code.
    pub(crate) const fn with_http(mut self, http: StatusCode) -> Self {
        self.http = Some(http);
        self
    }

    /// The same with a header of its own.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// The status alone.
    pub(crate) fn into_status(self) -> Status {
        *self.status
    }

    /// The answer.
    pub(crate) fn respond(self, context: &RenderContext) -> http::Response<Body> {
        self.answer(context)
    }

    /// The answer of a refusal that is kept elsewhere.
    pub(crate) fn answer(&self, context: &RenderContext) -> http::Response<Body> {
        let mut response = render::respond_with_status(&self.status, self.http, context);
        if let Some((name, value)) = &self.header {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }
}
