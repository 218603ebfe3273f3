//! An in-process tonic server for the tests: a hand-written service, so that no generated code stands between client and wire.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use prost::Message as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::body::Body;
use tonic::server::{Grpc, ServerStreamingService, UnaryService};
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tonic_types::{ErrorDetails, StatusExt as _};
use tower_service::Service;

/// Which reflection the server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reflection {
    None,
    V1,
    V1Alpha,
}

/// The compiled schema of the service, imports included.
pub(crate) fn descriptor_set() -> Vec<u8> {
    // Of the client, wherever this module is included.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../protogate-client/tests/proto");
    let mut compiler = protox::Compiler::new([root]).unwrap();
    compiler.include_imports(true);
    compiler.open_file("kitchen/v1/kitchen.proto").unwrap();
    compiler.encode_file_descriptor_set()
}

/// Starts the server on a free port; it runs until the test's runtime ends.
pub(crate) async fn start(reflection: Reflection) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let set = descriptor_set();
    let builder =
        || tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(&set);
    let mut router = tonic::transport::Server::builder().add_service(Kitchen);
    match reflection {
        Reflection::None => {}
        Reflection::V1 => router = router.add_service(builder().build_v1().unwrap()),
        Reflection::V1Alpha => router = router.add_service(builder().build_v1alpha().unwrap()),
    }
    tokio::spawn(router.serve_with_incoming(TcpListenerStream::new(listener)));
    address
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CookRequest {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "2")]
    portions: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Dish {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "2")]
    portions: i64,
    #[prost(string, repeated, tag = "3")]
    notes: Vec<String>,
}

#[derive(Clone)]
struct Kitchen;

impl tonic::server::NamedService for Kitchen {
    const NAME: &'static str = "kitchen.v1.Kitchen";
}

impl Service<tonic::codegen::http::Request<Body>> for Kitchen {
    type Response = tonic::codegen::http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: tonic::codegen::http::Request<Body>) -> Self::Future {
        let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::default());
            Ok(match method.as_str() {
                "Cook" => grpc.unary(Cook, request).await,
                "Refuse" => grpc.unary(Refuse, request).await,
                "Slow" => grpc.unary(Slow, request).await,
                "Serve" => grpc.server_streaming(Serve { spoils: false }, request).await,
                "Spoil" => grpc.server_streaming(Serve { spoils: true }, request).await,
                other => Status::unimplemented(other.to_owned()).into_http(),
            })
        })
    }
}

struct Cook;

impl UnaryService<CookRequest> for Cook {
    type Response = Dish;
    type Future = Ready<Result<Response<Dish>, Status>>;

    fn call(&mut self, request: Request<CookRequest>) -> Self::Future {
        let mut notes: Vec<String> = request
            .metadata()
            .get_all("x-note")
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        notes.extend(
            request.metadata().get_bin("raw-bin").map(|value| format!("{:?}", value.to_bytes().unwrap())),
        );
        notes.extend(request.metadata().get("grpc-timeout").map(|_| "has a deadline".to_owned()));
        let order = request.into_inner();
        ready(Ok(Response::new(Dish { name: order.name, portions: order.portions, notes })))
    }
}

struct Refuse;

impl UnaryService<CookRequest> for Refuse {
    type Response = Dish;
    type Future = Ready<Result<Response<Dish>, Status>>;

    fn call(&mut self, _: Request<CookRequest>) -> Self::Future {
        let mut details = ErrorDetails::new();
        details
            .set_error_info("SOLD_OUT", "kitchen.example", [("dish".to_owned(), "soup".to_owned())])
            .set_localized_message("de", "Suppe ist aus")
            .add_bad_request_violation("name", "not on the menu")
            .set_request_info("id-7", "")
            .set_retry_info(Some(Duration::from_secs(30)));
        let with_known = Status::with_error_details(Code::ResourceExhausted, "sold out: soup", details);
        // One detail more, of a type that only the schema knows.
        let mut status = tonic_types::pb::Status::decode(with_known.details()).unwrap();
        let dish = Dish { name: "stew".to_owned(), ..Dish::default() };
        status.details.push(prost_types::Any {
            type_url: "type.googleapis.com/kitchen.v1.Dish".to_owned(),
            value: dish.encode_to_vec(),
        });
        let details = status.encode_to_vec();
        ready(Err(Status::with_details(Code::ResourceExhausted, "sold out: soup", details.into())))
    }
}

struct Slow;

impl UnaryService<CookRequest> for Slow {
    type Response = Dish;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Dish>, Status>> + Send>>;

    fn call(&mut self, _: Request<CookRequest>) -> Self::Future {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(Response::new(Dish::default()))
        })
    }
}

struct Serve {
    spoils: bool,
}

impl ServerStreamingService<CookRequest> for Serve {
    type Response = Dish;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<Dish, Status>> + Send>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<CookRequest>) -> Self::Future {
        let order = request.into_inner();
        let dishes = (1..=order.portions)
            .map(move |portion| Ok(Dish { name: order.name.clone(), portions: portion, notes: Vec::new() }));
        let end = self.spoils.then(|| Err(Status::data_loss("dropped the plate")));
        ready(Ok(Response::new(Box::pin(tokio_stream::iter(dishes).chain(tokio_stream::iter(end))))))
    }
}
