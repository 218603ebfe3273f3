//! Shutdown: running calls finish, streams end, and what does not end is cut off.

use std::time::{Duration, Instant};

use crate::client::{grpc, rest, start};

#[tokio::test]
async fn running_calls_finish_and_streams_end() {
    let server = start("[limits]\nstream_grace = \"400ms\"\n").await;
    let (addr, admin) = (server.addr(), server.admin_addr().unwrap());
    let unary = tokio::spawn(async move { grpc(addr, "Open", &[], "slow").await });
    let unary_rest = tokio::spawn(async move { rest(addr, "POST", "/v1/open", &[], "\"slow\"").await });
    let watch = tokio::spawn(async move { grpc(addr, "Watch", &[], "").await });
    let lines = tokio::spawn(async move { rest(addr, "GET", "/v1/watch", &[], "").await });
    let deaf = tokio::spawn(async move { grpc(addr, "WatchDeaf", &[], "").await });
    let health = tokio::spawn(async move { grpc(addr, "/grpc.health.v1.Health/Watch", &[], "").await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(crate::admin::get(admin, "/readyz").await.starts_with("HTTP/1.1 200 "));
    let begun = Instant::now();
    let down = tokio::spawn(server.shutdown());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(crate::admin::get(admin, "/readyz").await.starts_with("HTTP/1.1 503 "));
    assert!(tokio::net::TcpStream::connect(addr).await.is_err(), "no new connections");
    assert_eq!(unary.await.unwrap().messages(), ["slow"]);
    assert_eq!(unary_rest.await.unwrap().json(), "slow");
    let watch = watch.await.unwrap();
    assert_eq!(watch.code(), 14);
    assert!(watch.message().contains("resume"));
    let lines = String::from_utf8(lines.await.unwrap().body.to_vec()).unwrap();
    assert!(lines.lines().last().unwrap().contains("\"code\":14"), "{lines}");
    assert_eq!(deaf.await.unwrap().code(), 14, "a deaf stream is ended by the server");
    let health = health.await.unwrap();
    assert_eq!(health.code(), 14);
    assert!(health.body.ends_with(&[8, 2]), "the health watch says NOT_SERVING: {:?}", health.body);
    assert!(down.await.unwrap(), "drained");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn streams_without_an_answer_end_too() {
    let server = start("[limits]\nstream_grace = \"200ms\"\n").await;
    let addr = server.addr();
    for method in ["WatchStuck", "Collect"] {
        assert_eq!(grpc(addr, method, &[("grpc-timeout", "100m")], "x").await.code(), 4, "{method}");
    }
    let stuck = tokio::spawn(async move { grpc(addr, "WatchStuck", &[], "").await.code() });
    let collect = tokio::spawn(async move { grpc(addr, "Collect", &[], "x").await.code() });
    let lines = tokio::spawn(async move { rest(addr, "GET", "/v1/watchstuck", &[], "").await.status });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    assert!(server.shutdown().await, "drained");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((stuck.await.unwrap(), collect.await.unwrap(), lines.await.unwrap()), (14, 14, 503));
}

#[tokio::test]
async fn an_idle_server_is_down_at_once() {
    let server = start("").await;
    let idle = crate::client::connect(server.addr()).await;
    let silent = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let begun = Instant::now();
    assert!(server.shutdown().await);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    drop((idle, silent));
}

#[tokio::test]
async fn peers_that_do_not_answer_do_not_hold_the_drain() {
    let server = start("[limits]\nkeepalive_timeout = \"500ms\"\n").await;
    let mut dead = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    tokio::io::AsyncWriteExt::write_all(&mut dead, preface).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    assert!(server.shutdown().await);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    drop(dead);
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let server = start("[limits]\nshutdown = \"300ms\"\nstream_grace = \"60s\"\n").await;
    let addr = server.addr();
    let mut sender = crate::client::connect(addr).await;
    let request = crate::client::grpc_request(addr, "/t.v1.Test/WatchDeaf", &[], "");
    let response = sender.send_request(request).await.unwrap();
    let begun = Instant::now();
    assert!(!server.shutdown().await, "not everything ended by itself");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let body = http_body_util::BodyExt::collect(response.into_body()).await;
    assert!(body.is_err(), "the stream was cut");
}
