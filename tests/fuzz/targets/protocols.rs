//! gRPC, gRPC-Web, Connect and REST over a socket: whatever the content, the answer comes, is none of a fault of the server's, and the
//! connection goes on. The first byte of an input chooses protocol and method, the second how the content is cut.
#![no_main]

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::Request;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use libfuzzer_sys::fuzz_target;
use protogate::{
    Access, Binding, BindingBody, Body, Config, Idempotency, MethodInfo, Policy, Running, Server, Service,
};
use protogate_fuzz::seed;
use protogate_golden::service::acme::library::v1::Book;
use tonic::{Response, Status, Streaming};
use tonic_prost::ProstCodec;

const fn method(
    name: &'static str,
    path: &'static str,
    streaming: (bool, bool),
    bindings: &'static [Binding],
) -> MethodInfo {
    MethodInfo {
        service: "fuzz.v1.Fuzz",
        name,
        path,
        client_streaming: streaming.0,
        server_streaming: streaming.1,
        idempotency: Idempotency::NoSideEffects,
        policy: Policy { access: Access::Public, timeout: None, rate_limit: None, audit: false },
        bindings,
    }
}

const fn post(template: &'static str) -> Binding {
    Binding { http_method: "POST", template, body: BindingBody::All, response_body: None }
}

static METHODS: [MethodInfo; 4] = [
    method("One", "/fuzz.v1.Fuzz/One", (false, false), &[post("/v1/one")]),
    method("Many", "/fuzz.v1.Fuzz/Many", (false, true), &[post("/v1/many")]),
    method("Take", "/fuzz.v1.Fuzz/Take", (true, false), &[post("/v1/take")]),
    method("Chat", "/fuzz.v1.Fuzz/Chat", (true, true), &[]),
];

type Books = Pin<Box<dyn Stream<Item = Result<Book, Status>> + Send>>;

async fn one(book: tonic::Request<Book>) -> Result<Response<Book>, Status> {
    Ok(Response::new(book.into_inner()))
}

async fn many(book: tonic::Request<Book>) -> Result<Response<Books>, Status> {
    let book = book.into_inner();
    Ok(Response::new(Box::pin(stream::iter([Ok(book.clone()), Ok(book)]))))
}

async fn take(books: tonic::Request<Streaming<Book>>) -> Result<Response<Book>, Status> {
    let mut books = books.into_inner();
    let mut last = Book::default();
    while let Some(book) = books.message().await? {
        last = book;
    }
    Ok(Response::new(last))
}

async fn chat(books: tonic::Request<Streaming<Book>>) -> Result<Response<Books>, Status> {
    Ok(Response::new(Box::pin(books.into_inner().boxed())))
}

#[derive(Clone)]
struct Grpc;

impl tower_service::Service<Request<Body>> for Grpc {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<Book, Book>::default());
            Ok(match request.uri().path().rsplit('/').next() {
                Some("One") => grpc.unary(tower::service_fn(one), request).await,
                Some("Many") => grpc.server_streaming(tower::service_fn(many), request).await,
                Some("Take") => grpc.client_streaming(tower::service_fn(take), request).await,
                _ => grpc.streaming(tower::service_fn(chat), request).await,
            })
        })
    }
}

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Runtime::new().expect("a runtime"));

static SERVER: LazyLock<Running> = LazyLock::new(|| {
    let service = Service::new("fuzz.v1.Fuzz", &METHODS, &[], &[], |_| Grpc)
        .unary::<Book, Book, _>(0, |request| Box::pin(one(request)))
        .server_streaming::<Book, Book, Books, _>(1, |request| Box::pin(many(request)))
        .client_streaming::<Book, Book, _>(2, |request| Box::pin(take(request)))
        .bidi_streaming::<Book, Book, Books, _>(3, |request| Box::pin(chat(request)));
    let text = "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\
        mode = \"dev\"\n[limits]\ncalls_per_second = 1000000\ncalls_burst = 1000000\n";
    let config = Config::from_toml(text).expect("a configuration");
    RUNTIME.block_on(Server::from_config(config).service(service).start()).expect("the server starts")
});

type Chunks = StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

/// Requests on one connection. After some 20,000 requests that are refused before their content has ended, a connection breaks; which
/// side counts and ends it is not known, and a connection that sees nothing but damaged requests is not what is tested here.
const REQUESTS: u32 = 200;

/// The connection of the next request, and how many it may take.
static CONNECTION: Mutex<Option<(SendRequest<Chunks>, u32)>> = Mutex::new(None);

async fn connect() -> SendRequest<Chunks> {
    let socket = tokio::net::TcpStream::connect(SERVER.addr()).await.expect("the server listens");
    socket.set_nodelay(true).expect("a socket");
    let (sender, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(socket)).await.expect("the server speaks HTTP/2");
    tokio::spawn(connection);
    sender
}

/// Content types and what goes with them.
const PROTOCOLS: [&[(&str, &str)]; 12] = [
    &[("content-type", "application/grpc"), ("te", "trailers")],
    &[("content-type", "application/grpc"), ("te", "trailers"), ("grpc-encoding", "gzip")],
    &[("content-type", "application/grpc-web+proto")],
    &[("content-type", "application/grpc-web+proto"), ("grpc-encoding", "gzip")],
    &[("content-type", "application/grpc-web-text")],
    &[("content-type", "application/proto"), ("connect-protocol-version", "1")],
    &[("content-type", "application/json"), ("connect-protocol-version", "1")],
    &[("content-type", "application/json"), ("content-encoding", "gzip")],
    &[("content-type", "application/connect+proto")],
    &[("content-type", "application/connect+json")],
    &[("content-type", "application/connect+json"), ("connect-content-encoding", "gzip")],
    &[("content-type", "application/connect+proto"), ("connect-content-encoding", "gzip")],
];

fn request(kind: u8, cut: u8, content: &[u8]) -> Option<Request<Chunks>> {
    let (protocol, method) = (usize::from(kind >> 2), &METHODS[usize::from(kind & 3)]);
    let mut request = Request::builder().method("POST");
    let mut target = format!("http://fuzz{}", method.path);
    let mut content = content;
    match (PROTOCOLS.get(protocol), protocol - PROTOCOLS.len().min(protocol)) {
        (Some(headers), _) => {
            for (name, value) in *headers {
                request = request.header(*name, *value);
            }
        }
        (None, 0) => {
            // What may stand in a request target; the rest is refused by the client.
            let query: String = content
                .iter()
                .filter(|it| it.is_ascii_graphic() && **it != b'#')
                .map(|it| char::from(*it))
                .collect();
            target = format!("{target}?{query}");
            request = request.method("GET");
            content = &[];
        }
        (None, other) => {
            target = format!("http://fuzz{}", method.bindings.first().map_or("/v1/none", |it| it.template));
            let packed = if other & 1 == 0 { "gzip" } else { "identity" };
            let media = if other & 2 == 0 { "application/json" } else { "application/x-ndjson" };
            request = request.header("content-type", media).header("content-encoding", packed);
        }
    }
    let size = if cut == 0 { content.len().max(1) } else { usize::from(cut) };
    let chunks: Vec<_> =
        content.chunks(size).take(512).map(|it| Ok(Frame::data(Bytes::copy_from_slice(it)))).collect();
    request.uri(target).body(StreamBody::new(stream::iter(chunks))).ok()
}

async fn answer(request: Request<Chunks>) -> (u16, Vec<u8>) {
    let kept = CONNECTION.lock().expect("one at a time").take();
    let (mut sender, left) = match kept {
        Some((sender, left)) if left > 0 => (sender, left - 1),
        _ => (connect().await, REQUESTS),
    };
    sender.ready().await.expect("the connection takes a request");
    let response = sender.send_request(request).await.expect("an answer");
    let status = response.status().as_u16();
    let mut headers = format!("{:?}\n", response.headers()).into_bytes();
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        match frame.expect("an answer to its end").into_data() {
            Ok(data) => headers.extend_from_slice(&data),
            Err(frame) => headers.extend_from_slice(format!("{:?}", frame.trailers_ref()).as_bytes()),
        }
    }
    *CONNECTION.lock().expect("one at a time") = Some((sender, left));
    (status, headers)
}

fuzz_target!(init: { seed("protocols"); LazyLock::force(&SERVER); }, |data: &[u8]| {
    let [kind, cut, content @ ..] = data else { return };
    let Some(request) = request(*kind, *cut, content) else { return };
    let shown = format!("{request:?}");
    let (status, text) = RUNTIME
        .block_on(async { tokio::time::timeout(Duration::from_secs(8), answer(request)).await })
        .expect("an answer in time");
    let fine = status == 200 || (400..500).contains(&status) || status == 501;
    assert!(fine, "{status} for {shown}: {}", String::from_utf8_lossy(&text));
    let text = String::from_utf8_lossy(&text);
    assert!(!text.contains("grpc-status: 2\r") && !text.contains("\"grpc-status\": \"2\""), "{shown}: {text}");
});
