//! Log lines: one JSON object a line, the ids of the call in it, nothing hostile and nothing secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::client::{admin_token, grpc, rest, start};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Sink {
    fn lines(&self) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }
}

/// A dispatcher beside that of a test. While there is only one, an event that another test's thread meets first is switched off for
/// all threads, because that thread has no subscriber.
fn second() -> tracing::Dispatch {
    tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default())
}

#[tokio::test(flavor = "current_thread")]
async fn panics_are_internal_errors_in_the_log() {
    let sink = Sink::default();
    let made = sink.clone();
    let config = crate::client::config("");
    let (subscriber, _handle) = protogate::telemetry::subscriber(&config, move || made.clone()).unwrap();
    let _second = second();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = start("").await;
    let answer = grpc(server.addr(), "Fail", &[("x-request-id", "req-1")], "panic").await;
    assert_eq!((answer.code(), answer.header("x-request-id")), (13, "req-1"));
    let answer = rest(server.addr(), "POST", "/v1/fail", &[("x-request-id", "req-2")], "\"panic\"").await;
    assert_eq!((answer.status, answer.header("x-request-id")), (500, "req-2"));
    assert_eq!(grpc(server.addr(), "WatchPanic", &[], "").await.code(), 13);
    let answer = rest(server.addr(), "GET", "/v1/watchpanic", &[], "").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("{\"error\": {\"code\":13") && !text.contains("canary"), "{text}");
    // A stream that fails late has a good head, and is no success.
    assert_eq!(rest(server.addr(), "GET", "/v1/watchfail", &[], "").await.status, 200);
    let lines = sink.lines();
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "protogate::access").collect();
    let codes: Vec<_> = access.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["INTERNAL", "INTERNAL", "INTERNAL", "INTERNAL", "NOT_FOUND"], "{access:#?}");
    let metrics = crate::admin::get(server.admin_addr().unwrap(), "/metrics").await;
    assert!(metrics.contains("server_panics_total 4\n"), "{metrics}");
    assert!(server.shutdown().await);
}

// The runtime of this test is on one thread, so the thread's subscriber sees the server's tasks.
#[tokio::test(flavor = "current_thread")]
async fn lines_are_flat_json_with_the_ids_of_the_call() {
    let sink = Sink::default();
    let made = sink.clone();
    let config = crate::client::config("");
    let (subscriber, handle) = protogate::telemetry::subscriber(&config, move || made.clone()).unwrap();
    let _second = second();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = start("").await;
    let addr = server.addr();

    let bearer = format!("Bearer {}", admin_token());
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [("authorization", bearer.as_str()), ("x-request-id", "req-7"), ("traceparent", trace)];
    let answer = grpc(addr, "Admin", &headers, "x").await;
    assert_eq!(answer.header("x-request-id"), "req-7");
    grpc(addr, "Fail", &[("x-request-id", "req-8")], "field").await;
    grpc(addr, "Fail", &[("x-request-id", "req-9")], "internal").await;
    rest(addr, "GET", "/none/%1b%5b31m%e2%80%ae", &[("x-request-id", "bad id")], "").await;
    rest(addr, "POST", "/v1/bare", &[("authorization", bearer.as_str())], "\"x\"").await;
    rest(addr, "POST", "/v1/admin", &[("authorization", "Bearer wrong.token.here")], "\"x\"").await;

    let lines = sink.lines();
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "protogate::access").collect();
    assert_eq!(access.len(), 6, "{access:#?}");
    let first = access[0];
    for (name, value) in [
        ("trace_id", "0af7651916cd43dd8448eb211c80319c"),
        ("req_id", "req-7"),
        ("user_id", "root"),
        ("method", "/t.v1.Test/Admin"),
        ("protocol", "grpc"),
        ("code", "OK"),
        ("level", "INFO"),
        ("peer", "127.0.0.1"),
    ] {
        assert_eq!(first[name], value, "{first}");
    }
    assert_eq!(first["span_id"].as_str().unwrap().len(), 16);
    assert!(first["duration_ms"].as_f64().unwrap() > 0.0);
    assert_ne!(access[3]["req_id"], "bad id");
    assert_eq!((&access[3]["code"], &access[3]["http_status"]), (&"NOT_FOUND".into(), &404.into()));
    // Internal detail is in the log, with the id that the caller has.
    let detail = |req_id: &str, part: &str| {
        lines.iter().any(|line| {
            line["req_id"] == req_id && line["detail"].as_str().is_some_and(|text| text.contains(part))
        })
    };
    assert!(detail("req-8", "canary-sql") && detail("req-9", "canary SELECT"), "{lines:#?}");
    // Refusals are in the audit log, with their reason.
    let audit: Vec<_> = lines.iter().filter(|line| line["target"] == "protogate::audit").collect();
    assert!(
        audit.iter().any(
            |line| line["message"] == "credentials refused" && line["reason"] == "malformed token header"
        )
    );
    assert!(audit.iter().any(|line| line["message"] == "denied" && line["user_id"] == "root"));
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    assert!(!text.contains(&bearer[7..]) && !text.contains("wrong.token.here"), "tokens are never logged");

    handle.set_level("off").unwrap();
    grpc(addr, "Open", &[], "x").await;
    assert_eq!(sink.lines().len(), lines.len(), "the level is reloaded");
    rest(addr, "POST", "/v1/admin", &[("authorization", "Bearer wrong.token.here")], "\"x\"").await;
    let more = sink.lines().split_off(lines.len());
    assert!(
        more.len() == 1 && more[0]["target"] == "protogate::audit",
        "audit is not switched off: {more:#?}"
    );
    assert!(handle.set_level("protogate=nonsense=").is_err());
    assert!(server.shutdown().await);
}
