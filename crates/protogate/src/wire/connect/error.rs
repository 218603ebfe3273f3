//! A status as Connect writes it: code by name, details with their type and base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use protogate_transcode::Code;
use serde_json::{Map, Value, json};

use crate::error::details::{self, Details};
use crate::error::grpc;

/// The name of a code.
fn name(code: Code) -> String {
    match code {
        // One `l`, other than gRPC's.
        Code::Cancelled => "canceled".to_owned(),
        code => code.name().to_ascii_lowercase(),
    }
}

/// The status in trailers, or in the headers of an answer without any, when it is an error: its code and its JSON.
pub(super) fn read(headers: &HeaderMap) -> Option<(Code, Value)> {
    let code = grpc::code(headers).unwrap_or(Code::Unknown);
    if code == Code::Ok {
        return None;
    }
    let status = grpc::read(headers, code);
    let mut error = Map::new();
    error.insert("code".to_owned(), name(code).into());
    if !status.message().is_empty() {
        error.insert("message".to_owned(), status.message().into());
    }
    let items: Vec<Value> = Details::decode(status.details()).items().map(detail).collect();
    if !items.is_empty() {
        error.insert("details".to_owned(), items.into());
    }
    Some((code, Value::Object(error)))
}

fn detail((name, bytes, debug): (&str, &[u8], Option<Value>)) -> Value {
    let mut detail = json!({ "type": name, "value": STANDARD_NO_PAD.encode(bytes) });
    if let (Some(debug), Some(detail)) = (debug, detail.as_object_mut()) {
        detail.insert("debug".to_owned(), debug);
    }
    detail
}

/// The wait that the status in these headers asks for, as `retry-after` says it.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<HeaderValue> {
    let status = grpc::read(headers, Code::Unknown);
    let info = Details::decode(status.details()).get::<tonic_types::pb::RetryInfo>()?;
    details::retry_after_seconds(&info).map(HeaderValue::from)
}

/// Whether a header is metadata of the handler's, rather than of gRPC's own.
pub(super) fn is_metadata(name: &HeaderName) -> bool {
    !name.as_str().starts_with("grpc-") && *name != http::header::CONTENT_TYPE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_names_of_connect() {
        let names: Vec<_> = Code::all().map(name).collect();
        assert!(names.contains(&"canceled".to_owned()) && names.contains(&"deadline_exceeded".to_owned()));
        assert!(!names.contains(&"cancelled".to_owned()));
    }

    #[test]
    fn a_status_is_read_off_its_headers() {
        let mut details = Details::default();
        details.push(&details::retry_info(std::time::Duration::from_millis(1500)));
        details.push(&tonic_types::pb::RequestInfo { request_id: "r".into(), serving_data: String::new() });
        let bytes = details.encode(tonic::Code::Unavailable, "später");
        let status = tonic::Status::with_details(tonic::Code::Unavailable, "später", bytes);
        let mut headers = HeaderMap::new();
        status.add_header(&mut headers).unwrap();
        let (code, error) = read(&headers).unwrap();
        assert_eq!(code, Code::Unavailable);
        assert_eq!(
            error,
            json!({ "code": "unavailable", "message": "später", "details": [
                { "type": "google.rpc.RetryInfo", "value": "CggIARCAyrXuAQ", "debug": { "retryDelay": "1.500s" } },
                { "type": "google.rpc.RequestInfo", "value": "CgFy", "debug": { "requestId": "r" } },
            ]})
        );
        assert_eq!(retry_after(&headers).unwrap(), "2");
        assert!(
            read(&HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from(0))]))
                .is_none()
        );
        assert_eq!(read(&HeaderMap::new()).unwrap().0, Code::Unknown, "an answer that ends without a status");
    }
}
