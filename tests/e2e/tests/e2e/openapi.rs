//! What the service says of its REST API, and whether it is so.

use protogate_e2e::{Curl, Service, token};
use serde_json::{Value, json};

#[test]
fn the_document_is_on_the_admin_port_alone() {
    let service = Service::start();
    let first = Curl::get(&service.admin_url("/openapi.json")).send();
    assert_eq!(first.status, 200);
    assert_eq!(first.header("content-type"), Some("application/json"));
    let tag = first.header("etag").unwrap().to_owned();
    let again = Curl::get(&service.admin_url("/openapi.json")).header("if-none-match", &tag).send();
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(Curl::get(&service.url("/openapi.json")).send().status, 404);

    let document: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"], json!([{"url": service.url("")}]));
    let get = &document["paths"]["/api/v1/config/{key}"]["get"];
    assert_eq!(get["x-protogate-roles"], json!(["reader", "editor", "admin"]));
    assert_eq!(document["paths"]["/api/v1/health"]["get"]["security"], json!([]));
}

/// The statuses and bodies that the document names are those that are sent.
#[test]
fn the_document_tells_the_truth() {
    let service = Service::start();
    let document = Curl::get(&service.admin_url("/openapi.json")).send().body;
    let document: Value = serde_json::from_str(&document).unwrap();
    for operation in document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    }) {
        let (path, method, operation) = operation;
        let url = service.url(&path.replace("{key}", "a"));
        let asks = operation["security"] != json!([]);
        let bare = Curl::new(&method.to_uppercase(), &url).send();
        assert_eq!(bare.status == 401, asks, "{method} {path}: {}", bare.status);
        assert_eq!(operation["responses"]["401"].is_object(), asks, "{method} {path}");
    }
    let missing = Curl::get(&service.url("/api/v1/config/none")).token(&token("reader")).send();
    let sent: Value = serde_json::from_str(&missing.body).unwrap();
    let responses = &document["components"]["responses"];
    let named = &responses["reference_service.v1.Reasons.404"]["content"]["application/json"]["examples"]["CONFIG_NOT_FOUND"]
        ["value"];
    assert_eq!(missing.status, 404);
    assert_eq!(sent["code"], named["code"]);
    for key in ["@type", "reason", "domain"] {
        assert_eq!(sent["details"][0][key], named["details"][0][key]);
    }
    assert_eq!(sent["details"][0]["metadata"], json!({"code": "ERR_CONFIG_001", "key": "none"}));
    let keys: Vec<_> = named["details"][0]["metadata"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "key"]);
}
