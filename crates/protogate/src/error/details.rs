//! The details of a status: decoding, the listed types that may leave the process, and their JSON.
//!
//! Details travel as `google.rpc.Status` in `grpc-status-details-bin`. Only the types of `google/rpc/error_details.proto`, without
//! `DebugInfo`, and those that the configuration names are sent; anything else could carry internals. The JSON is written by hand
//! because the set is closed and small; messages of services are `json`'s.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use prost::Message;
use prost_types::Any;
use serde_json::{Map, Value, json};
use tonic_types::pb;

const PREFIX: &str = "type.googleapis.com/";

/// The details of one status, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Details {
    items: Vec<Any>,
}

/// A detail of `google/rpc/error_details.proto`: its full name and how it is decoded.
pub(crate) trait Detail: Message + Default {
    const NAME: &'static str;
}

macro_rules! details {
    ($($type:ty: $name:literal => $print:ident;)*) => {
        $(impl Detail for $type {
            const NAME: &'static str = concat!("google.rpc.", $name);
        })*

        /// The full names of the details that are always sent.
        const LISTED: &[&str] = &[$(concat!("google.rpc.", $name)),*];

        /// The JSON members of a listed detail; `None` for other types and for bytes that do not decode.
        fn members(name: &str, bytes: &[u8]) -> Option<Map<String, Value>> {
            $(if name == <$type>::NAME {
                return match $print(&<$type>::decode(bytes).ok()?) {
                    Value::Object(members) => Some(members),
                    _ => None,
                };
            })*
            None
        }
    };
}

details! {
    pb::ErrorInfo: "ErrorInfo" => error_info;
    pb::RetryInfo: "RetryInfo" => retry_info_json;
    pb::QuotaFailure: "QuotaFailure" => quota_failure;
    pb::PreconditionFailure: "PreconditionFailure" => precondition_failure;
    pb::BadRequest: "BadRequest" => bad_request;
    pb::RequestInfo: "RequestInfo" => request_info;
    pb::ResourceInfo: "ResourceInfo" => resource_info;
    pb::Help: "Help" => help;
    pb::LocalizedMessage: "LocalizedMessage" => localized_message;
}

impl Details {
    /// The details in the bytes of a status; none when they do not decode.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::default();
        }
        Self { items: pb::Status::decode(bytes).map(|status| status.details).unwrap_or_default() }
    }

    /// The bytes of `google.rpc.Status`; empty without details.
    pub(crate) fn encode(self, code: tonic::Code, message: &str) -> Bytes {
        if self.items.is_empty() {
            return Bytes::new();
        }
        let status = pb::Status { code: code as i32, message: message.to_owned(), details: self.items };
        Bytes::from(status.encode_to_vec())
    }

    pub(crate) fn push<D: Detail>(&mut self, detail: &D) {
        self.items.push(Any { type_url: format!("{PREFIX}{}", D::NAME), value: detail.encode_to_vec() });
    }

    /// The first detail of a type.
    pub(crate) fn get<D: Detail>(&self) -> Option<D> {
        let found = self.items.iter().find(|item| name_of(&item.type_url) == D::NAME)?;
        D::decode(found.value.as_slice()).ok()
    }

    pub(crate) fn has<D: Detail>(&self) -> bool {
        self.items.iter().any(|item| name_of(&item.type_url) == D::NAME)
    }

    /// Drops what may not leave the process.
    pub(crate) fn retain_listed(&mut self, allowed: &[String]) {
        self.items.retain(|item| {
            let name = name_of(&item.type_url);
            LISTED.contains(&name) || allowed.iter().any(|known| known == name)
        });
    }

    /// The JSON of each detail as `Any`; a type that is not built in is printed with its bytes.
    pub(crate) fn to_json(&self) -> Vec<Value> {
        self.items
            .iter()
            .map(|item| {
                let mut printed = Map::new();
                printed.insert("@type".to_owned(), Value::String(item.type_url.clone()));
                match members(name_of(&item.type_url), &item.value) {
                    Some(members) => printed.extend(members),
                    None => {
                        printed.insert("value".to_owned(), Value::String(STANDARD.encode(&item.value)));
                    }
                }
                Value::Object(printed)
            })
            .collect()
    }
}

/// `google.rpc.RetryInfo` for a delay.
pub(crate) fn retry_info(delay: Duration) -> pb::RetryInfo {
    pb::RetryInfo { retry_delay: prost_types::Duration::try_from(delay).ok() }
}

/// A status that asks its caller to come back after `delay`.
pub(crate) fn retry_status(code: tonic::Code, message: &str, delay: Duration) -> tonic::Status {
    let mut details = Details::default();
    details.push(&retry_info(delay));
    let bytes = details.encode(code, message);
    tonic::Status::with_details(code, message, bytes)
}

/// The wait that a `RetryInfo` asks for, in whole seconds, rounded up, as `Retry-After` wants it.
pub(crate) fn retry_after_seconds(info: &pb::RetryInfo) -> Option<u64> {
    let delay = info.retry_delay.as_ref()?;
    let seconds = u64::try_from(delay.seconds).ok()?;
    Some(seconds + u64::from(delay.nanos > 0))
}

/// The full name in a type URL.
fn name_of(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(_, name)| name)
}

fn error_info(info: &pb::ErrorInfo) -> Value {
    let metadata: std::collections::BTreeMap<_, _> = info.metadata.iter().collect();
    json!({ "reason": info.reason, "domain": info.domain, "metadata": metadata })
}

fn retry_info_json(info: &pb::RetryInfo) -> Value {
    match &info.retry_delay {
        None => json!({}),
        Some(delay) => json!({ "retryDelay": duration(delay) }),
    }
}

/// A duration as ProtoJSON writes it: 0, 3, 6 or 9 digits of fraction.
fn duration(delay: &prost_types::Duration) -> String {
    let sign = if delay.seconds < 0 || delay.nanos < 0 { "-" } else { "" };
    let (seconds, nanos) = (delay.seconds.unsigned_abs(), delay.nanos.unsigned_abs());
    match nanos {
        0 => format!("{sign}{seconds}s"),
        nanos if nanos.is_multiple_of(1_000_000) => format!("{sign}{seconds}.{:03}s", nanos / 1_000_000),
        nanos if nanos.is_multiple_of(1_000) => format!("{sign}{seconds}.{:06}s", nanos / 1_000),
        nanos => format!("{sign}{seconds}.{nanos:09}s"),
    }
}

fn quota_failure(failure: &pb::QuotaFailure) -> Value {
    let violations: Vec<_> = failure
        .violations
        .iter()
        .map(|violation| json!({ "subject": violation.subject, "description": violation.description }))
        .collect();
    json!({ "violations": violations })
}

fn precondition_failure(failure: &pb::PreconditionFailure) -> Value {
    let violations: Vec<_> = failure
        .violations
        .iter()
        .map(|violation| {
            json!({ "type": violation.r#type, "subject": violation.subject, "description": violation.description })
        })
        .collect();
    json!({ "violations": violations })
}

fn bad_request(request: &pb::BadRequest) -> Value {
    let violations: Vec<_> = request
        .field_violations
        .iter()
        .map(|violation| {
            let mut printed = json!({ "field": violation.field, "description": violation.description });
            if !violation.reason.is_empty() {
                printed["reason"] = json!(violation.reason);
            }
            if let Some(text) = &violation.localized_message {
                printed["localizedMessage"] = localized_message(text);
            }
            printed
        })
        .collect();
    json!({ "fieldViolations": violations })
}

fn request_info(info: &pb::RequestInfo) -> Value {
    let mut printed = json!({ "requestId": info.request_id });
    if !info.serving_data.is_empty() {
        printed["servingData"] = json!(info.serving_data);
    }
    printed
}

fn resource_info(info: &pb::ResourceInfo) -> Value {
    json!({
        "resourceType": info.resource_type,
        "resourceName": info.resource_name,
        "owner": info.owner,
        "description": info.description,
    })
}

fn help(help: &pb::Help) -> Value {
    let links: Vec<_> =
        help.links.iter().map(|link| json!({ "description": link.description, "url": link.url })).collect();
    json!({ "links": links })
}

fn localized_message(text: &pb::LocalizedMessage) -> Value {
    json!({ "locale": text.locale, "message": text.message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_details_survive() {
        let mut details = Details::default();
        details.push(&pb::RequestInfo { request_id: "r".into(), serving_data: String::new() });
        details
            .items
            .push(Any { type_url: "type.googleapis.com/google.rpc.DebugInfo".into(), value: vec![] });
        details.items.push(Any { type_url: "type.googleapis.com/acme.v1.Own".into(), value: vec![1, 2] });
        let mut strict = details.clone();
        strict.retain_listed(&[]);
        assert_eq!(strict.items.len(), 1);
        details.retain_listed(&["acme.v1.Own".to_owned()]);
        let printed = Value::Array(details.to_json());
        assert_eq!(
            printed,
            json!([
                { "@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "r" },
                { "@type": "type.googleapis.com/acme.v1.Own", "value": "AQI=" },
            ])
        );
    }

    #[test]
    fn durations_print_as_proto_json() {
        for (millis, text, seconds) in
            [(0, "0s", 0), (30_000, "30s", 30), (1_500, "1.500s", 2), (1, "0.001s", 1)]
        {
            let info = retry_info(Duration::from_millis(millis));
            assert_eq!(retry_info_json(&info), json!({ "retryDelay": text }));
            assert_eq!(retry_after_seconds(&info), Some(seconds));
        }
    }
}
