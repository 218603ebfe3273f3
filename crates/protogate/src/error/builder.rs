//! The runtime half of the typed constructors that the error map emitter writes.
//!
//! A builder holds a reason of the catalogue and the values of its placeholders, and becomes a `tonic::Status` with `google.rpc`
//! details. The text in the caller's language is added later, by `render`, from the same reason and values.

use std::collections::HashMap;
use std::time::Duration;

use tonic_types::pb;

use super::details::{self, Details};
use super::text::{self, MAX_VALUE};
use super::{ErrorCatalog, ErrorSpec};

/// An error of the catalogue on its way to a [`tonic::Status`].
///
/// ```
/// use protogate::{ErrorBuilder, ErrorCatalog, ErrorSpec};
/// use protogate::codegen::v1::Code;
///
/// static CATALOG: ErrorCatalog = ErrorCatalog {
///     domain: "config.example.com",
///     default_locale: "en",
///     errors: &[ErrorSpec {
///         reason: "CONFIG_NOT_FOUND",
///         code: "ERR_CONFIG_404",
///         grpc_code: Code::NotFound,
///         http_status: 404,
///         retryable: false,
///         retry_delay: None,
///         texts: &[("en", "config `{key}` does not exist")],
///     }],
/// };
/// let status = tonic::Status::from(ErrorBuilder::new(&CATALOG, &CATALOG.errors[0]).with("key", "a/b"));
/// assert_eq!(status.message(), "config `a/b` does not exist");
/// ```
#[derive(Debug, Clone)]
#[must_use = "an error does nothing until it is returned as a status"]
pub struct ErrorBuilder {
    catalog: &'static ErrorCatalog,
    spec: &'static ErrorSpec,
    values: Vec<(&'static str, String)>,
    violations: Vec<pb::bad_request::FieldViolation>,
    retry_delay: Option<Duration>,
    internal: Option<String>,
}

impl ErrorBuilder {
    /// Starts an error; called by generated constructors.
    pub const fn new(catalog: &'static ErrorCatalog, spec: &'static ErrorSpec) -> Self {
        Self { catalog, spec, values: Vec::new(), violations: Vec::new(), retry_delay: None, internal: None }
    }

    /// The value of the placeholder `name`. Control characters are escaped and the value is cut at 256 bytes.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, text::safe_value(&value.into(), MAX_VALUE)));
        self
    }

    /// A field of the request that is wrong, by its path (`config.labels[3].key`), and why. Sent as `google.rpc.BadRequest`.
    pub fn field_violation(mut self, path: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push(pb::bad_request::FieldViolation {
            field: text::safe_value(&path.into(), MAX_VALUE),
            description: text::safe_value(&description.into(), MAX_VALUE),
            ..Default::default()
        });
        self
    }

    /// How long the caller should wait, in place of the catalogue's delay.
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_delay = Some(delay);
        self
    }

    /// Detail for the log only: it is written with the request id when the error becomes a status, and never sent.
    pub fn internal(mut self, detail: impl std::fmt::Display) -> Self {
        self.internal = Some(detail.to_string());
        self
    }

    /// The reason that this error has.
    #[must_use]
    pub const fn spec(&self) -> &'static ErrorSpec {
        self.spec
    }
}

impl From<ErrorBuilder> for tonic::Status {
    fn from(builder: ErrorBuilder) -> Self {
        let ErrorBuilder { catalog, spec, values, violations, retry_delay, internal } = builder;
        if let Some(detail) = internal {
            tracing::error!(
                reason = spec.reason,
                error_code = spec.code,
                detail,
                "internal detail of an error"
            );
        }
        let value =
            |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let message = spec.texts.first().map_or_else(String::new, |(_, text)| text::fill(text, value));
        let mut details = Details::default();
        let mut metadata: HashMap<String, String> =
            values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        metadata.insert("code".to_owned(), spec.code.to_owned());
        details.push(&pb::ErrorInfo {
            reason: spec.reason.to_owned(),
            domain: catalog.domain.to_owned(),
            metadata,
        });
        if spec.retryable
            && let Some(delay) = retry_delay.or(spec.retry_delay)
        {
            details.push(&details::retry_info(delay));
        }
        if !violations.is_empty() {
            details.push(&pb::BadRequest { field_violations: violations });
        }
        let code = tonic::Code::from_i32(spec.grpc_code.number());
        let bytes = details.encode(code, &message);
        Self::with_details(code, message, bytes)
    }
}
