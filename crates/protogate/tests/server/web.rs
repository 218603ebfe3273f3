//! gRPC-Web and Connect as bytes, compression, and pages of other origins. Foreign clients are in the end-to-end tests.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use prost::Message as _;
use protogate::Server;
use serde_json::{Value, json};

use crate::client::{Answer, admin_token, config, frame, grpc, raw, rest, send, start, token};

const WEB: (&str, &str) = ("content-type", "application/grpc-web+proto");
const TEXT: (&str, &str) = ("content-type", "application/grpc-web-text");
const JSON: (&str, &str) = ("content-type", "application/json");
const PROTO: (&str, &str) = ("content-type", "application/proto");
const STREAM_JSON: (&str, &str) = ("content-type", "application/connect+json");
const STREAM_PROTO: (&str, &str) = ("content-type", "application/connect+proto");

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn gunzip(content: &[u8]) -> Vec<u8> {
    let mut inflated = Vec::new();
    GzDecoder::new(content).read_to_end(&mut inflated).unwrap();
    inflated
}

fn envelope(flags: u8, message: &[u8]) -> Vec<u8> {
    let mut bytes = vec![flags];
    bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    bytes.extend(message);
    bytes
}

/// The envelopes of an answer: flags and message.
fn envelopes(mut content: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while !content.is_empty() {
        let length = u32::from_be_bytes(content[1..5].try_into().unwrap()) as usize;
        found.push((content[0], content[5..5 + length].to_vec()));
        content = &content[5 + length..];
    }
    found
}

/// The texts and the trailers of a gRPC-Web answer.
fn web(content: &[u8]) -> (Vec<String>, String) {
    let mut frames = envelopes(content);
    let (flags, trailers) = frames.pop().unwrap();
    assert_eq!(flags, 0x80);
    let texts = frames.iter().map(|(flags, message)| {
        assert_eq!(*flags, 0);
        String::decode(message.as_slice()).unwrap()
    });
    (texts.collect(), String::from_utf8(trailers).unwrap())
}

#[tokio::test]
async fn grpc_web_has_its_trailers_in_the_content() {
    let server = start("").await;
    let addr = server.addr();
    let answer = send(addr, "POST /t.v1.Test/Open", &[WEB, ("x-grpc-web", "1")], frame("a")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/grpc-web+proto"));
    assert!(answer.trailers.is_empty() && !answer.headers.contains_key("grpc-status"));
    assert_eq!(web(&answer.body), (vec!["Open:a".to_owned()], "grpc-status: 0\r\n".to_owned()));

    // base64 in runs with padding each, cut at will.
    let content = frame("a");
    let runs = [STANDARD.encode(&content[..4]), STANDARD.encode(&content[4..])].concat();
    for text in [STANDARD.encode(&content), runs] {
        let answer = send(addr, "POST /t.v1.Test/Open", &[TEXT], text).await;
        assert_eq!(answer.header("content-type"), "application/grpc-web-text+proto");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        let bytes: Vec<u8> =
            text.as_bytes().chunks(4).flat_map(|group| STANDARD.decode(group).unwrap()).collect();
        assert_eq!(web(&bytes).0, ["Open:a"]);
    }
    let answer = send(
        addr,
        "POST /t.v1.Test/Open",
        &[TEXT, ("accept", "application/grpc-web+proto")],
        STANDARD.encode(&content),
    )
    .await;
    assert_eq!(web(&answer.body).0, ["Open:a"]);

    // An error is in the headers when there is nothing else, and in the last frame behind messages.
    let answer =
        send(addr, "POST /t.v1.Test/Fail", &[WEB, ("accept-language", "zh-CN")], frame("catalog")).await;
    assert_eq!((answer.status, answer.code(), answer.body.len()), (200, 5, 0));
    assert_eq!(answer.header("content-type"), "application/grpc-web+proto");
    let local: tonic_types::pb::LocalizedMessage = answer.detail("LocalizedMessage").unwrap();
    assert_eq!(local.message, "配置「a/b」不存在");
    let answer = send(addr, "POST /t.v1.Test/WatchFail", &[WEB], frame("")).await;
    let (texts, trailers) = web(&answer.body);
    assert_eq!(texts, ["one"]);
    assert!(
        trailers.starts_with("grpc-status: 5\r\n") && trailers.contains("grpc-status-details-bin: "),
        "{trailers}"
    );

    // HTTP/1.1 has the same bytes, and a caller's deadline ends a stream in good form.
    let mut request = format!(
        "POST /t.v1.Test/Watch HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc-web\r\ngrpc-timeout: 100m\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        frame("").len()
    )
    .into_bytes();
    request.extend(frame(""));
    let text = raw(addr, &request).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.contains("tick1"), "{text}");
    assert!(text.contains("grpc-status: 4\r\n") && text.contains("the deadline passed"), "{text}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn connect_calls_are_bare_messages() {
    let server = start("").await;
    let addr = server.addr();
    let open = "POST /t.v1.Test/Open";
    let answer = send(addr, open, &[JSON, ("connect-protocol-version", "1")], "\"a\"").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!((answer.json(), answer.header("content-length")), (json!("Open:a"), "8"));
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("grpc-")), "{answer:?}");
    let proto = "a".to_owned().encode_to_vec();
    let answer = send(addr, open, &[PROTO], proto).await;
    assert_eq!(answer.header("content-type"), "application/proto");
    assert_eq!(String::decode(answer.body).unwrap(), "Open:a");
    // No content is the empty message.
    assert_eq!(send(addr, open, &[JSON], "").await.json(), json!("Open:"));
    assert_eq!(send(addr, open, &[PROTO, ("content-encoding", "gzip")], "").await.status, 200);

    let answer = send(addr, open, &[JSON, ("accept-encoding", "br, gzip")], "\"metadata\"").await;
    assert_eq!((answer.header("x-shelf"), answer.header("x-key-bin")), ("7", "AQI"));
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), ("gzip", "accept-encoding"));
    assert_eq!(gunzip(&answer.body).len(), 2002);
    let packed = [JSON, ("content-encoding", "gzip")];
    assert_eq!(send(addr, open, &packed, gzip(b"\"a\"")).await.json(), json!("Open:a"));

    let query = "?encoding=json&message=%22a%20b%22&connect=v1&x=y";
    let answer = send(addr, &format!("GET /t.v1.Test/Read{query}"), &[], "").await;
    assert_eq!((answer.status, answer.json()), (200, json!("Read:a b")));
    let head = send(addr, &format!("HEAD /t.v1.Test/Read{query}"), &[], "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "10", 0));
    let message = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(gzip(b"\x0a\x01a"));
    let line = format!("GET /t.v1.Test/Read?message={message}&base64=1&compression=gzip&encoding=proto");
    assert_eq!(String::decode(send(addr, &line, &[], "").await.body).unwrap(), "Read:a");
    for (path, allow) in [("Read", "GET, HEAD, OPTIONS, POST"), ("Open", "OPTIONS, POST")] {
        let answer = send(addr, &format!("PUT /t.v1.Test/{path}"), &[JSON], "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, allow));
    }
    assert_eq!(send(addr, &format!("GET /t.v1.Test/Open{query}"), &[], "").await.status, 405);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn connect_streams_end_with_an_envelope() {
    let server = start("").await;
    let addr = server.addr();
    let json = |text: &str| envelope(0, format!("\"{text}\"").as_bytes());
    let answer = send(addr, "POST /t.v1.Test/Chat", &[STREAM_JSON], [json("a"), json("b")].concat()).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/connect+json"));
    assert!(answer.trailers.is_empty());
    let expected = vec![(0, b"\"a!\"".to_vec()), (0, b"\"b!\"".to_vec()), (2, b"{}".to_vec())];
    assert_eq!(envelopes(&answer.body), expected);

    // Compressed both ways: only what is worth it.
    let long = "x".repeat(2000);
    let headers = [STREAM_JSON, ("connect-content-encoding", "gzip"), ("connect-accept-encoding", "gzip")];
    let content = [envelope(1, &gzip(format!("\"{long}\"").as_bytes())), json("b")].concat();
    let answer = send(addr, "POST /t.v1.Test/Chat", &headers, content).await;
    assert_eq!(answer.header("connect-content-encoding"), "gzip");
    let found = envelopes(&answer.body);
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), [1, 0, 2]);
    assert_eq!(gunzip(&found[0].1), format!("\"{long}!\"").as_bytes());

    // An error behind messages, and one without: the HTTP status is 200 in both.
    let proto = envelope(0, b"");
    let answer = send(addr, "POST /t.v1.Test/WatchFail", &[STREAM_PROTO], proto.clone()).await;
    let found = envelopes(&answer.body);
    assert_eq!((found[0].0, String::decode(found[0].1.as_slice()).unwrap()), (0, "one".to_owned()));
    let end: Value = serde_json::from_slice(&found[1].1).unwrap();
    assert_eq!((found[1].0, &end["error"]["code"]), (2, &json!("not_found")));
    assert_eq!(end["error"]["details"][0]["type"], "google.rpc.ErrorInfo");
    let answer = send(addr, "POST /t.v1.Test/WatchAdmin", &[STREAM_PROTO], proto).await;
    let found = envelopes(&answer.body);
    assert_eq!((answer.status, found.len(), found[0].0), (200, 1, 2));
    assert!(String::from_utf8_lossy(&found[0].1).contains("\"code\":\"unauthenticated\""), "{found:?}");

    // One message, no more, no less, where the rpc takes one.
    for content in [vec![], [envelope(0, b""), envelope(0, b"")].concat()] {
        let answer = send(addr, "POST /t.v1.Test/WatchFail", &[STREAM_PROTO], content).await;
        let end = envelopes(&answer.body).pop().unwrap();
        assert!(String::from_utf8_lossy(&end.1).contains("\"unimplemented\""), "{end:?}");
    }
    assert!(server.shutdown().await);
}

/// What a refusal looks like to a caller of each protocol.
fn code(answer: &Answer, protocol: &str) -> String {
    match protocol {
        "grpc-web" => format!("{} {}", answer.status, answer.code()),
        "connect" => format!("{} {}", answer.status, answer.json()["code"].as_str().unwrap()),
        _ => String::from_utf8_lossy(&envelopes(&answer.body).pop().unwrap().1).into_owned(),
    }
}

#[tokio::test]
async fn every_layer_refuses_in_the_callers_protocol() {
    let server = start("[limits]\nmessage_in = \"2KiB\"\n").await;
    let addr = server.addr();
    let low = format!("Bearer {}", token("low", &[], &[], Duration::from_secs(60)));
    let low = ("authorization", low.as_str());
    let long = "x".repeat(3000);
    let bomb = gzip(&vec![b' '; 1 << 20]);
    // Method, headers, text, gRPC-Web's and Connect's answer.
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str, &'a str, &'a str);
    let cases: Vec<Case<'_>> = vec![
        ("Admin", vec![], "x", "200 16", "401 unauthenticated"),
        ("Admin", vec![low], "x", "200 7", "403 permission_denied"),
        ("Bare", vec![low], "x", "200 7", "403 permission_denied"),
        ("None", vec![], "x", "200 12", "404 unimplemented"),
        ("Open", vec![], &long, "200 8", "429 resource_exhausted"),
        ("Open", vec![("grpc-timeout", "5")], "x", "200 3", "400 invalid_argument"),
        ("Open", vec![("grpc-timeout", "1n")], "x", "200 4", "504 deadline_exceeded"),
        ("Slow", vec![], "x", "200 4", "504 deadline_exceeded"),
        ("Fail", vec![], "x", "200 9", "400 failed_precondition"),
        ("Fail", vec![], "internal", "200 13", "500 internal"),
        ("Fail", vec![], "panic", "200 13", "500 internal"),
        ("Fail", vec![], "busy", "200 14", "503 unavailable"),
        ("Limited", vec![], "x", "200", "200"),
        ("Limited", vec![], "x", "200 8", "429 resource_exhausted"),
    ];
    for (method, headers, text, of_web, of_connect) in &cases {
        let line = format!("POST /t.v1.Test/{method}");
        let with = |first| [vec![first], headers.clone()].concat();
        let answer = send(addr, &line, &with(WEB), frame(text)).await;
        if *of_web != "200" {
            assert_eq!(code(&answer, "grpc-web"), *of_web, "{method} {text:.9}");
        }
        assert_eq!(answer.header("content-type"), "application/grpc-web+proto");
        let answer = send(addr, &line, &with(JSON), format!("\"{text}\"")).await;
        let answer = match *method {
            // Known by its path alone.
            "None" => send(addr, &line, &with(PROTO), "").await,
            _ => answer,
        };
        assert!(!answer.header("x-request-id").is_empty(), "{method}");
        if *of_connect != "200" {
            assert_eq!(code(&answer, "connect"), *of_connect, "{method} {text:.9}");
            assert_eq!(answer.header("content-type"), "application/json");
            let id = answer.json()["details"]
                .as_array()
                .unwrap()
                .iter()
                .any(|it| it["type"] == "google.rpc.RequestInfo");
            assert!(id, "{method}: {:?}", answer.json());
        }
    }
    let answer = send(addr, "POST /t.v1.Test/Admin", &[JSON], "\"x\"").await;
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(answer.json()["message"], "invalid or missing credentials");
    let answer = send(addr, "POST /t.v1.Test/Fail", &[JSON], "\"busy\"").await;
    assert_eq!(answer.header("retry-after"), "2");
    let retry = answer.json()["details"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["type"] == "google.rpc.RetryInfo")
        .cloned();
    assert_eq!(retry.unwrap()["debug"], json!({ "retryDelay": "1.500s" }));
    let answer = send(addr, "POST /t.v1.Test/Fail", &[JSON], "\"internal\"").await;
    assert_eq!(answer.json()["message"], "internal error");

    // What is wrong with the form of a Connect request.
    let gzipped = ("content-encoding", "gzip");
    type Wrong<'a> = (&'a str, Vec<(&'a str, &'a str)>, Vec<u8>, &'a str);
    let connect: Vec<Wrong<'_>> = vec![
        ("Open", vec![JSON], b"\"".to_vec(), "400 invalid_argument"),
        ("Open", vec![PROTO], b"\x0a\xff".to_vec(), "400 invalid_argument"),
        ("Open", vec![JSON, gzipped], b"\"x\"".to_vec(), "400 invalid_argument"),
        ("Open", vec![JSON, gzipped], bomb.clone(), "429 resource_exhausted"),
        ("Open", vec![JSON, ("content-encoding", "br")], b"\"x\"".to_vec(), "501 unimplemented"),
        ("Open", vec![JSON, ("connect-protocol-version", "2")], b"\"x\"".to_vec(), "400 invalid_argument"),
        (
            "Open",
            vec![JSON, ("connect-timeout-ms", "12345678901")],
            b"\"x\"".to_vec(),
            "400 invalid_argument",
        ),
        ("Open", vec![JSON, ("connect-timeout-ms", "0")], b"\"x\"".to_vec(), "504 deadline_exceeded"),
        ("Slow", vec![JSON, ("connect-timeout-ms", "50")], b"\"x\"".to_vec(), "504 deadline_exceeded"),
        ("Watch", vec![JSON], b"{}".to_vec(), "415 invalid_argument"),
        ("Open", vec![STREAM_JSON], envelope(0, b"\"x\""), "415 invalid_argument"),
        ("None", vec![STREAM_PROTO], envelope(0, b""), "404 unimplemented"),
        ("Open", vec![PROTO, ("x-user-agent", "y")], b"".to_vec(), "200"),
    ];
    for (method, headers, content, expected) in connect {
        let answer = send(addr, &format!("POST /t.v1.Test/{method}"), &headers, content).await;
        if expected == "200" {
            assert_eq!(answer.status, 200);
        } else {
            assert_eq!(code(&answer, "connect"), expected, "{method} {headers:?}");
        }
        if expected.starts_with("415") {
            assert!(answer.header("accept-post").contains("application/"), "{answer:?}");
        }
    }
    let hint = send(addr, "POST /t.v1.Test/Open", &[JSON, ("content-encoding", "br")], "\"x\"").await;
    assert_eq!(hint.header("accept-encoding"), "gzip, identity");

    // Frames that are wrong, in gRPC-Web and in Connect's streams.
    let wrong: Vec<(Vec<u8>, i32, &str)> = vec![
        (vec![0, 0, 0], 3, "invalid_argument"),
        (vec![0, 0xff, 0xff, 0xff, 0xff], 8, "resource_exhausted"),
        (envelope(4, b""), 3, "invalid_argument"),
        (envelope(1, b"x"), 3, "invalid_argument"),
        (vec![], 12, "unimplemented"),
    ];
    for (content, number, name) in wrong {
        let answer = send(addr, "POST /t.v1.Test/WatchFail", &[WEB], content.clone()).await;
        assert_eq!(answer.code(), number, "{content:?}");
        let answer = send(addr, "POST /t.v1.Test/WatchFail", &[STREAM_PROTO], content.clone()).await;
        assert!(code(&answer, "stream").contains(name), "{content:?} {answer:?}");
    }
    for (encoding, content, number) in
        [("gzip", envelope(1, &bomb), 8), ("gzip", envelope(1, b"no gzip"), 3), ("br", envelope(1, b"x"), 12)]
    {
        let answer =
            send(addr, "POST /t.v1.Test/Open", &[WEB, ("grpc-encoding", encoding)], content.clone()).await;
        assert_eq!(answer.code(), number, "{encoding}");
        let headers = [("content-type", "application/grpc"), ("grpc-encoding", encoding)];
        let answer = send(addr, "POST /t.v1.Test/Open", &headers, content).await;
        assert_eq!(answer.code(), number, "gRPC {encoding}");
        if encoding == "br" {
            assert_eq!(answer.header("grpc-accept-encoding"), "gzip, identity");
        }
    }
    assert_eq!(send(addr, "POST /t.v1.Test/Open", &[TEXT], "***").await.code(), 3);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_connection_survives_bad_requests() {
    let server = start("").await;
    let mut bytes = Vec::new();
    let mut request = |head: &str, content: &[u8]| {
        bytes.extend(
            format!("POST {head}\r\nhost: a\r\ncontent-length: {}\r\n\r\n", content.len()).into_bytes(),
        );
        bytes.extend(content);
    };
    request("/t.v1.Test/Open HTTP/1.1\r\ncontent-type: application/json", b"\"bad");
    request("/t.v1.Test/Open HTTP/1.1\r\ncontent-type: application/grpc-web-text", b"***");
    request("/t.v1.Test/Watch HTTP/1.1\r\ncontent-type: application/connect+json", b"\x09\0\0\0\0");
    request("/t.v1.Test/Open HTTP/1.1\r\ncontent-type: application/json\r\ncontent-encoding: br", b"x");
    request("/t.v1.Test/Open HTTP/1.1\r\ncontent-type: application/json\r\nconnection: close", b"\"good\"");
    let text = raw(server.addr(), &bytes).await;
    assert_eq!(text.matches("HTTP/1.1 ").count(), 5, "{text}");
    assert!(text.contains("\"Open:good\""), "{text}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn grpc_and_rest_are_compressed_for_callers_that_ask() {
    let server = start("[limits]\nbody = \"64KiB\"\n").await;
    let addr = server.addr();
    let headers = [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity,gzip")];
    let packed = envelope(1, &gzip(&"metadata".to_owned().encode_to_vec()));
    let with = |first: (&'static str, &'static str)| [vec![first], headers.to_vec()].concat();
    for content_type in ["application/grpc", "application/grpc-web"] {
        let answer =
            send(addr, "POST /t.v1.Test/Open", &with(("content-type", content_type)), packed.clone()).await;
        assert_eq!(answer.header("grpc-encoding"), "gzip", "{content_type}");
        let found = envelopes(&answer.body);
        assert_eq!((found[0].0, String::decode(gunzip(&found[0].1).as_slice()).unwrap().len()), (1, 2000));
    }
    // Every library says that it takes gzip; one that does not use it gets none.
    let answer = grpc(addr, "Open", &headers[1..], "metadata").await;
    assert_eq!((answer.header("grpc-encoding"), answer.messages()[0].len()), ("", 2000));

    let gzipped = ("accept-encoding", "gzip");
    let answer = rest(addr, "POST", "/v1/open", &[gzipped], "\"metadata\"").await;
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), ("gzip", "accept-encoding"));
    assert_eq!(gunzip(&answer.body).len(), 2002);
    let answer = rest(addr, "POST", "/v1/open", &[gzipped], "\"a\"").await;
    assert_eq!((answer.header("content-encoding"), answer.header("vary")), ("", "accept-encoding"));
    let packed = ("content-encoding", "gzip");
    let answer = send(addr, "POST /v1/open", &[JSON, packed], gzip(b"\"a\"")).await;
    assert_eq!(answer.json(), json!("Open:a"));
    assert_eq!(send(addr, "POST /v1/open", &[JSON, packed], "\"a\"").await.status, 400);
    assert_eq!(send(addr, "POST /v1/open", &[JSON, packed], gzip(&vec![b' '; 1 << 20])).await.status, 413);
    let answer = send(addr, "POST /v1/open", &[JSON, ("content-encoding", "br")], "\"a\"").await;
    assert_eq!((answer.status, answer.header("accept-encoding")), (415, "gzip, identity"));
    assert!(server.shutdown().await);

    let server = start("[compression]\nenabled = false\n").await;
    let answer = rest(server.addr(), "POST", "/v1/open", &[gzipped], "\"metadata\"").await;
    assert_eq!((answer.header("content-encoding"), answer.body.len()), ("", 2002));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn pages_of_configured_origins_may_call() {
    const ORIGIN: &str = "https://console.example.com";
    let server = start(&format!("[cors]\norigins = [\"{ORIGIN}\"]\nexpose = [\"X-Shelf\"]\n")).await;
    let addr = server.addr();
    let page = ("origin", ORIGIN);
    let preflight = |path: &'static str, origin: &'static str| async move {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        send(addr, &format!("OPTIONS {path}"), &headers, "").await
    };
    // Answered without a token, also for a method that needs one.
    for (path, methods) in [
        ("/t.v1.Test/Admin", "OPTIONS, POST"),
        ("/t.v1.Test/Read", "GET, HEAD, OPTIONS, POST"),
        ("/v1/admin", "OPTIONS, POST"),
        ("/v1/watch", "GET, HEAD, OPTIONS"),
    ] {
        let answer = preflight(path, ORIGIN).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
        assert_eq!(answer.header("access-control-allow-methods"), methods);
        assert_eq!((answer.header("access-control-max-age"), answer.header("vary")), ("7200", "origin"));
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        let allowed: Vec<_> = answer.header("access-control-allow-headers").split(", ").collect();
        for name in [
            "content-type",
            "authorization",
            "x-request-id",
            "x-user-agent",
            "x-grpc-web",
            "grpc-timeout",
            "x-server-timeout",
            "connect-protocol-version",
            "connect-timeout-ms",
            "if-match",
            "if-none-match",
        ] {
            assert!(allowed.contains(&name), "{name}");
        }
    }
    for origin in [
        "https://evil.example",
        "https://console.example.com.evil.example",
        "null",
        "http://console.example.com",
    ] {
        let answer = preflight("/v1/admin", origin).await;
        assert_eq!((answer.status, answer.header("vary")), (204, "origin"));
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{origin}");
        let answer = send(addr, "POST /t.v1.Test/Open", &[JSON, ("origin", origin)], "\"a\"").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{origin}");
    }
    assert_eq!(preflight("/none", ORIGIN).await.status, 404);

    // Answers, refusals and failures of every protocol can be read.
    for (line, content_type, content) in [
        ("POST /t.v1.Test/Open", WEB, frame("a")),
        ("POST /t.v1.Test/Admin", WEB, frame("a")),
        ("POST /t.v1.Test/Open", JSON, "\"a\"".into()),
        ("POST /t.v1.Test/Admin", JSON, "\"a\"".into()),
        ("POST /t.v1.Test/Fail", JSON, "\"panic\"".into()),
        ("POST /v1/open", JSON, "\"a\"".into()),
        ("POST /v1/admin", JSON, "\"a\"".into()),
        ("POST /none", JSON, "\"a\"".into()),
    ] {
        let answer = send(addr, line, &[content_type, page], content).await;
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{line}");
        let exposed: Vec<_> = answer.header("access-control-expose-headers").split(", ").collect();
        for name in [
            "grpc-status",
            "grpc-message",
            "grpc-status-details-bin",
            "etag",
            "location",
            "retry-after",
            "x-request-id",
            "x-shelf",
        ] {
            assert!(exposed.contains(&name), "{line}: {name}");
        }
        let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
        assert!(vary.iter().any(|it| *it == "origin"), "{line}: {vary:?}");
    }
    // Other callers share caches with pages.
    let answer = rest(addr, "GET", "/none", &[], "").await;
    assert!(answer.headers.get_all("vary").iter().any(|it| it == "origin"), "{answer:?}");
    assert!(server.shutdown().await);

    let server = start("").await;
    let headers = [page, ("access-control-request-method", "POST")];
    let answer = send(server.addr(), "OPTIONS /v1/open", &headers, "").await;
    assert_eq!((answer.status, answer.header("allow"), answer.header("vary")), (204, "OPTIONS, POST", ""));
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "off by default");
    assert!(server.shutdown().await);

    let server = start(&format!("[cors]\norigins = [\"{ORIGIN}\"]\ncredentials = true\n")).await;
    let answer = rest(server.addr(), "POST", "/v1/open", &[page], "\"a\"").await;
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(server.shutdown().await);
    let server = start("[cors]\norigins = [\"*\"]\n").await;
    let answer = rest(server.addr(), "POST", "/v1/open", &[page], "\"a\"").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn protocols_can_be_switched_off_and_are_counted() {
    let server = start("[grpc_web]\nenabled = false\n[connect]\nenabled = false\n").await;
    for (content_type, content) in
        [(WEB, frame("a")), (TEXT, "".into()), (JSON, "\"a\"".into()), (PROTO, "".into())]
    {
        let answer = send(server.addr(), "POST /t.v1.Test/Open", &[content_type], content).await;
        assert_eq!(
            (answer.status, answer.header("accept-post")),
            (415, "application/grpc, application/grpc+proto")
        );
    }
    assert!(server.shutdown().await);

    let server = start("[connect]\nrequire_version = true\nunknown_json = \"reject\"\n").await;
    let addr = server.addr();
    assert_eq!(send(addr, "POST /t.v1.Test/Open", &[JSON], "\"a\"").await.status, 400);
    let versioned = [JSON, ("connect-protocol-version", "1")];
    assert_eq!(send(addr, "POST /t.v1.Test/Open", &versioned, "\"a\"").await.status, 200);
    let get = "GET /t.v1.Test/Read?encoding=json&message=%22a%22";
    assert_eq!(send(addr, get, &[], "").await.status, 400);
    assert_eq!(send(addr, &format!("{get}&connect=v1"), &[], "").await.status, 200);
    send(addr, "POST /t.v1.Test/Open", &[WEB], frame("a")).await;
    let admin = server.admin_addr().unwrap();
    let text = raw(admin, b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    for line in [
        r#"{service="t.v1.Test",method="Open",protocol="connect",code="OK"} 1"#,
        r#"{service="t.v1.Test",method="Open",protocol="connect",code="INVALID_ARGUMENT"} 1"#,
        r#"{service="t.v1.Test",method="Read",protocol="connect",code="OK"} 1"#,
        r#"{service="t.v1.Test",method="Open",protocol="grpc_web",code="OK"} 1"#,
    ] {
        assert!(text.contains(&format!("rpc_server_calls_total{line}")), "{line}: {text}");
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn health_can_be_asked_in_json_and_reflection_in_binary() {
    let server = start("[reflection]\nenabled = true\nroles = [\"admin\"]\n").await;
    let addr = server.addr();
    let health = "POST /grpc.health.v1.Health/Check";
    assert_eq!(send(addr, health, &[PROTO], "").await.body.as_ref(), b"\x08\x01");
    assert_eq!(send(addr, health, &[JSON], "{}").await.json(), json!({ "status": "SERVING" }));
    let line = "GET /grpc.health.v1.Health/Check?encoding=json&message=%7B%22service%22%3A%22t.v1.Test%22%7D";
    assert_eq!(send(addr, line, &[], "").await.json(), json!({ "status": "SERVING" }));
    let answer = send(addr, health, &[JSON], "{\"service\": \"none\"}").await;
    assert_eq!(code(&answer, "connect"), "404 not_found");

    // Services without typed entries have the codec of gRPC.
    let reflection = "POST /grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let bearer = format!("Bearer {}", admin_token());
    let bearer = ("authorization", bearer.as_str());
    // `list_services`, field 7.
    let answer = send(addr, reflection, &[STREAM_PROTO, bearer], envelope(0, b"\x3a\x00")).await;
    let found = envelopes(&answer.body);
    assert!(String::from_utf8_lossy(&found[0].1).contains("grpc.health.v1.Health"), "{found:?}");
    let answer = send(addr, reflection, &[STREAM_JSON, bearer], envelope(0, b"{}")).await;
    assert!(code(&answer, "stream").contains("\"unimplemented\""), "{answer:?}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn tokens_are_checked_alike() {
    let server = Server::from_config(config("")).service(crate::service::service()).start().await.unwrap();
    let addr = server.addr();
    let good = format!("Bearer {}", admin_token());
    let good = ("authorization", good.as_str());
    let answer =
        send(addr, "POST /t.v1.Test/Headers", &[JSON, good, ("x-user-id", "root"), ("x-kept", "1")], "")
            .await;
    let text = answer.json();
    let (subject, names) = text.as_str().unwrap().split_once(';').unwrap();
    assert_eq!(subject, "root");
    let names: Vec<_> = names.split(',').collect();
    assert!(names.contains(&"x-kept") && !names.contains(&"x-user-id"), "{names:?}");
    let packing = ["connect-protocol-version", "content-length", "accept-encoding", "content-encoding"];
    assert!(!names.iter().any(|name| packing.contains(name)), "{names:?}");
    assert_eq!(send(addr, "POST /t.v1.Test/Admin", &[JSON, good], "\"a\"").await.status, 200);
    let (texts, _) = web(&send(addr, "POST /t.v1.Test/Admin", &[WEB, good], frame("a")).await.body);
    assert_eq!(texts, ["Admin:a"]);
    assert!(server.shutdown().await);
}
