//! Deadlines, sizes, rates and capacity.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic_types::pb;

use crate::client::{grpc, raw, rest, start};

#[tokio::test]
async fn the_smallest_deadline_ends_a_call() {
    let server = start("").await;
    let addr = server.addr();
    // The contract says 300 ms.
    for (headers, at_most) in [
        (&[][..], 1500),
        (&[("grpc-timeout", "50m")], 280),
        (&[("x-server-timeout", "0.05")], 280),
        (&[("grpc-timeout", "20S"), ("x-server-timeout", "0.05")], 280),
        (&[("grpc-timeout", "1H")], 1500),
    ] {
        let begun = Instant::now();
        assert_eq!(grpc(addr, "Slow", headers, "").await.code(), 4, "{headers:?}");
        assert!(begun.elapsed() < Duration::from_millis(at_most), "{headers:?}: {:?}", begun.elapsed());
        let begun = Instant::now();
        let answer = rest(addr, "POST", "/v1/slow", headers, "\"\"").await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (504, Some(4)));
        assert!(begun.elapsed() < Duration::from_millis(at_most), "{headers:?}: {:?}", begun.elapsed());
    }
    for (name, value) in [
        ("grpc-timeout", "5"),
        ("grpc-timeout", "x"),
        ("grpc-timeout", "123456789S"),
        ("grpc-timeout", "-1S"),
        ("grpc-timeout", ""),
        ("x-server-timeout", "-1"),
        ("x-server-timeout", "1e3"),
        ("x-server-timeout", "soon"),
    ] {
        assert_eq!(grpc(addr, "Open", &[(name, value)], "x").await.code(), 3, "{name}: {value}");
        assert_eq!(
            rest(addr, "POST", "/v1/open", &[(name, value)], "\"x\"").await.status,
            400,
            "{name}: {value}"
        );
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_callers_deadline_ends_a_stream() {
    let server = start("").await;
    let answer = grpc(server.addr(), "Watch", &[("grpc-timeout", "200m")], "").await;
    assert_eq!(answer.code(), 4);
    assert!(answer.messages().len() > 2);
    let headers = [("x-server-timeout", "0.2"), ("accept", "text/event-stream")];
    let answer = rest(server.addr(), "GET", "/v1/watch", &headers, "").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(
        text.contains("data: \"tick0\"") && text.contains("event: stream-error\ndata: {\"code\":4"),
        "{text}"
    );
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn content_beyond_its_limit_is_refused() {
    let server = start("[limits]\nbody = \"1KiB\"\nmessage_in = \"1KiB\"\nbody_gap = \"300ms\"\n").await;
    let addr = server.addr();
    let fits = "x".repeat(1024 - 2);
    assert_eq!(rest(addr, "POST", "/v1/open", &[], &format!("\"{fits}\"")).await.status, 200);
    assert_eq!(rest(addr, "POST", "/v1/open", &[], &format!("\"{fits}x\"")).await.status, 413);
    // Refused by its declared length, before anything is read.
    let declared = "POST /v1/open HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9999999\r\n\r\n";
    assert!(raw(addr, declared.as_bytes()).await.starts_with("HTTP/1.1 413 "));
    let chunk = "x".repeat(2000);
    let chunked = format!(
        "POST /v1/open HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n7d0\r\n{chunk}\r\n0\r\n\r\n"
    );
    let answer = raw(addr, chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"code\":8"), "{answer}");
    // tag, length of two bytes, text.
    assert_eq!(grpc(addr, "Open", &[], &"x".repeat(1021)).await.code(), 0);
    assert_eq!(grpc(addr, "Open", &[], &"x".repeat(1022)).await.code(), 8);
    // A dripped body.
    let begun = Instant::now();
    let drip = "POST /v1/open HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n\"";
    let answer = raw(addr, drip.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn callers_above_their_rate_are_told_when_to_come_back() {
    let server = start("").await;
    let addr = server.addr();
    assert_eq!(grpc(addr, "Limited", &[], "").await.code(), 0);
    // Header values that claim another address do not help.
    assert_eq!(
        rest(addr, "POST", "/v1/limited", &[("x-forwarded-for", "9.9.9.9")], "\"\"").await.status,
        200
    );
    let answer = grpc(addr, "Limited", &[("x-forwarded-for", "8.8.8.8")], "").await;
    assert_eq!(answer.code(), 8);
    assert!(answer.detail::<pb::RetryInfo>("RetryInfo").unwrap().retry_delay.unwrap().seconds >= 7);
    let answer = rest(addr, "POST", "/v1/limited", &[], "\"\"").await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 8);
    assert_eq!(grpc(addr, "Open", &[], "").await.code(), 0);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn calls_beyond_the_capacity_are_refused_and_places_come_back() {
    let server = start("[limits]\nrunning_calls = 2\nstreams = 1\n").await;
    let addr = server.addr();
    let running: Vec<_> =
        (0..2).map(|_| tokio::spawn(async move { grpc(addr, "Open", &[], "slow").await.code() })).collect();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let answer = rest(addr, "POST", "/v1/open", &[], "\"x\"").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    for call in running {
        assert_eq!(call.await.unwrap(), 0);
    }
    assert_eq!(grpc(addr, "Open", &[], "x").await.code(), 0);
    let stream =
        tokio::spawn(async move { grpc(addr, "Watch", &[("grpc-timeout", "300m")], "").await.code() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(grpc(addr, "Watch", &[], "").await.code(), 8);
    assert_eq!(stream.await.unwrap(), 4);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(grpc(addr, "Watch", &[("grpc-timeout", "50m")], "").await.code(), 4);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn one_caller_has_only_its_share_of_the_streams() {
    let server = start("[limits]\nstreams_per_identity = 1\n").await;
    let addr = server.addr();
    let stream =
        tokio::spawn(async move { grpc(addr, "Watch", &[("grpc-timeout", "300m")], "").await.code() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(grpc(addr, "Watch", &[], "").await.code(), 8);
    // Another identity, though from the same address.
    let bearer = format!("Bearer {}", crate::client::admin_token());
    let headers = [("authorization", bearer.as_str()), ("grpc-timeout", "50m")];
    assert_eq!(grpc(addr, "WatchAdmin", &headers, "").await.code(), 4);
    assert_eq!(stream.await.unwrap(), 4);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(grpc(addr, "Watch", &[("grpc-timeout", "50m")], "").await.code(), 4);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_peer_that_does_not_read_holds_no_place_of_a_unary_call() {
    let server = start("[limits]\nrunning_calls = 1\n").await;
    let addr = server.addr();
    let socket = hyper_util::rt::TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new())
            .initial_stream_window_size(0)
            .handshake(socket)
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = crate::client::grpc_request(addr, "/t.v1.Test/Open", &[], "x");
    let unread = sender.send_request(request).await.unwrap();
    assert_eq!(grpc(addr, "Open", &[], "x").await.code(), 0);
    drop(unread);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn heads_beyond_their_limits_are_refused() {
    let server = start("").await;
    let many: String = (0..80).map(|number| format!("x-h{number}: 1\r\n")).collect();
    let request = format!("GET /v1/watch HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{many}\r\n");
    assert!(raw(server.addr(), request.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    let long = format!(
        "GET /v1/watch HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-long: {}\r\n\r\n",
        "x".repeat(70_000)
    );
    assert!(raw(server.addr(), long.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let server = start("[limits]\nconnections = 1\nfirst_bytes = \"400ms\"\n").await;
    // Holds the only place until its first bytes are overdue.
    let mut holder = TcpStream::connect(server.addr()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    assert_eq!(grpc(server.addr(), "Open", &[], "x").await.code(), 0);
    assert!(begun.elapsed() > Duration::from_millis(200), "{:?}", begun.elapsed());
    let mut rest = Vec::new();
    let _ = holder.write_all(b"x").await;
    let _ = holder.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    assert!(server.shutdown().await);
}
