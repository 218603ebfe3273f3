//! What the driver needs besides load: a token, request frames, the entry written once, and one answer looked at closely.
//!
//! A load generator counts answers and does not read them. So before any load each contender is asked once, and what it
//! answers is printed in a form that must be equal for all: everything but revision and times.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};
use prost::Message;
use protogate_bench::entry::{KEY, VALUE};
use protogate_bench::pb::config_manager_client::ConfigManagerClient;
use protogate_bench::pb::service_health_client::ServiceHealthClient;
use protogate_bench::pb::{CheckHealthRequest, GetConfigRequest};
use protogate_bench::token;
use serde_json::{Value, json};
use tonic::Request;
use tonic::transport::Endpoint;

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints a signed token.
    Token {
        /// File that holds the HS256 key.
        #[arg(long)]
        key: PathBuf,
        #[arg(long)]
        kid: String,
        #[arg(long)]
        issuer: String,
        #[arg(long)]
        audience: String,
    },
    /// Writes the requests as gRPC frames: `get.frame`, `health.frame`.
    Frames { dir: PathBuf },
    /// Prints the path of the entry.
    Path,
    /// Writes the entry by REST.
    Seed {
        address: SocketAddr,
        #[arg(long)]
        token: String,
    },
    /// Asks once by gRPC; prints both answers, then the bytes of data that each takes.
    Grpc {
        address: SocketAddr,
        #[arg(long)]
        token: String,
    },
    /// Asks once by REST; prints the answer, then the bytes of the body.
    Rest {
        address: SocketAddr,
        #[arg(long)]
        token: String,
    },
}

fn main() -> Result<()> {
    let text = match Args::parse().command {
        Command::Token { key, kid, issuer, audience } => {
            let key = fs::read(&key).with_context(|| format!("cannot read {}", key.display()))?;
            token::sign(&key, &kid, &issuer, &audience)?
        }
        Command::Frames { dir } => {
            fs::write(dir.join("get.frame"), frame(&GetConfigRequest { key: KEY.to_owned() }))?;
            fs::write(dir.join("health.frame"), frame(&CheckHealthRequest {}))?;
            return Ok(());
        }
        Command::Path => path(),
        Command::Seed { address, token } => {
            let body = json!({ "value": VALUE }).to_string();
            ask(address, "PUT", &token, &body)?;
            return Ok(());
        }
        Command::Grpc { address, token } => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(grpc(address, &token))?,
        Command::Rest { address, token } => {
            let body = ask(address, "GET", &token, "")?;
            format!("{}\n{}", shown(serde_json::from_str(&body)?)?, body.len())
        }
    };
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn path() -> String {
    format!("/api/v1/config/{KEY}")
}

/// Not compressed, length, message.
fn frame(message: &impl Message) -> Vec<u8> {
    let body = message.encode_to_vec();
    let length = u32::try_from(body.len()).expect("a request of the bench is small");
    [&[0], length.to_be_bytes().as_slice(), &body].concat()
}

async fn grpc(address: SocketAddr, token: &str) -> Result<String> {
    let channel = Endpoint::from_shared(format!("http://{address}"))?.timeout(PATIENCE).connect().await?;
    let mut request = Request::new(GetConfigRequest { key: KEY.to_owned() });
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
    let answer = ConfigManagerClient::new(channel.clone()).get_config(request).await?.into_inner();
    let health = ServiceHealthClient::new(channel).check_health(CheckHealthRequest {}).await?.into_inner();
    let (get_bytes, health_bytes) = (frame(&answer).len(), frame(&health).len());
    let mut config = answer.config.context("the answer holds no entry")?;
    if config.revision <= 0 || config.create_time.take().is_none() || config.update_time.take().is_none() {
        bail!("the entry has no revision or no times: {config:?}");
    }
    config.revision = 0;
    if config.value != VALUE {
        bail!("the entry has the value `{}`, expected `{VALUE}`", config.value);
    }
    Ok(format!("{config:?} {health:?}\n{get_bytes}\n{health_bytes}"))
}

/// One HTTP/1.1 exchange that must end with 200; gives the body.
fn ask(address: SocketAddr, method: &str, token: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        path(),
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) =
        answer.split_once("\r\n\r\n").with_context(|| format!("no HTTP answer: {answer:?}"))?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("`{method} {}` was answered with {head}\n{body}", path());
    }
    if !head.to_ascii_lowercase().contains("\r\ncontent-length:") {
        bail!("the answer has no content-length: {head}");
    }
    Ok(body.to_owned())
}

/// The answer, with what differs between contenders replaced by its type.
fn shown(mut answer: Value) -> Result<Value> {
    let config =
        answer.get_mut("config").and_then(Value::as_object_mut).context("the answer holds no entry")?;
    if config.get("value") != Some(&json!(VALUE)) {
        bail!("the entry has the value {:?}, expected `{VALUE}`", config.get("value"));
    }
    for name in ["revision", "createTime", "updateTime"] {
        match config.get_mut(name) {
            Some(Value::String(text)) => *text = "some".to_owned(),
            other => bail!("`{name}` is {other:?}, expected a string"),
        }
    }
    Ok(answer)
}
