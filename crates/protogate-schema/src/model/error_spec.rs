//! Error catalogues: enums marked with `protogate.v1.error_catalog`, and what each of their values stands for.
//!
//! As written, not validated: the generator refuses a faulty catalogue with the place of the fault.

use std::time::Duration;

use super::element::{EnumId, ValueId};
use super::options::LocalizedText;

/// One catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCatalog {
    /// The enum.
    pub enumeration: EnumId,
    /// `domain` of `google.rpc.ErrorInfo`.
    pub domain: String,
    /// Locale of the developer-facing message, `en` unless said otherwise.
    pub default_locale: String,
    /// Locales that every error must have a text in.
    pub locales: Vec<String>,
    /// Values with an `error` annotation, in source order.
    pub errors: Vec<ErrorSpec>,
    /// Values without one, the zero value left out.
    pub bare: Vec<ValueId>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorSpec {
    /// The enum value.
    pub value: ValueId,
    /// Name of the enum value: the `reason` of `google.rpc.ErrorInfo`.
    pub reason: String,
    /// Business code, such as `ERR_PARAM_001`.
    pub code: String,
    /// Canonical code by name, as written.
    pub grpc_code: String,
    /// HTTP status, 0 for the one that belongs to `grpc_code`.
    pub http_status: u32,
    /// A caller may try again.
    pub retryable: bool,
    /// How long to wait before.
    pub retry_delay: Option<Duration>,
    /// Texts by locale.
    pub texts: Vec<LocalizedText>,
}
