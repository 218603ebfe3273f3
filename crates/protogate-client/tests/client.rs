//! The client against a real server in the same process, over a real socket.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod kitchen;

use std::time::Duration;

use kitchen::Reflection;
use protogate_client::{CallOptions, Catalog, Client, Detail, ErrorKind, JsonStyle, Target};

const COMPACT: JsonStyle = JsonStyle { pretty: false, defaults: false };

async fn connect(reflection: Reflection) -> Client {
    let address = kitchen::start(reflection).await;
    Client::connect(&Target::parse(&address.to_string()).unwrap()).await.unwrap()
}

fn catalog() -> Catalog {
    Catalog::from_descriptor_set(&kitchen::descriptor_set()).unwrap()
}

#[tokio::test]
async fn either_reflection_gives_the_whole_schema() {
    for reflection in [Reflection::V1, Reflection::V1Alpha] {
        let client = connect(reflection).await;
        let options = CallOptions::default();
        let reflected = client.reflect(&options).await.unwrap();
        for method in catalog().methods() {
            assert!(reflected.methods().contains(&method), "{reflection:?} lacks {method}");
        }
        let method = reflected.resolve("Cook").unwrap();
        let reply = client.unary(
            &method,
            r#"{"name": "soup", "portions": "3", "due": "2026-01-01T00:00:00Z"}"#,
            &options,
        );
        assert_eq!(reply.await.unwrap().to_json(COMPACT), r#"{"name":"soup","portions":"3"}"#);
    }
}

#[tokio::test]
async fn without_reflection_a_descriptor_set_does() {
    let client = connect(Reflection::None).await;
    let options = CallOptions::default();
    let error = client.reflect(&options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Environment);
    assert!(error.to_string().contains("has no server reflection"), "{error}");
    let reply = client.unary(&catalog().resolve("Cook").unwrap(), "", &options).await.unwrap();
    assert_eq!(reply.to_json(COMPACT), "{}");
    assert_eq!(
        reply.to_json(JsonStyle { pretty: false, defaults: true }),
        r#"{"name":"","portions":"0","notes":[]}"#
    );
}

#[tokio::test]
async fn metadata_and_deadline_reach_the_server() {
    let client = connect(Reflection::None).await;
    let options = CallOptions::default()
        .with_metadata("X-Note", "one")
        .and_then(|options| options.with_metadata("x-note", "two"))
        .and_then(|options| options.with_metadata("raw-bin", "AAEC"))
        .unwrap()
        .with_deadline(Duration::from_secs(20));
    let reply = client.unary(&catalog().resolve("Cook").unwrap(), "{}", &options).await.unwrap();
    assert_eq!(reply.to_json(COMPACT), r#"{"notes":["one","two","b\"\\0\\x01\\x02\"","has a deadline"]}"#);
}

#[tokio::test]
async fn a_failure_brings_its_details() {
    let client = connect(Reflection::None).await;
    let error =
        client.unary(&catalog().resolve("Refuse").unwrap(), "{}", &CallOptions::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "RESOURCE_EXHAUSTED (8): sold out: soup");
    let failure = error.failure().unwrap();
    assert_eq!(
        (failure.code(), failure.code_name(), failure.message()),
        (8, "RESOURCE_EXHAUSTED", "sold out: soup")
    );
    let mut seen = Vec::new();
    for detail in failure.details() {
        seen.push(match detail {
            Detail::ErrorInfo { reason, domain, metadata } => format!("{reason} @ {domain} {metadata:?}"),
            Detail::LocalizedMessage { locale, message } => format!("{locale}: {message}"),
            Detail::BadRequest(violations) => {
                format!("{}: {}", violations[0].field, violations[0].description)
            }
            Detail::RequestId(id) => format!("request {id}"),
            Detail::RetryInfo(delay) => format!("{delay:?}"),
            Detail::Other { type_name, json } => format!("{type_name} {json:?}"),
            other => format!("{other:?}"),
        });
    }
    seen.sort();
    let expected = [
        "SOLD_OUT @ kitchen.example [(\"dish\", \"soup\")]",
        "Some(30s)",
        "de: Suppe ist aus",
        "kitchen.v1.Dish Some(\"{\\\"name\\\":\\\"stew\\\"}\")",
        "name: not on the menu",
        "request id-7",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn streams_end_well_or_with_their_failure() {
    let client = connect(Reflection::None).await;
    for (name, end) in [("Kitchen/Serve", None), ("Spoil", Some("DATA_LOSS (15): dropped the plate"))] {
        let method = catalog().resolve(name).unwrap();
        let mut messages =
            client.server_stream(&method, r#"{"portions": 3}"#, &CallOptions::default()).await.unwrap();
        let mut portions = Vec::new();
        let ended = loop {
            match messages.next().await {
                Ok(Some(reply)) => portions.push(reply.to_json(COMPACT)),
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            }
        };
        assert_eq!(portions, [r#"{"portions":"1"}"#, r#"{"portions":"2"}"#, r#"{"portions":"3"}"#]);
        assert_eq!(ended.as_deref(), end);
    }
}

#[tokio::test]
async fn a_deadline_ends_the_call() {
    let client = connect(Reflection::None).await;
    let options = CallOptions::default().with_deadline(Duration::from_millis(150));
    let error = client.unary(&catalog().resolve("Slow").unwrap(), "{}", &options).await.unwrap_err();
    assert_eq!(error.to_string(), "DEADLINE_EXCEEDED (4): no answer before the deadline");
}

#[tokio::test]
async fn wrong_uses_are_told_apart() {
    let client = connect(Reflection::None).await;
    let options = CallOptions::default();
    let catalog = catalog();
    let table = [
        ("Cook", r#"{"nme": "soup"}"#, "`kitchen.v1.CookRequest` has no field `nme`; did you mean `name`?"),
        (
            "Cook",
            r#"{"colour": 1}"#,
            "`kitchen.v1.CookRequest` has no field `colour`; it has `name`, `portions`, `due`",
        ),
        (
            "Cook",
            "{",
            "the request is no `kitchen.v1.CookRequest`: EOF while parsing an object at line 1 column 1",
        ),
        ("Kitchen.Serve", "{}", "`kitchen.v1.Kitchen/Serve` answers with a stream"),
        (
            "Gather",
            "{}",
            "`kitchen.v1.Kitchen/Gather` takes a stream of requests, which this client does not send yet",
        ),
    ];
    for (method, json, expected) in table {
        let error = client.unary(&catalog.resolve(method).unwrap(), json, &options).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Usage, expected));
    }
    let error = client.server_stream(&catalog.resolve("Cook").unwrap(), "{}", &options).await.unwrap_err();
    assert_eq!(error.to_string(), "`kitchen.v1.Kitchen/Cook` answers once, not with a stream");
}

#[test]
fn names_resolve_by_ending() {
    let catalog = catalog();
    for name in [
        "kitchen.v1.Kitchen/Cook",
        "/kitchen.v1.Kitchen/Cook",
        "kitchen.v1.Kitchen.Cook",
        "Kitchen/Cook",
        "v1.Kitchen.Cook",
        "Cook",
    ] {
        assert_eq!(catalog.resolve(name).unwrap().path(), "kitchen.v1.Kitchen/Cook", "{name}");
    }
    let table = [
        (
            "Serve",
            "`Serve` names 2 methods on the descriptor set: `kitchen.v1.Bar/Serve`, `kitchen.v1.Kitchen/Serve`; say which",
        ),
        (
            "Kitchen/Cok",
            "no method `Kitchen/Cok` on the descriptor set; did you mean `kitchen.v1.Kitchen/Cook`?",
        ),
        ("ook", "no method `ook` on the descriptor set; did you mean `kitchen.v1.Kitchen/Cook`?"),
        (
            "Telephone",
            "no method `Telephone` on the descriptor set; it has `kitchen.v1.Bar/Serve`, `kitchen.v1.Kitchen/Cook`, \
             `kitchen.v1.Kitchen/Gather`, `kitchen.v1.Kitchen/Refuse`, `kitchen.v1.Kitchen/Serve`, `kitchen.v1.Kitchen/Slow`, \
             `kitchen.v1.Kitchen/Spoil`",
        ),
    ];
    for (name, expected) in table {
        let error = catalog.resolve(name).unwrap_err();
        let mut found: Vec<_> = error.to_string().split('`').map(str::to_owned).collect();
        let mut wanted: Vec<_> = expected.split('`').map(str::to_owned).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted);
    }
}

#[tokio::test]
async fn nobody_there_and_somebody_else_there() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let error = Client::connect(&Target::parse(&address).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Environment);
    assert!(error.to_string().starts_with(&format!("no server at {address}: ")), "{error}");

    let http1 = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = http1.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while let Ok((mut socket, _)) = http1.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let client = Client::connect(&Target::parse(&address).unwrap()).await.unwrap();
    let error = client.reflect(&CallOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Environment);
    assert!(error.to_string().contains("does the port speak plaintext gRPC?"), "{error}");
}
