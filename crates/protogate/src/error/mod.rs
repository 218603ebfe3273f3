//! Errors as a remote caller receives them: the catalogue that the contract declares, typed constructors' runtime half, and the one
//! place that renders a status in the caller's protocol and language.
//!
//! A *status* is what leaves the process; errors of configuration and start-up live with their rooms.

pub(crate) mod builder;
pub(crate) mod details;
pub(crate) mod form;
pub(crate) mod grpc;
pub(crate) mod locale;
pub(crate) mod render;
pub(crate) mod text;

use std::time::Duration;

use protogate_transcode::Code;

pub use self::builder::ErrorBuilder;

/// The reasons of one error enum, produced by the error map emitter.
#[derive(Debug)]
pub struct ErrorCatalog {
    /// `domain` of `google.rpc.ErrorInfo`.
    pub domain: &'static str,
    /// Locale of the developer-facing message.
    pub default_locale: &'static str,
    /// The reasons, sorted by `reason`.
    pub errors: &'static [ErrorSpec],
}

/// One reason.
#[derive(Debug)]
pub struct ErrorSpec {
    /// `reason` of `google.rpc.ErrorInfo`: the enum value's name.
    pub reason: &'static str,
    /// Business code, such as `ERR_PARAM_001`; sent as `metadata["code"]` of the `ErrorInfo`.
    pub code: &'static str,
    /// Canonical code.
    pub grpc_code: Code,
    /// HTTP status of the REST answer.
    pub http_status: u16,
    /// A caller may try again.
    pub retryable: bool,
    /// How long to wait before; sent as `google.rpc.RetryInfo`.
    pub retry_delay: Option<Duration>,
    /// (locale, text) pairs; the default locale's comes first.
    pub texts: &'static [(&'static str, &'static str)],
}

impl ErrorCatalog {
    /// The reason of this name.
    #[must_use]
    pub fn find(&self, reason: &str) -> Option<&'static ErrorSpec> {
        let errors: &'static [ErrorSpec] = self.errors;
        // Generated tables are sorted; one written by hand need not be, and the fall-back is cheap.
        match errors.binary_search_by(|error| error.reason.cmp(reason)) {
            Ok(at) => Some(&errors[at]),
            Err(_) => errors.iter().find(|error| error.reason == reason),
        }
    }
}

/// The canonical code of a status. tonic's codec calls a message beyond its limit OUT_OF_RANGE; as everywhere else in gRPC it is
/// RESOURCE_EXHAUSTED here, and its text is the only sign of it.
pub(crate) fn code_of(status: &tonic::Status) -> Code {
    let too_large = status.code() == tonic::Code::OutOfRange
        && ["Error, decoded message length too large", "Error, encoded message length too large"]
            .iter()
            .any(|prefix| status.message().starts_with(prefix));
    if too_large {
        return Code::ResourceExhausted;
    }
    Code::from_number(status.code() as i32).unwrap_or(Code::Unknown)
}
