//! How failures look: in the caller's protocol, in the caller's language, without anything internal.

use tonic_types::pb;

use crate::client::{grpc, rest, start};

#[tokio::test]
async fn catalogue_errors_in_the_callers_language() {
    let server = start("").await;
    let addr = server.addr();
    let cases = [
        ("", "en", "config `a/b` does not exist"),
        ("zh-CN", "zh-CN", "配置「a/b」不存在"),
        ("fr, zh;q=0.5", "zh-CN", "配置「a/b」不存在"),
        ("de-AT", "de", "„a/b“ fehlt"),
        ("fr", "en", "config `a/b` does not exist"),
    ];
    for (language, locale, text) in cases {
        for name in ["accept-language", "grpc-accept-language"] {
            let answer = grpc(addr, "Fail", &[(name, language), ("x-request-id", "req-1")], "catalog").await;
            assert!(answer.trailers_only());
            assert_eq!((answer.code(), answer.message().as_str()), (5, "config `a/b` does not exist"));
            let localized: pb::LocalizedMessage = answer.detail("LocalizedMessage").unwrap();
            assert_eq!((localized.locale.as_str(), localized.message.as_str()), (locale, text));
            let info: pb::ErrorInfo = answer.detail("ErrorInfo").unwrap();
            assert_eq!((info.reason.as_str(), info.domain.as_str()), ("CONFIG_NOT_FOUND", "test.example"));
            assert_eq!(
                (info.metadata["code"].as_str(), info.metadata["key"].as_str()),
                ("ERR_CONFIG_404", "a/b")
            );
            assert_eq!(answer.detail::<pb::RequestInfo>("RequestInfo").unwrap().request_id, "req-1");
        }
        let headers = [("accept-language", language), ("x-request-id", "req-1")];
        let answer = rest(addr, "POST", "/v1/fail", &headers, "\"catalog\"").await;
        assert_eq!((answer.status, answer.header("content-type")), (410, "application/json"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let expected = serde_json::json!({
            "code": 5,
            "message": "config `a/b` does not exist",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "CONFIG_NOT_FOUND",
                    "domain": "test.example", "metadata": { "code": "ERR_CONFIG_404", "key": "a/b" },
                },
                { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": locale, "message": text },
                { "@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "req-1" },
            ],
        });
        assert_eq!(answer.json(), expected);
        // The same after the first message: in trailers, and in the stream's own form.
        let answer = grpc(addr, "WatchFail", &headers, "").await;
        assert!(!answer.trailers_only());
        assert_eq!((answer.messages(), answer.code()), (vec!["one".to_owned()], 5));
        let localized: pb::LocalizedMessage = answer.detail("LocalizedMessage").unwrap();
        assert_eq!(localized.locale, locale);
        let answer = rest(addr, "GET", "/v1/watchfail", &headers, "").await;
        let lines: Vec<_> =
            answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let last: serde_json::Value = serde_json::from_slice(lines[1]).unwrap();
        assert_eq!(last["error"]["details"][1]["locale"], locale);
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn nothing_internal_leaves_the_process() {
    let server = start("").await;
    let addr = server.addr();
    for (wish, code, http) in
        [("internal", 13, 500), ("unknown", 2, 500), ("panic", 13, 500), ("field", 5, 410)]
    {
        let over_grpc = grpc(addr, "Fail", &[], wish).await;
        assert_eq!(over_grpc.code(), code, "{wish}");
        let over_rest = rest(addr, "POST", "/v1/fail", &[], &format!("\"{wish}\"")).await;
        assert_eq!(over_rest.status, http, "{wish}");
        for text in [format!("{over_grpc:?} {:?}", over_grpc.details()), format!("{over_rest:?}")] {
            assert!(!text.contains("canary"), "{wish}: {text}");
        }
        if code != 5 {
            assert_eq!(over_grpc.message(), "internal error");
            assert_eq!(over_rest.json()["message"], "internal error");
        } else {
            let violations: pb::BadRequest = over_grpc.detail("BadRequest").unwrap();
            assert_eq!(violations.field_violations[0].field, "config.key");
        }
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let server = start("").await;
    let addr = server.addr();
    let answer = grpc(addr, "Fail", &[], "hostile").await;
    assert_eq!(answer.message(), "config `{{7*7}} {key} %s <script>\\r\\n` does not exist");
    let answer = rest(addr, "POST", "/v1/fail", &[], "\"hostile\"").await;
    assert_eq!(answer.json()["message"], "config `{{7*7}} {key} %s <script>\\r\\n` does not exist");
    let answer = grpc(addr, "Fail", &[], "newline").await;
    assert_eq!((answer.code(), answer.message().as_str()), (5, "a\\r\\ngrpc-status: 0\\u{0}「x」"));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn retryable_errors_say_when() {
    let server = start("").await;
    let answer = grpc(server.addr(), "Fail", &[], "busy").await;
    let info: pb::RetryInfo = answer.detail("RetryInfo").unwrap();
    assert_eq!(info.retry_delay.unwrap(), prost_types::Duration { seconds: 1, nanos: 500_000_000 });
    let answer = rest(server.addr(), "POST", "/v1/fail", &[], "\"busy\"").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn many_panics_end_nothing() {
    // Unwinding the deep stack of a debug build takes 40 ms.
    let times = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 1000 } else { 50 };
    std::panic::set_hook(Box::new(|_| {}));
    let server = start("[limits]\ncalls_per_second = 100000\ncalls_burst = 100000\n").await;
    let mut sender = crate::client::connect(server.addr()).await;
    for _ in 0..times {
        let request = crate::client::grpc_request(server.addr(), "/t.v1.Test/Fail", &[], "panic");
        let answer = crate::client::Answer::of(sender.send_request(request).await.unwrap()).await;
        assert_eq!(answer.code(), 13);
    }
    assert_eq!(grpc(server.addr(), "Open", &[], "x").await.code(), 0);
    let metrics = crate::admin::get(server.admin_addr().unwrap(), "/metrics").await;
    assert!(metrics.contains(&format!("server_panics_total {times}\n")), "{metrics}");
    assert!(server.shutdown().await);
}
