//! One service, every protocol, clients that nobody here wrote: connect-es over Connect, gRPC-Web and gRPC, the official gRPC-Web
//! client, and grpc-js.

use std::pin::Pin;
use std::time::Duration;

use echo::echo_server::Echo;
use futures_util::{Stream, StreamExt as _, stream};
use protogate_e2e::node;
use tonic::{Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::pb::echo::v1 as echo;

const DESCRIPTORS: &str = concat!(env!("OUT_DIR"), "/protogate.descriptor.binpb");

struct Echoing;

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn failure(message: &str) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info("NO_SUCH_THING", "echo.example", [("key".to_owned(), "a/b".to_owned())]);
    details.set_retry_info(Some(Duration::from_millis(1500)));
    let mut status = Status::with_error_details(tonic::Code::NotFound, message, details);
    status.metadata_mut().insert("x-fail", "yes".parse().unwrap());
    status.metadata_mut().insert_bin("x-fail-bin", tonic::metadata::MetadataValue::from_bytes(&[1, 2, 255]));
    status
}

#[tonic::async_trait]
impl Echo for Echoing {
    async fn say(&self, request: Request<echo::SayRequest>) -> Result<Response<echo::SayResponse>, Status> {
        let back = request.metadata().get("x-echo").cloned();
        let mut response = Response::new(echo::SayResponse { words: request.into_inner().words });
        if let Some(back) = back {
            response.metadata_mut().insert("x-echo-back", back);
        }
        Ok(response)
    }

    async fn fail(
        &self,
        request: Request<echo::FailRequest>,
    ) -> Result<Response<echo::FailResponse>, Status> {
        Err(failure(&request.get_ref().message))
    }

    async fn sleep(
        &self,
        request: Request<echo::SleepRequest>,
    ) -> Result<Response<echo::SleepResponse>, Status> {
        let milliseconds = u64::try_from(request.get_ref().milliseconds).unwrap();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(Response::new(echo::SleepResponse {}))
    }

    async fn guarded(
        &self,
        _request: Request<echo::GuardedRequest>,
    ) -> Result<Response<echo::GuardedResponse>, Status> {
        Ok(Response::new(echo::GuardedResponse {}))
    }

    type CountStream = Replies<echo::CountResponse>;

    async fn count(
        &self,
        request: Request<echo::CountRequest>,
    ) -> Result<Response<Self::CountStream>, Status> {
        let echo::CountRequest { to, fail, size } = request.into_inner();
        let text = "x".repeat(usize::try_from(size).unwrap());
        let numbers = (1..=to).map(move |number| Ok(echo::CountResponse { number, text: text.clone() }));
        let end = fail.then(|| Err(failure("counted enough")));
        let mut response: Response<Self::CountStream> =
            Response::new(Box::pin(stream::iter(numbers.chain(end))));
        response.metadata_mut().insert("x-count", "begun".parse().unwrap());
        Ok(response)
    }

    async fn collect(
        &self,
        request: Request<Streaming<echo::CollectRequest>>,
    ) -> Result<Response<echo::CollectResponse>, Status> {
        let mut messages = request.into_inner();
        let mut answer = echo::CollectResponse::default();
        while let Some(message) = messages.next().await {
            answer.sum += message?.number;
            answer.count += 1;
        }
        Ok(Response::new(answer))
    }

    type ChatStream = Replies<echo::ChatResponse>;

    async fn chat(
        &self,
        request: Request<Streaming<echo::ChatRequest>>,
    ) -> Result<Response<Self::ChatStream>, Status> {
        let answers = request
            .into_inner()
            .map(|line| line.map(|line| echo::ChatResponse { text: format!("{}!", line.text) }));
        Ok(Response::new(Box::pin(answers)))
    }
}

/// Runs a script against a server in this process.
fn with_server(script: &'static str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let config = protogate::Config::from_toml(
            "[server]\nmode = \"dev\"\nlisten = \"127.0.0.1:0\"\nadmin = false\n\
             [limits]\ncalls_per_second = 100000\ncalls_burst = 100000\n\
             [cors]\norigins = [\"http://console.example\"]\n",
        )
        .unwrap();
        let running =
            protogate::Server::from_config(config).service(echo::echo(Echoing)).start().await.unwrap();
        let base = format!("http://{}", running.addr());
        tokio::task::spawn_blocking(move || node(script, &[&base, DESCRIPTORS])).await.unwrap();
        assert!(running.shutdown().await, "the drain ends in time");
    });
}

#[test]
fn connect_es_over_every_transport() {
    with_server("connect_es.cjs");
}

#[test]
fn the_official_grpc_web_client() {
    with_server("grpc_web.cjs");
}

#[test]
fn grpc_js() {
    with_server("grpc_js.cjs");
}
