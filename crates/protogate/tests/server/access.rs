//! Who may call what, over both protocols.

use std::time::Duration;

use crate::client::{admin_token, grpc, raw, rest, start, token};

#[tokio::test]
async fn one_policy_table_over_every_transport() {
    let server = start("").await;
    let addr = server.addr();
    let minute = Duration::from_secs(60);
    let callers = [
        ("nobody", None),
        ("low", Some(token("u", &["viewer"], &["write"], minute))),
        ("no permission", Some(token("u", &["ops"], &[], minute))),
        ("ops", Some(token("u", &["ops"], &["write"], minute))),
        ("admin", Some(admin_token())),
    ];
    // Open, Admin, Bare: gRPC codes.
    let expected = [
        ("nobody", [0, 16, 16]),
        ("low", [0, 7, 7]),
        ("no permission", [0, 7, 7]),
        ("ops", [0, 0, 7]),
        ("admin", [0, 0, 7]),
    ];
    for ((caller, token), (_, codes)) in callers.iter().zip(expected) {
        let value = token.as_ref().map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = value.iter().map(|value| ("authorization", value.as_str())).collect();
        for ((method, path), code) in
            [("Open", "/v1/open"), ("Admin", "/v1/admin"), ("Bare", "/v1/bare")].iter().zip(codes)
        {
            assert_eq!(grpc(addr, method, &headers, "x").await.code(), code, "gRPC {caller} {method}");
            let http = match code {
                0 => 200,
                7 => 403,
                _ => 401,
            };
            let answer = rest(addr, "POST", path, &headers, "\"x\"").await;
            assert_eq!(answer.status, http, "REST {caller} {method}: {answer:?}");
            assert_eq!(answer.headers.contains_key("www-authenticate"), http == 401);
            if code == 0 {
                assert_eq!(answer.json(), format!("{method}:x"));
            } else {
                assert_eq!(answer.json()["code"], code);
            }
        }
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn every_refusal_of_credentials_looks_the_same() {
    let server = start("").await;
    let addr = server.addr();
    let good = admin_token();
    let bearer = format!("Bearer {good}");
    let expired = format!("Bearer {}", token("u", &["admin"], &["write"], Duration::ZERO));
    let forged = format!("Bearer {}x", &good[..good.len() - 2]);
    let id = ("x-request-id", "same");
    let cases: [&[(&str, &str)]; 8] = [
        &[id],
        &[id, ("authorization", "Basic dTpw")],
        &[id, ("authorization", &expired)],
        &[id, ("authorization", &forged)],
        &[id, ("authorization", &bearer), ("authorization", &bearer)],
        &[id, ("proxy-authorization", &bearer), ("x-auth-token", &good)],
        &[id, ("cookie", &bearer)],
        &[id, ("authorization-bin", &bearer)],
    ];
    let mut bodies = Vec::new();
    let mut messages = Vec::new();
    for headers in cases {
        let answer = rest(addr, "POST", &format!("/v1/admin?access_token={good}"), headers, "\"x\"").await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{headers:?}");
        bodies.push(answer.body);
        let answer = grpc(addr, "Admin", headers, "x").await;
        messages.push((answer.code(), answer.message(), answer.details()));
        // Stay below the limit of failed credentials.
        tokio::time::sleep(Duration::from_millis(210)).await;
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
    assert_eq!(messages[0].1, "invalid or missing credentials");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn failed_credentials_are_limited_per_peer() {
    let server = start("[limits]\nfailed_credentials_per_second = 3\n").await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer =
            rest(server.addr(), "POST", "/v1/admin", &[("authorization", "Bearer x")], "\"x\"").await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses[..3], [401, 401, 401]);
    assert!(statuses[3..].contains(&429), "{statuses:?}");
    let bearer = format!("Bearer {}", admin_token());
    let good = rest(server.addr(), "POST", "/v1/admin", &[("authorization", &bearer)], "\"x\"").await;
    assert_eq!(good.status, 200);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn spoofed_identities_never_reach_a_handler() {
    let server = start("").await;
    let addr = server.addr();
    let spoofed = [
        "x-user-id",
        "x-user",
        "x-role",
        "x-roles",
        "x-auth-request-user",
        "x-forwarded-user",
        "x-forwarded-groups",
        "remote-user",
        "x-protogate-subject",
        "grpc-metadata-user",
        "grpcgateway-authorization",
        "x_user_id",
    ];
    let bearer = format!("Bearer {}", token("low", &[], &[], Duration::from_secs(60)));
    let mut headers = vec![("authorization", bearer.as_str()), ("x-kept", "1")];
    headers.extend(spoofed.map(|name| (name, "root")));
    for text in [
        grpc(addr, "Headers", &headers, "").await.messages()[0].clone(),
        rest(addr, "POST", "/v1/headers", &headers, "\"\"").await.json().as_str().unwrap().to_owned(),
    ] {
        let (subject, names) = text.split_once(';').unwrap();
        assert_eq!(subject, "low");
        let names: Vec<_> = names.split(',').collect();
        assert!(names.contains(&"x-kept"), "{names:?}");
        for name in spoofed.iter().chain(&["authorization"]) {
            assert!(!names.contains(name), "{name} in {names:?}");
        }
    }
    assert_eq!(grpc(addr, "Admin", &headers, "x").await.code(), 7);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn path_variants_never_reach_a_protected_method() {
    let server = start("").await;
    let mut reached = Vec::new();
    for path in [
        "/v1/admin",
        "/v1/./admin",
        "/v1/open/../admin",
        "/v1/%61dmin",
        "/v1/%2561dmin",
        "/v1%2fadmin",
        "/V1/admin",
        "/v1/admin;x=1",
        "/v1/admin/",
        "//v1/admin",
        "/v1//admin",
        "/v1/admin?x=1",
        "/v1/admin%00",
        "/v1\\admin",
        "http://127.0.0.1/v1/admin",
        "/t.v1.Test/Admin",
        "/t.v1.Test/admin",
        "/%74.v1.Test/Admin",
        "//t.v1.Test/Admin",
    ] {
        for verb in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "post", "FOO"] {
            for kind in ["application/json", "application/grpc", "text/plain"] {
                let request = format!(
                    "{verb} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: 3\r\n\
                     x-http-method-override: POST\r\nx-original-url: /v1/open\r\nx-rewrite-url: /v1/open\r\n\r\n\"x\""
                );
                let answer = raw(server.addr(), request.as_bytes()).await;
                if answer.contains("Admin:x") || answer.starts_with("HTTP/1.1 5") {
                    reached.push((verb, path, kind, answer));
                }
            }
        }
    }
    assert!(reached.is_empty(), "{reached:#?}");
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let server = start("").await;
    let bearer = format!("Bearer {}", token("u", &["admin"], &["write"], Duration::from_millis(600)));
    let headers = [("authorization", bearer.as_str())];
    let begun = std::time::Instant::now();
    let answer = grpc(server.addr(), "WatchAdmin", &headers, "").await;
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!((answer.code(), answer.message().as_str()), (16, "invalid or missing credentials"));
    assert!(answer.messages().len() > 3);

    let bearer = format!("Bearer {}", token("u", &["admin"], &["write"], Duration::from_millis(600)));
    let answer =
        rest(server.addr(), "GET", "/v1/watchadmin", &[("authorization", bearer.as_str())], "").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["error"]["code"], 16, "{text}");
    assert!(server.shutdown().await);
}
