//! Callers: gRPC over HTTP/2, REST over HTTP/2, raw bytes over HTTP/1, and tokens for them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use prost::Message as _;
use protogate::{Config, Running, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic_types::pb;

pub(crate) const ISSUER: &str = "https://issuer.example";

/// A production configuration on free ports, with the keys of the fixtures; `more` may add keys to any section but `server`, `auth`.
pub(crate) fn config(more: &str) -> Config {
    let keys = "keys = [{ kid = \"hs256\", algorithm = \"HS256\", file = \"hs.key\" }]";
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\
         [auth]\nissuer = \"{ISSUER}\"\naudience = \"config\"\nleeway = \"0s\"\n{keys}\n{more}"
    );
    let keys = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/auth/keys");
    Config::from_toml(&text).unwrap().with_base(keys)
}

pub(crate) async fn start(more: &str) -> Running {
    server(more).start().await.unwrap()
}

pub(crate) fn server(more: &str) -> Server {
    Server::from_config(config(more)).service(crate::service::service())
}

/// A token of the test issuer.
pub(crate) fn token(subject: &str, roles: &[&str], permissions: &[&str], lives: Duration) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/auth/keys/hs.key");
    let secret = std::fs::read(path).unwrap();
    let exp = (SystemTime::now() + lives).duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let claims = serde_json::json!({
        "iss": ISSUER, "aud": "config", "sub": subject, "exp": exp, "roles": roles, "permissions": permissions,
    });
    let header = Header { kid: Some("hs256".to_owned()), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(secret.strip_suffix(b"\n").unwrap());
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

pub(crate) fn admin_token() -> String {
    token("root", &["admin"], &["write"], Duration::from_secs(60))
}

pub(crate) async fn connect(addr: SocketAddr) -> SendRequest<Full<Bytes>> {
    let socket = TcpStream::connect(addr).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// A whole answer over HTTP/2.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
}

impl Answer {
    pub(crate) async fn of(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let collected = body.collect().await.unwrap();
        let trailers = collected.trailers().cloned().unwrap_or_default();
        Self { status: parts.status.as_u16(), headers: parts.headers, body: collected.to_bytes(), trailers }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where the gRPC status is: the headers of a trailers-only answer, or the trailers.
    fn grpc_headers(&self) -> &HeaderMap {
        if self.headers.contains_key("grpc-status") { &self.headers } else { &self.trailers }
    }

    pub(crate) fn trailers_only(&self) -> bool {
        self.headers.contains_key("grpc-status")
    }

    pub(crate) fn code(&self) -> i32 {
        let value = self.grpc_headers().get("grpc-status");
        value.unwrap_or_else(|| panic!("no grpc-status: {self:?}")).to_str().unwrap().parse().unwrap()
    }

    pub(crate) fn message(&self) -> String {
        let value = self.grpc_headers().get("grpc-message").map_or(&b""[..], |value| value.as_bytes());
        percent_encoding::percent_decode(value).decode_utf8().unwrap().into_owned()
    }

    pub(crate) fn details(&self) -> Vec<prost_types::Any> {
        let Some(value) = self.grpc_headers().get("grpc-status-details-bin") else { return Vec::new() };
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD_NO_PAD, value).unwrap();
        pb::Status::decode(bytes.as_slice()).unwrap().details
    }

    pub(crate) fn detail<M: prost::Message + Default>(&self, name: &str) -> Option<M> {
        let url = format!("type.googleapis.com/google.rpc.{name}");
        let found = self.details().into_iter().find(|detail| detail.type_url == url)?;
        Some(M::decode(found.value.as_slice()).unwrap())
    }

    /// The messages of a gRPC answer, which are texts.
    pub(crate) fn messages(&self) -> Vec<String> {
        let mut rest = &self.body[..];
        let mut messages = Vec::new();
        while rest.len() >= 5 {
            let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
            messages.push(String::decode(&rest[5..5 + length]).unwrap());
            rest = &rest[5 + length..];
        }
        messages
    }
}

/// One gRPC message.
pub(crate) fn frame(text: &str) -> Bytes {
    let message = text.to_owned().encode_to_vec();
    let mut bytes = vec![0];
    bytes.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(&message);
    Bytes::from(bytes)
}

pub(crate) fn grpc_request(
    addr: SocketAddr,
    method: &str,
    headers: &[(&str, &str)],
    text: &str,
) -> Request<Full<Bytes>> {
    let mut request = Request::post(format!("http://{addr}{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(frame(text))).unwrap()
}

/// A gRPC call of `/t.v1.Test/<method>`, or of a whole path.
pub(crate) async fn grpc(addr: SocketAddr, method: &str, headers: &[(&str, &str)], text: &str) -> Answer {
    let path = if method.starts_with('/') { method.to_owned() } else { format!("/t.v1.Test/{method}") };
    let request = grpc_request(addr, &path, headers, text);
    Answer::of(connect(addr).await.send_request(request).await.unwrap()).await
}

/// A REST call over HTTP/2.
pub(crate) async fn rest(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("http://{addr}{path}"));
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    Answer::of(connect(addr).await.send_request(request).await.unwrap()).await
}

/// A request with any content over HTTP/2.
pub(crate) async fn send(
    addr: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(format!("http://{addr}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body.into())).unwrap();
    Answer::of(connect(addr).await.send_request(request).await.unwrap()).await
}

/// Sends bytes over HTTP/1 and reads until the server closes.
pub(crate) async fn raw(addr: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(addr).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good as a close.
    let _ = tokio::time::timeout(Duration::from_secs(20), socket.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}
