//! A status that a server answered with, its `google.rpc` details decoded.
//!
//! The names of codes are repeated here because this crate stands beside the transcoding table, not on it; a test pins them to
//! tonic's.

use std::fmt;
use std::time::Duration;

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use tonic_types::pb;

use crate::message::{JsonStyle, Reply};

/// Names of the canonical codes by number.
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// A status other than `OK`. All texts are the server's own: untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: tonic::Code,
    message: String,
    details: Vec<Detail>,
}

/// One decoded detail of a status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// `google.rpc.ErrorInfo`: the stable reason.
    ErrorInfo {
        /// The reason, such as `CONFIG_NOT_FOUND`.
        reason: String,
        /// Whose reason it is.
        domain: String,
        /// Further facts, sorted by key.
        metadata: Vec<(String, String)>,
    },
    /// `google.rpc.LocalizedMessage`: the text for people.
    LocalizedMessage {
        /// BCP 47 tag of the text.
        locale: String,
        /// The text.
        message: String,
    },
    /// `google.rpc.BadRequest`: fields that are wrong.
    BadRequest(Vec<Violation>),
    /// `google.rpc.RetryInfo`: how long to wait before trying again.
    RetryInfo(Option<Duration>),
    /// `google.rpc.RequestInfo`: the id under which the server's logs know the call.
    RequestId(String),
    /// Any other message, as JSON when the schema knows its type.
    Other {
        /// Full name of the message.
        type_name: String,
        /// The message; `None` when its type is unknown or its bytes are broken.
        json: Option<String>,
    },
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in the request.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

impl Failure {
    pub(crate) fn from_status(status: &tonic::Status, pool: &DescriptorPool) -> Self {
        let decoded = pb::Status::decode(status.details()).unwrap_or_default();
        Self {
            code: status.code(),
            message: status.message().to_owned(),
            details: decoded.details.iter().map(|any| detail(&any.type_url, &any.value, pool)).collect(),
        }
    }

    pub(crate) fn local(code: tonic::Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new() }
    }

    /// Number of the canonical code, 1 to 16.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.code as i32
    }

    /// Name of the canonical code, such as `NOT_FOUND`.
    #[must_use]
    pub fn code_name(&self) -> &'static str {
        NAMES[self.code as usize]
    }

    /// The developer-facing message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The details in the server's order.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.details
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code_name(), self.code(), self.message)
    }
}

fn detail(type_url: &str, value: &[u8], pool: &DescriptorPool) -> Detail {
    let type_name = type_url.rsplit('/').next().unwrap_or(type_url);
    known(type_name, value).unwrap_or_else(|| Detail::Other {
        type_name: type_name.to_owned(),
        json: pool
            .get_message_by_name(type_name)
            .and_then(|descriptor| DynamicMessage::decode(descriptor, value).ok())
            .map(|message| Reply::new(message).to_json(JsonStyle { pretty: false, ..JsonStyle::default() })),
    })
}

/// `None` for other types and for bytes that do not decode.
fn known(type_name: &str, value: &[u8]) -> Option<Detail> {
    Some(match type_name {
        "google.rpc.ErrorInfo" => {
            let info = pb::ErrorInfo::decode(value).ok()?;
            let mut metadata: Vec<_> = info.metadata.into_iter().collect();
            metadata.sort();
            Detail::ErrorInfo { reason: info.reason, domain: info.domain, metadata }
        }
        "google.rpc.LocalizedMessage" => {
            let text = pb::LocalizedMessage::decode(value).ok()?;
            Detail::LocalizedMessage { locale: text.locale, message: text.message }
        }
        "google.rpc.BadRequest" => Detail::BadRequest(
            pb::BadRequest::decode(value)
                .ok()?
                .field_violations
                .into_iter()
                .map(|it| Violation { field: it.field, description: it.description })
                .collect(),
        ),
        "google.rpc.RetryInfo" => Detail::RetryInfo(
            pb::RetryInfo::decode(value).ok()?.retry_delay.and_then(|delay| Duration::try_from(delay).ok()),
        ),
        "google.rpc.RequestInfo" => Detail::RequestId(pb::RequestInfo::decode(value).ok()?.request_id),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn names_are_those_of_the_codes() {
        for (number, name) in (0..).zip(NAMES) {
            let camel = format!("{:?}", tonic::Code::from_i32(number));
            assert_eq!(name.replace('_', "").to_lowercase(), camel.to_lowercase());
        }
    }
}
