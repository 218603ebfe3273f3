//! What an operator sees: metrics, readiness, logs, shutdown.

use protogate_e2e::{Curl, Service, token};
use serde_json::Value;

#[test]
fn metrics_readiness_and_log_lines() {
    let mut service = Service::start();
    let secret = token("reader");
    for _ in 0..3 {
        Curl::get(&service.url("/api/v1/config/none"))
            .token(&secret)
            .header("x-request-id", "req-e2e-1")
            .send();
    }
    let metrics = Curl::get(&service.admin_url("/metrics")).send();
    assert_eq!(metrics.status, 200);
    let line = metrics.body.lines().find(|line| {
        line.starts_with("rpc_server_duration") && line.contains("_count") && line.contains("GetConfig")
    });
    let line = line.unwrap_or_else(|| panic!("no series of GetConfig:\n{}", metrics.body));
    assert!(line.ends_with(" 3"), "{line}");
    assert_eq!(Curl::get(&service.admin_url("/livez")).send().status, 200);
    assert_eq!(Curl::get(&service.admin_url("/readyz")).send().status, 200);
    assert_eq!(Curl::get(&service.url("/metrics")).send().status, 404, "metrics are on the admin port only");

    let (code, _) = service.terminate();
    assert_eq!(code, Some(0));
    let log = service.log();
    assert!(!log.contains(&secret), "a token in the log");
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let access = lines.iter().find(|line| line["req_id"] == "req-e2e-1" && line.get("duration_ms").is_some());
    let access = access.unwrap_or_else(|| panic!("no access line with the caller's request id:\n{log}"));
    assert_eq!(access["user_id"], "reader@example.com");
    assert_eq!(access["code"], "NOT_FOUND");
    assert!(access["trace_id"].as_str().is_some_and(|it| it.len() == 32), "{access}");
}

#[test]
fn trace_context_is_taken_over() {
    let service = Service::start();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Curl::get(&service.url("/api/v1/health"))
        .header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"))
        .send();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while !service.log().contains(trace) {
        assert!(std::time::Instant::now() < end, "{}", service.log());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
