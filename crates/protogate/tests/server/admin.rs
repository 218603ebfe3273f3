//! The admin listener: probes and metrics.

use std::net::SocketAddr;
use std::time::Duration;

use crate::client::{grpc, raw, rest, server, start};

pub(crate) async fn get(addr: SocketAddr, path: &str) -> String {
    raw(addr, format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes()).await
}

#[tokio::test]
async fn probes_answer() {
    let builder = server("");
    let readiness = builder.readiness();
    let server = builder.start().await.unwrap();
    let admin = server.admin_addr().unwrap();
    assert!(get(admin, "/livez").await.starts_with("HTTP/1.1 200 "));
    assert!(get(admin, "/readyz").await.starts_with("HTTP/1.1 200 "));
    readiness.set(false);
    assert!(get(admin, "/readyz").await.starts_with("HTTP/1.1 503 "));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let health = grpc(server.addr(), "/grpc.health.v1.Health/Check", &[], "").await;
    assert_eq!(health.body[5..], [8, 2]);
    readiness.set(true);
    assert!(get(admin, "/readyz").await.starts_with("HTTP/1.1 200 "));
    assert!(get(admin, "/other").await.starts_with("HTTP/1.1 404 "));
    assert!(
        raw(admin, b"POST /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 405 ")
    );
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn metrics_count_calls_by_code_and_end() {
    let server = start("").await;
    let (addr, admin) = (server.addr(), server.admin_addr().unwrap());
    grpc(addr, "Open", &[], "x").await;
    grpc(addr, "WatchFail", &[], "").await;
    rest(addr, "POST", "/v1/open", &[], "\"x\"").await;
    rest(addr, "GET", "/none", &[], "").await;
    // A caller that goes away in the middle of a stream, and one in the middle of a call.
    let mut sender = crate::client::connect(addr).await;
    let request = crate::client::grpc_request(addr, "/t.v1.Test/Watch", &[], "");
    drop(sender.send_request(request).await.unwrap());
    let request = crate::client::grpc_request(addr, "/t.v1.Test/Open", &[], "slow");
    let call = tokio::time::timeout(Duration::from_millis(100), sender.send_request(request)).await;
    assert!(call.is_err());
    drop(sender);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let metrics = get(admin, "/metrics").await;
    for line in [
        "rpc_server_calls_total{service=\"t.v1.Test\",method=\"Open\",protocol=\"grpc\",code=\"OK\"} 1",
        "rpc_server_calls_total{service=\"t.v1.Test\",method=\"WatchFail\",protocol=\"grpc\",code=\"NOT_FOUND\"} 1",
        "rpc_server_calls_total{service=\"t.v1.Test\",method=\"Open\",protocol=\"rest\",code=\"OK\"} 1",
        "rpc_server_calls_total{service=\"\",method=\"\",protocol=\"rest\",code=\"NOT_FOUND\"} 1",
        "rpc_server_calls_total{service=\"t.v1.Test\",method=\"Watch\",protocol=\"grpc\",code=\"CANCELLED\"} 1",
        "rpc_server_calls_total{service=\"t.v1.Test\",method=\"Open\",protocol=\"grpc\",code=\"CANCELLED\"} 1",
        "rpc_server_active_calls{protocol=\"grpc\"} 0",
        "rpc_server_active_calls{protocol=\"rest\"} 0",
        "rpc_server_duration_seconds_count{service=\"t.v1.Test\",method=\"Open\",protocol=\"rest\"} 1",
        "# EOF",
    ] {
        assert!(metrics.contains(line), "{line} not in {metrics}");
    }
    assert!(server.shutdown().await);
}
