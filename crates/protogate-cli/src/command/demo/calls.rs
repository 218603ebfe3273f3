//! What the demo calls: the same entry over REST, over gRPC, and through a watch.

use std::time::Duration;

use protogate_client::{CallOptions, Catalog, Client, JsonStyle, Messages, Target};
use serde_json::{Value, json};

use super::http::{self, Answer};
use super::process::Service;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// The entry that is written and read.
const KEY: &str = "payments.rps";
/// How long a watch may take to deliver.
const DELIVERY: Duration = Duration::from_secs(5);

const STYLE: JsonStyle = JsonStyle { pretty: false, defaults: false };

/// Prints calls to copy, each of which works until Ctrl-C.
pub(super) fn show(service: &Service, token: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    let address = service.address;
    let url = format!("http://{address}/api/v1/config");
    let binary = match std::env::current_exe() {
        Ok(path) => escape::line(&path.to_string_lossy()).into_owned(),
        Err(_) => "protogate".to_owned(),
    };
    let auth = "-H \"authorization: Bearer $TOKEN\"";
    let lines = [
        String::new(),
        "4. call it, from another terminal".to_owned(),
        format!("export TOKEN={token}"),
        "# REST".to_owned(),
        format!(
            "curl {auth} -X PUT {url}/{KEY} -H 'content-type: application/json' -d '{{\"value\":\"100\"}}'"
        ),
        format!("curl {auth} {url}/{KEY}"),
        "# gRPC".to_owned(),
        format!("{binary} call GetConfig --target {address} {auth} -d '{{\"key\":\"{KEY}\"}}'"),
        "# a watch: PUT again, and see it arrive".to_owned(),
        format!("curl -N {auth} '{url}:watch?clientId=me&revision=0'"),
        format!(
            "{binary} call WatchConfig --target {address} {auth} -d '{{\"clientId\":\"me\",\"revision\":0}}'"
        ),
        "# metrics".to_owned(),
        format!("curl http://{}/metrics", service.admin),
        String::new(),
        "Ctrl-C stops the service.".to_owned(),
    ];
    for line in lines {
        terminal.print(line)?;
    }
    terminal.out.flush()?;
    Ok(())
}

/// Makes the calls and judges the answers: one line each.
pub(super) async fn check(service: &Service, token: &str, terminal: &mut Terminal) -> Result<Exit, Failure> {
    terminal.print("\n4. calls")?;
    let mut all_well = true;
    let mut note = |what: &str, result: Result<(), String>, terminal: &mut Terminal| -> Result<(), Failure> {
        match result {
            Ok(()) => terminal.print(format_args!("ok      {what}"))?,
            Err(why) => {
                all_well = false;
                terminal.print(format_args!("FAILED  {what}: {}", escape::line(&why)))?;
            }
        }
        terminal.out.flush()?;
        Ok(())
    };
    note("REST without a token is refused with 401", refused(service).await, terminal)?;
    note("REST writes an entry", rest_put(service, token, "100").await, terminal)?;
    note("REST reads it back", rest_get(service, token, "100").await, terminal)?;
    note(
        "REST reports an unknown key with 404 and its reason",
        rest_unknown(service, token).await,
        terminal,
    )?;
    let grpc = Grpc::connect(service, token).await;
    match grpc {
        Err(why) => note("gRPC connects and reflects", Err(why), terminal)?,
        Ok(grpc) => {
            note("gRPC connects and reflects", Ok(()), terminal)?;
            note("gRPC reads the same entry", grpc.get("100").await, terminal)?;
            note(
                "gRPC reports an unknown key with NOT_FOUND and its reason",
                grpc.unknown().await,
                terminal,
            )?;
            let watched = match grpc.watch().await {
                Ok(mut messages) => match rest_put(service, token, "200").await {
                    Ok(()) => sees(&mut messages, "200").await,
                    Err(why) => Err(why),
                },
                Err(why) => Err(why),
            };
            note("a gRPC watch sees what REST writes", watched, terminal)?;
        }
    }
    Ok(if all_well { Exit::Clean } else { Exit::Findings })
}

async fn refused(service: &Service) -> Result<(), String> {
    let answer = http::request(service.address, "GET", &path(KEY), None, None).await?;
    expect_status(&answer, 401)
}

async fn rest_put(service: &Service, token: &str, value: &str) -> Result<(), String> {
    let body = json!({ "value": value }).to_string();
    let answer = http::request(service.address, "PUT", &path(KEY), Some(token), Some(&body)).await?;
    expect_status(&answer, 200)?;
    expect_value(&answer.body, "/config/value", value)
}

async fn rest_get(service: &Service, token: &str, value: &str) -> Result<(), String> {
    let answer = http::request(service.address, "GET", &path(KEY), Some(token), None).await?;
    expect_status(&answer, 200)?;
    expect_value(&answer.body, "/config/value", value)
}

async fn rest_unknown(service: &Service, token: &str) -> Result<(), String> {
    let answer = http::request(service.address, "GET", &path("no.such.key"), Some(token), None).await?;
    expect_status(&answer, 404)?;
    if answer.body.contains("CONFIG_NOT_FOUND") {
        Ok(())
    } else {
        Err(format!("no reason in {}", answer.body))
    }
}

struct Grpc {
    client: Client,
    catalog: Catalog,
    options: CallOptions,
}

impl Grpc {
    async fn connect(service: &Service, token: &str) -> Result<Self, String> {
        let text = |error: protogate_client::Error| error.to_string();
        let target = Target::parse(&service.address.to_string()).map_err(text)?;
        let options = CallOptions::default()
            .with_metadata("authorization", &format!("Bearer {token}"))
            .map_err(text)?
            .with_deadline(Duration::from_secs(10));
        let client = Client::connect(&target).await.map_err(text)?;
        let catalog = client.reflect(&options).await.map_err(text)?;
        Ok(Self { client, catalog, options })
    }

    async fn get(&self, value: &str) -> Result<(), String> {
        let method = self.catalog.resolve("GetConfig").map_err(|error| error.to_string())?;
        let request = json!({ "key": KEY }).to_string();
        let reply =
            self.client.unary(&method, &request, &self.options).await.map_err(|error| error.to_string())?;
        expect_value(&reply.to_json(STYLE), "/config/value", value)
    }

    async fn unknown(&self) -> Result<(), String> {
        let method = self.catalog.resolve("GetConfig").map_err(|error| error.to_string())?;
        let request = json!({ "key": "no.such.key" }).to_string();
        let Err(error) = self.client.unary(&method, &request, &self.options).await else {
            return Err("it was found".to_owned());
        };
        let has_reason = error.failure().is_some_and(|failure| {
            failure.code_name() == "NOT_FOUND"
                && format!("{:?}", failure.details()).contains("CONFIG_NOT_FOUND")
        });
        if has_reason { Ok(()) } else { Err(error.to_string()) }
    }

    async fn watch(&self) -> Result<Messages, String> {
        let method = self.catalog.resolve("WatchConfig").map_err(|error| error.to_string())?;
        let request = json!({ "clientId": "demo", "revision": 0 }).to_string();
        self.client.server_stream(&method, &request, &self.options).await.map_err(|error| error.to_string())
    }
}

/// Reads until the value arrives; what came before it is history.
async fn sees(messages: &mut Messages, value: &str) -> Result<(), String> {
    let reading = async {
        loop {
            match messages.next().await {
                Ok(Some(reply)) if expect_value(&reply.to_json(STYLE), "/updated/value", value).is_ok() => {
                    return Ok(());
                }
                Ok(Some(_)) => {}
                Ok(None) => return Err("the watch ended".to_owned()),
                Err(error) => return Err(error.to_string()),
            }
        }
    };
    tokio::time::timeout(DELIVERY, reading)
        .await
        .unwrap_or_else(|_| Err(format!("it did not within {} s", DELIVERY.as_secs())))
}

fn path(key: &str) -> String {
    format!("/api/v1/config/{key}")
}

fn expect_status(answer: &Answer, status: u16) -> Result<(), String> {
    if answer.status == status {
        Ok(())
    } else {
        Err(format!("status {} instead of {status}: {}", answer.status, answer.body))
    }
}

fn expect_value(json: &str, pointer: &str, expected: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(json).map_err(|error| format!("{error} in {json}"))?;
    match value.pointer(pointer).and_then(Value::as_str) {
        Some(found) if found == expected => Ok(()),
        found => Err(format!("`{pointer}` is {found:?} instead of `{expected}`")),
    }
}
