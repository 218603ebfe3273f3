//! Requests that mean no rpc, and requests whose form is wrong.

use crate::client::{grpc, raw, rest, start};

#[tokio::test]
async fn unmatched_requests_over_http1() {
    let server = start("").await;
    let host = "host: a\r\n";
    // Request line, headers, expected status line start, expected parts.
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("GET /none HTTP/1.1", host, "404", &["\"code\":5", "application/json"]),
        ("POST /none HTTP/1.1", host, "404", &["\"code\":5"]),
        ("GET / HTTP/1.1", host, "404", &["\"code\":5"]),
        ("GET /v1/open HTTP/1.1", host, "405", &["allow: OPTIONS, POST", "\"code\":12"]),
        ("DELETE /v1/watch HTTP/1.1", host, "405", &["allow: GET, HEAD, OPTIONS"]),
        ("OPTIONS /v1/open HTTP/1.1", host, "204", &["allow: OPTIONS, POST"]),
        ("OPTIONS /none HTTP/1.1", host, "404", &[]),
        ("TRACE /v1/open HTTP/1.1", host, "405", &[]),
        ("CONNECT a:1 HTTP/1.1", host, "405", &[]),
        ("GET /t.v1.Test/Open HTTP/1.1", host, "405", &["allow: OPTIONS, POST"]),
        (
            "POST /t.v1.Test/Open HTTP/1.1",
            "host: a\r\ncontent-type: application/json\r\n",
            "200",
            &["\"Open:\""],
        ),
        (
            "POST /t.v1.Test/Open HTTP/1.1",
            "host: a\r\ncontent-type: application/grpc-web\r\n",
            "200",
            &["grpc-status: 12"],
        ),
        ("POST /t.v1.Test/Open HTTP/1.1", "host: a\r\ncontent-type: text/plain\r\n", "415", &[]),
        (
            "POST /t.v1.Test/Open HTTP/1.1",
            host,
            "415",
            &["accept-post: application/grpc,", "application/json"],
        ),
        (
            "POST /t.v1.Test/None HTTP/1.1",
            "host: a\r\ncontent-type: application/proto\r\n",
            "404",
            &["\"code\":\"unimplemented\""],
        ),
        ("POST /t.v1.Test/None HTTP/1.1", "host: a\r\ncontent-type: application/json\r\n", "404", &[]),
        ("GET /t.v1.Test/Open HTTP/1.1", "host: a\r\ncontent-type: application/grpc\r\n", "405", &[]),
        (
            "POST /t.v1.Test/None HTTP/1.1",
            "host: a\r\ncontent-type: application/grpc\r\n",
            "200",
            &["grpc-status: 12"],
        ),
        (
            "POST /v1/open HTTP/1.1",
            "host: a\r\ncontent-type: application/grpc\r\n",
            "200",
            &["grpc-status: 12"],
        ),
        ("GET /v1/watch HTTP/1.1", "", "400", &["`host`"]),
        ("GET /v1/watch HTTP/1.1", "host: a\r\nhost: b\r\n", "400", &["`host`"]),
        ("GET /v1/watch HTTP/1.1", "host: a\r\nhost: a\r\n", "400", &["`host`"]),
        ("GET /v1/%zz HTTP/1.1", host, "404", &[]),
        ("GET /metrics HTTP/1.1", host, "404", &[]),
        ("GET /readyz HTTP/1.1", host, "404", &[]),
    ];
    for (line, headers, status, parts) in cases {
        let request = format!("{line}\r\n{headers}connection: close\r\ncontent-length: 0\r\n\r\n");
        let answer = raw(server.addr(), request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer}");
        for part in *parts {
            assert!(answer.contains(part), "{line} lacks {part}: {answer}");
        }
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn unmatched_requests_over_http2() {
    let server = start("").await;
    let addr = server.addr();
    for path in ["/t.v1.Test/None", "/none", "/t.v1.Test/open", "/t.v1.Test/Open/", "/v1/open"] {
        let answer = grpc(addr, path, &[], "x").await;
        assert_eq!((answer.status, answer.code()), (200, 12), "{path}");
        assert_eq!(answer.header("content-type"), "application/grpc");
    }
    assert_eq!(rest(addr, "GET", "/none", &[], "").await.status, 404);
    let answer = rest(addr, "PUT", "/v1/open", &[], "\"x\"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "OPTIONS, POST"));
    assert_eq!(rest(addr, "TRACE", "/v1/open", &[], "").await.status, 405);
    let head = rest(addr, "HEAD", "/none", &[], "").await;
    assert_eq!((head.status, head.body.len()), (404, 0));
    // Refused by a layer: the headers of GET, no content.
    let get = rest(addr, "GET", "/v1/watchadmin", &[], "").await;
    let head = rest(addr, "HEAD", "/v1/watchadmin", &[], "").await;
    assert_eq!((get.status, head.status, head.body.len()), (401, 401, 0));
    assert!(!get.body.is_empty() && head.header("content-type") == "application/json");
    let length: usize = head.header("content-length").parse().unwrap();
    // The request id in it is of one length.
    assert_eq!(length, get.body.len());
    let long = format!("/{}", "a".repeat(9000));
    assert_eq!(rest(addr, "GET", &long, &[], "").await.status, 414);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn reflection_is_off_in_production_and_health_is_public() {
    let server = start("").await;
    let addr = server.addr();
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        assert_eq!(grpc(addr, &path, &[], "").await.code(), 12);
    }
    let answer = grpc(addr, "/grpc.health.v1.Health/Check", &[], "t.v1.Test").await;
    assert_eq!(answer.code(), 0);
    // status = SERVING.
    assert_eq!(answer.body[5..], [8, 1]);
    assert_eq!(grpc(addr, "/grpc.health.v1.Health/Check", &[], "none").await.code(), 5);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn reflection_is_served_in_dev_mode_and_to_roles() {
    use crate::client::admin_token;
    // list_services of the reflection request is field 7, a text.
    let ask = |addr, headers: Vec<(String, String)>, version: &'static str| async move {
        let path = format!("http://{addr}/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        let mut request = http::Request::post(path).header("content-type", "application/grpc");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let bytes = bytes::Bytes::from_static(&[0, 0, 0, 0, 3, 0x3a, 1, b'*']);
        let request = request.body(http_body_util::Full::new(bytes)).unwrap();
        let response = crate::client::connect(addr).await.send_request(request).await.unwrap();
        crate::client::Answer::of(response).await
    };
    let text = "[server]\nmode = \"dev\"\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n";
    let config = protogate::Config::from_toml(text).unwrap();
    let dev =
        protogate::Server::from_config(config).service(crate::service::service()).start().await.unwrap();
    for version in ["v1", "v1alpha"] {
        let answer = ask(dev.addr(), Vec::new(), version).await;
        assert_eq!(answer.code(), 0);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        for name in
            ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha."]
        {
            assert!(text.contains(name), "{version} lacks {name}: {text}");
        }
    }
    assert!(dev.shutdown().await);

    let server = start("[reflection]\nenabled = true\nroles = [\"admin\"]\n").await;
    assert_eq!(ask(server.addr(), Vec::new(), "v1").await.code(), 16);
    let bearer = |token| vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let low = crate::client::token("u", &["viewer"], &[], std::time::Duration::from_secs(60));
    assert_eq!(ask(server.addr(), bearer(low), "v1").await.code(), 7);
    assert_eq!(ask(server.addr(), bearer(admin_token()), "v1").await.code(), 0);
    assert!(server.shutdown().await);
}
