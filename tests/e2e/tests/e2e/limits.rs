//! What is too large or too slow.

use protogate_e2e::{Curl, Service, Settings, token};
use serde_json::json;

#[test]
fn oversized_content_is_413_in_both_forms() {
    let service = Service::start_with(Settings { body: Some(4096), ..Settings::default() });
    let send = |size: usize| {
        Curl::new("PUT", &service.url("/api/v1/config/x"))
            .token(&token("editor"))
            .json(&json!({"value": "x".repeat(size)}))
    };
    assert_eq!(send(3000).send().status, 200);
    let declared = send(5000).send();
    assert_eq!((declared.status, &declared.json()["code"]), (413, &json!(8)), "{declared:?}");
    let chunked = send(5000).header("transfer-encoding", "chunked").send();
    assert_eq!(chunked.status, 413, "{chunked:?}");
}

#[test]
fn a_deadline_that_has_passed_is_504() {
    let service = Service::start();
    let send = |name: &str, value: &str| {
        Curl::get(&service.url("/api/v1/config/x")).token(&token("reader")).header(name, value).send()
    };
    let late = send("grpc-timeout", "1n");
    assert_eq!((late.status, &late.json()["code"]), (504, &json!(4)), "{late:?}");
    assert_eq!(send("x-server-timeout", "0.000001").status, 504);
    assert_eq!(send("x-server-timeout", "5").status, 404);
    for (name, value) in [("grpc-timeout", "5"), ("grpc-timeout", "-1S"), ("x-server-timeout", "soon")] {
        let bad = send(name, value);
        assert_eq!((bad.status, &bad.json()["code"]), (400, &json!(3)), "{name}: {value}: {bad:?}");
    }
}
