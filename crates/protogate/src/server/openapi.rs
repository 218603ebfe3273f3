//! `/openapi.json`: the documents of the mounted services as one.
//!
//! A generated document describes a whole contract; what is not mounted is left out, so that no operation stands there that nobody
//! serves. A document that does not say where its API is gets the address of this server. Made when it is first asked for.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::OnceLock;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};

/// What an operation says about its rpc: `acme.v1.Library/GetBook`.
const RPC: &str = "x-protogate-rpc";
/// Operations of methods that OpenAPI has no key for.
const OTHERS: &str = "x-protogate-operations";

/// The documents, and the one that is served.
#[derive(Debug)]
pub(super) struct OpenApi {
    /// Service and document.
    documents: Vec<(&'static str, &'static str)>,
    server: String,
    made: OnceLock<(Bytes, HeaderValue)>,
}

impl OpenApi {
    /// For these services, at this address.
    pub(super) fn new(
        documents: Vec<(&'static str, &'static str)>,
        address: SocketAddr,
        is_tls: bool,
    ) -> Self {
        let scheme = if is_tls { "https" } else { "http" };
        Self { documents, server: format!("{scheme}://{address}"), made: OnceLock::new() }
    }

    /// Whether a service has a document.
    pub(super) fn is_there(&self) -> bool {
        !self.documents.is_empty()
    }

    /// The document, or 304 for a caller who has it.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let (content, tag) = self.made.get_or_init(|| {
            let content = Bytes::from(self.make().to_string());
            (content.clone(), tag_of(&content))
        });
        let known = headers.get_all(IF_NONE_MATCH).iter().any(|it| names(it, tag));
        let mut response = Response::new(Full::new(if known { Bytes::new() } else { content.clone() }));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ETAG, tag.clone());
        response
    }

    fn make(&self) -> Value {
        let mounted: BTreeSet<&str> = self.documents.iter().map(|it| it.0).collect();
        let texts: BTreeSet<&str> = self.documents.iter().map(|it| it.1).collect();
        let mut whole = Value::Null;
        for text in texts {
            // Written by the generator; another text has nothing to add.
            let Ok(document) = serde_json::from_str::<Value>(text) else { continue };
            if whole.is_null() { whole = document } else { merge(&mut whole, document) }
        }
        if let Some(paths) = whole.get_mut("paths").and_then(Value::as_object_mut) {
            for item in paths.values_mut() {
                keep(item, &mounted);
            }
            paths.retain(|_, item| item.as_object().is_none_or(|it| !it.is_empty()));
        }
        keep_used_tags(&mut whole);
        if whole.get("servers") == Some(&json!([{"url": "/"}])) {
            whole["servers"] = json!([{"url": self.server}]);
        }
        whole
    }
}

/// Adds what another document has and this one does not.
fn merge(whole: &mut Value, other: Value) {
    match (whole, other) {
        (Value::Object(whole), Value::Object(other)) => {
            for (key, value) in other {
                match whole.get_mut(&key) {
                    Some(place) => merge(place, value),
                    None => drop(whole.insert(key, value)),
                }
            }
        }
        (Value::Array(whole), Value::Array(other)) => {
            for value in other {
                if !whole.contains(&value) {
                    whole.push(value);
                }
            }
        }
        // The first one counts.
        _ => {}
    }
}

/// Leaves the operations of mounted services.
fn keep(item: &mut Value, mounted: &BTreeSet<&str>) {
    let Some(item) = item.as_object_mut() else { return };
    let serves = |operation: &Value| {
        let rpc = operation.get(RPC).and_then(Value::as_str).and_then(|it| it.split_once('/'));
        rpc.is_none_or(|(service, _)| mounted.contains(service))
    };
    if let Some(others) = item.get_mut(OTHERS).and_then(Value::as_object_mut) {
        others.retain(|_, operation| serves(operation));
    }
    item.retain(|key, value| match key.as_str() {
        OTHERS => value.as_object().is_some_and(|it| !it.is_empty()),
        _ => serves(value),
    });
}

/// Leaves the tags that an operation has.
fn keep_used_tags(document: &mut Value) {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let operations = items.filter_map(Value::as_object).flat_map(|item| {
        let others = item.get(OTHERS).and_then(Value::as_object).into_iter().flat_map(Map::values);
        item.values().chain(others)
    });
    let used: BTreeSet<String> = operations
        .filter_map(|it| it.get("tags")?.as_array())
        .flatten()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect();
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        tags.retain(|it| it.get("name").and_then(Value::as_str).is_some_and(|it| used.contains(it)));
    }
}

/// An entity tag of the content: 64 bits of FNV-1a, which tells one build's document from another's.
fn tag_of(content: &[u8]) -> HeaderValue {
    let hash = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    HeaderValue::from_str(&format!("\"{hash:016x}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether a list of entity tags has this one, compared weakly.
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else { return false };
    list.split(',').map(str::trim).any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"openapi":"3.1.0","servers":[{"url":"/"}],"tags":[{"name":"A"},{"name":"B"}],"paths":{
        "/a":{"get":{"tags":["A"],"x-protogate-rpc":"x.A/Get"},"put":{"tags":["B"],"x-protogate-rpc":"x.B/Put"}},
        "/b":{"x-protogate-operations":{"LIST":{"tags":["B"],"x-protogate-rpc":"x.B/List"}}}},
        "components":{"schemas":{"x.A":{}}}}"#;
    const TWO: &str = r#"{"openapi":"3.1.0","servers":[{"url":"/"}],"tags":[{"name":"C"}],"paths":{
        "/a":{"post":{"tags":["C"],"x-protogate-rpc":"y.C/Post"}}},"components":{"schemas":{"y.C":{}}}}"#;

    fn open(documents: Vec<(&'static str, &'static str)>) -> OpenApi {
        OpenApi::new(documents, SocketAddr::from(([127, 0, 0, 1], 8080)), false)
    }

    #[test]
    fn describes_what_is_mounted() {
        let one = open(vec![("x.A", ONE)]).make();
        assert_eq!(one["paths"], json!({"/a": {"get": {"tags": ["A"], "x-protogate-rpc": "x.A/Get"}}}));
        assert_eq!(one["tags"], json!([{"name": "A"}]));
        assert_eq!(one["servers"], json!([{"url": "http://127.0.0.1:8080"}]));
        let all = open(vec![("x.A", ONE), ("x.B", ONE), ("y.C", TWO)]).make();
        let methods: Vec<_> = all["paths"]["/a"].as_object().unwrap().keys().collect();
        assert_eq!(methods, ["get", "post", "put"]);
        assert!(all["paths"]["/b"][OTHERS]["LIST"].is_object());
        assert_eq!(all["tags"], json!([{"name": "A"}, {"name": "B"}, {"name": "C"}]));
        assert_eq!(all["components"]["schemas"], json!({"x.A": {}, "y.C": {}}));
    }

    #[test]
    fn a_known_document_is_not_sent_again() {
        let openapi = open(vec![("x.A", ONE)]);
        let first = openapi.answer(&HeaderMap::new());
        assert_eq!(first.headers()[CONTENT_TYPE], "application/json");
        let tag = first.headers()[ETAG].clone();
        let mut headers = HeaderMap::new();
        let weak = format!("\"x\", W/{}", tag.to_str().unwrap());
        headers.insert(IF_NONE_MATCH, HeaderValue::from_str(&weak).unwrap());
        let second = openapi.answer(&headers);
        assert_eq!((second.status(), &second.headers()[ETAG]), (StatusCode::NOT_MODIFIED, &tag));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"x\""));
        assert_eq!(openapi.answer(&headers).status(), StatusCode::OK);
    }
}
