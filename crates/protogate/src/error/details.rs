//! The details of a status: decoding, and the listed types that may leave the process.
//!
//! Details travel as `google.rpc.Status` in `grpc-status-details-bin`. Only the types of `google/rpc/error_details.proto`, without
//! `DebugInfo`, and those that the configuration names are sent; anything else could carry internals. Their JSON is `json`'s.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use prost_types::Any;
use tonic_types::pb;

use crate::json::{self, WriteOptions};

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
    ($($type:ty: $name:literal;)*) => {
        $(impl Detail for $type {
            const NAME: &'static str = concat!("google.rpc.", $name);
        })*

        /// The full names of the details that are always sent.
        const LISTED: &[&str] = &[$(concat!("google.rpc.", $name)),*];
    };
}

details! {
    pb::ErrorInfo: "ErrorInfo";
    pb::RetryInfo: "RetryInfo";
    pb::QuotaFailure: "QuotaFailure";
    pb::PreconditionFailure: "PreconditionFailure";
    pb::BadRequest: "BadRequest";
    pb::RequestInfo: "RequestInfo";
    pb::ResourceInfo: "ResourceInfo";
    pb::Help: "Help";
    pb::LocalizedMessage: "LocalizedMessage";
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

    /// Each detail: its full name, its bytes, and, when its type is built in, its JSON without the type.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&str, &[u8], Option<serde_json::Value>)> {
        self.items.iter().map(|item| {
            let printed = json::print(item, WriteOptions::default()).ok();
            let mut debug = printed.and_then(|text| serde_json::from_slice(&text).ok());
            if let Some(serde_json::Value::Object(members)) = &mut debug {
                members.remove("@type");
            }
            (name_of(&item.type_url), item.value.as_slice(), debug)
        })
    }

    /// The JSON of the details as a list of `Any`, on one line. What is not built in, or does not decode, is printed with its bytes.
    pub(crate) fn to_json(&self) -> String {
        let options = WriteOptions { unknown_any_as_bytes: true, ..WriteOptions::default() };
        // With the bytes to fall back to nothing is refused; if it were, the other details would still be worth sending.
        let printed = self.items.iter().filter_map(|item| json::print(item, options).ok());
        let texts: Vec<_> = printed.map(|text| String::from_utf8_lossy(&text).into_owned()).collect();
        format!("[{}]", texts.join(","))
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
        assert_eq!(
            details.to_json(),
            r#"[{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"r"},{"@type":"type.googleapis.com/acme.v1.Own","value":"AQI="}]"#
        );
    }

    #[test]
    fn details_that_json_cannot_express_are_printed_with_their_bytes() {
        let too_long =
            pb::RetryInfo { retry_delay: Some(prost_types::Duration { seconds: i64::MAX, nanos: 0 }) };
        let mut details = Details::default();
        details.push(&pb::ErrorInfo { reason: "A".into(), ..pb::ErrorInfo::default() });
        details.push(&too_long);
        details.items.push(Any { type_url: "type.googleapis.com/google.rpc.Help".into(), value: vec![0xff] });
        assert_eq!(
            details.to_json(),
            concat!(
                r#"[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"A"},"#,
                r#"{"@type":"type.googleapis.com/google.rpc.RetryInfo","value":"CgoI//////////9/"},"#,
                r#"{"@type":"type.googleapis.com/google.rpc.Help","value":"/w=="}]"#,
            )
        );
    }

    #[test]
    fn delays_are_sent_in_full_and_asked_for_in_whole_seconds() {
        for (millis, text, seconds) in
            [(0, "0s", 0), (30_000, "30s", 30), (1_500, "1.500s", 2), (1, "0.001s", 1)]
        {
            let info = retry_info(Duration::from_millis(millis));
            let mut details = Details::default();
            details.push(&info);
            assert!(details.to_json().ends_with(&format!(r#""retryDelay":"{text}"}}]"#)), "{text}");
            assert_eq!(retry_after_seconds(&info), Some(seconds));
        }
    }
}
