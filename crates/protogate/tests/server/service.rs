//! The service under test: every rpc takes and gives a text. What it does is in its name.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};
use protogate::codegen::v1::Code;
use protogate::{
    Access, Binding, BindingBody, Body, ErrorBuilder, ErrorCatalog, ErrorSpec, Idempotency, Identity,
    MethodInfo, Policy, RateKey, RateLimit, Service, Shutdown,
};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

pub(crate) static CATALOG: ErrorCatalog = ErrorCatalog {
    domain: "test.example",
    default_locale: "en",
    errors: &[
        ErrorSpec {
            reason: "BUSY",
            code: "ERR_BUSY",
            grpc_code: Code::Unavailable,
            http_status: 503,
            retryable: true,
            retry_delay: Some(Duration::from_millis(1500)),
            texts: &[("en", "busy"), ("zh-CN", "忙")],
        },
        ErrorSpec {
            reason: "CONFIG_NOT_FOUND",
            code: "ERR_CONFIG_404",
            grpc_code: Code::NotFound,
            http_status: 410,
            retryable: false,
            retry_delay: None,
            texts: &[
                ("en", "config `{key}` does not exist"),
                ("zh-CN", "配置「{key}」不存在"),
                ("de", "„{key}“ fehlt"),
            ],
        },
    ],
};

const PUBLIC: Policy = policy(Access::Public);
const ADMIN: Policy = policy(Access::Granted { roles: &["admin", "ops"], permissions: &["write"] });

const fn policy(access: Access) -> Policy {
    Policy { access, timeout: None, rate_limit: None, audit: false }
}

const fn unary(
    name: &'static str,
    path: &'static str,
    policy: Policy,
    bindings: &'static [Binding],
) -> MethodInfo {
    MethodInfo {
        service: "t.v1.Test",
        name,
        path,
        client_streaming: false,
        server_streaming: false,
        idempotency: Idempotency::Unknown,
        policy,
        bindings,
    }
}

const fn watch(
    name: &'static str,
    path: &'static str,
    policy: Policy,
    bindings: &'static [Binding],
) -> MethodInfo {
    MethodInfo { server_streaming: true, ..unary(name, path, policy, bindings) }
}

const fn post(template: &'static str) -> Binding {
    Binding { http_method: "POST", template, body: BindingBody::All, response_body: None }
}

const fn get(template: &'static str) -> Binding {
    Binding { http_method: "GET", template, body: BindingBody::None, response_body: None }
}

pub(crate) static METHODS: [MethodInfo; 16] = [
    unary("Open", "/t.v1.Test/Open", PUBLIC, &[post("/v1/open")]),
    unary("Admin", "/t.v1.Test/Admin", ADMIN, &[post("/v1/admin")]),
    unary("Bare", "/t.v1.Test/Bare", policy(Access::Denied), &[post("/v1/bare")]),
    unary("Fail", "/t.v1.Test/Fail", PUBLIC, &[post("/v1/fail")]),
    unary(
        "Slow",
        "/t.v1.Test/Slow",
        Policy { timeout: Some(Duration::from_millis(300)), ..policy(Access::Public) },
        &[post("/v1/slow")],
    ),
    unary("Headers", "/t.v1.Test/Headers", PUBLIC, &[post("/v1/headers")]),
    unary(
        "Limited",
        "/t.v1.Test/Limited",
        Policy {
            rate_limit: Some(RateLimit { per_second: 0.1, burst: 2, key: RateKey::Peer }),
            ..policy(Access::Public)
        },
        &[post("/v1/limited")],
    ),
    watch("Watch", "/t.v1.Test/Watch", PUBLIC, &[get("/v1/watch")]),
    watch("WatchFail", "/t.v1.Test/WatchFail", PUBLIC, &[get("/v1/watchfail")]),
    watch("WatchAdmin", "/t.v1.Test/WatchAdmin", ADMIN, &[get("/v1/watchadmin")]),
    watch("WatchDeaf", "/t.v1.Test/WatchDeaf", PUBLIC, &[get("/v1/watchdeaf")]),
    watch("WatchStuck", "/t.v1.Test/WatchStuck", PUBLIC, &[get("/v1/watchstuck")]),
    watch("WatchPanic", "/t.v1.Test/WatchPanic", PUBLIC, &[get("/v1/watchpanic")]),
    MethodInfo {
        client_streaming: true,
        ..unary("Collect", "/t.v1.Test/Collect", PUBLIC, &[post("/v1/collect")])
    },
    MethodInfo {
        idempotency: Idempotency::NoSideEffects,
        ..unary("Read", "/t.v1.Test/Read", PUBLIC, &[post("/v1/read")])
    },
    MethodInfo {
        client_streaming: true,
        server_streaming: true,
        ..unary("Chat", "/t.v1.Test/Chat", PUBLIC, &[])
    },
];

type Texts = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

async fn answer(name: &'static str, request: Request<String>) -> Result<Response<String>, Status> {
    let wish = request.get_ref().as_str();
    match (name, wish) {
        ("Fail", "catalog") => Err(error(1).with("key", "a/b").into()),
        ("Fail", "hostile") => Err(error(1).with("key", "{{7*7}} {key} %s <script>\r\n").into()),
        ("Fail", "field") => Err(error(1)
            .with("key", "k")
            .field_violation("config.key", "too long")
            .internal("canary-sql")
            .into()),
        ("Fail", "busy") => Err(error(0).into()),
        ("Fail", "internal") => Err(Status::internal("/srv/db.rs: canary SELECT")),
        ("Fail", "unknown") => Err(Status::unknown("canary upstream text")),
        ("Fail", "panic") => panic!("canary panic"),
        ("Fail", "newline") => Err(Status::not_found("a\r\ngrpc-status: 0\0「x」")),
        ("Fail", _) => Err(Status::failed_precondition("not now")),
        ("Slow", _) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(Response::new(String::new()))
        }
        ("Headers", _) => {
            let subject = request.extensions().get::<Identity>().map_or("", Identity::subject).to_owned();
            let names: Vec<_> = request.metadata().as_ref().keys().map(http::HeaderName::as_str).collect();
            Ok(Response::new(format!("{subject};{}", names.join(","))))
        }
        ("Open", "metadata") => {
            let mut response = Response::new("x".repeat(2000));
            response.metadata_mut().insert("x-shelf", "7".parse().unwrap());
            response
                .metadata_mut()
                .insert_bin("x-key-bin", tonic::metadata::MetadataValue::from_bytes(b"\x01\x02"));
            Ok(response)
        }
        ("Open", "slow") => {
            tokio::time::sleep(Duration::from_millis(400)).await;
            Ok(Response::new("slow".to_owned()))
        }
        _ => Ok(Response::new(format!("{name}:{wish}"))),
    }
}

fn error(at: usize) -> ErrorBuilder {
    ErrorBuilder::new(&CATALOG, &CATALOG.errors[at])
}

fn ticks() -> impl Stream<Item = Result<String, Status>> + Send {
    stream::unfold(0_u32, |number| async move {
        if number > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some((Ok(format!("tick{number}")), number + 1))
    })
}

/// Takes texts and never answers.
async fn collecting(_texts: Request<Streaming<String>>) -> Result<Response<String>, Status> {
    std::future::pending().await
}

/// Answers each text with itself.
async fn chatting(texts: Request<Streaming<String>>) -> Result<Response<Texts>, Status> {
    Ok(Response::new(Box::pin(texts.into_inner().map(|text| text.map(|text| format!("{text}!"))))))
}

async fn watching<T>(name: &'static str, request: Request<T>) -> Result<Response<Texts>, Status> {
    let texts: Texts = match name {
        "WatchFail" => Box::pin(stream::iter([Ok("one".to_owned()), Err(error(1).with("key", "k").into())])),
        "WatchPanic" => Box::pin(stream::iter(0..2).map(|number| match number {
            0 => Ok("one".to_owned()),
            _ => panic!("canary panic"),
        })),
        "WatchStuck" => std::future::pending().await,
        "WatchDeaf" => Box::pin(ticks()),
        _ => {
            let shutdown = request.extensions().get::<Shutdown>().cloned().unwrap_or_default();
            Box::pin(protogate::watch::until_shutdown(Box::pin(ticks()), &shutdown).boxed())
        }
    };
    Ok(Response::new(texts))
}

#[derive(Clone)]
struct TestServer {
    decode: usize,
}

impl tower_service::Service<http::Request<Body>> for TestServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let decode = self.decode;
        Box::pin(async move {
            let method = METHODS.iter().find(|method| method.path == request.uri().path()).unwrap();
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<String, String>::default())
                .apply_max_message_size_config(Some(decode), None);
            let name = method.name;
            Ok(if method.client_streaming && method.server_streaming {
                grpc.streaming(tower::service_fn(chatting), request).await
            } else if method.client_streaming {
                grpc.client_streaming(tower::service_fn(collecting), request).await
            } else if method.server_streaming {
                grpc.server_streaming(tower::service_fn(move |request| watching(name, request)), request)
                    .await
            } else {
                grpc.unary(tower::service_fn(move |request| answer(name, request)), request).await
            })
        })
    }
}

/// The service, ready to be mounted.
pub(crate) fn service() -> Service {
    let mut service = Service::new("t.v1.Test", &METHODS, &[], std::slice::from_ref(&CATALOG), |limits| {
        TestServer { decode: limits.decode }
    });
    for (index, method) in METHODS.iter().enumerate() {
        let name = method.name;
        service = if method.client_streaming && method.server_streaming {
            service.bidi_streaming::<String, String, Texts, _>(index, |request| Box::pin(chatting(request)))
        } else if method.client_streaming {
            service.client_streaming::<String, String, _>(index, |request| Box::pin(collecting(request)))
        } else if method.server_streaming {
            service.server_streaming::<(), String, Texts, _>(index, move |request| {
                Box::pin(watching(name, request))
            })
        } else {
            service.unary::<String, String, _>(index, move |request| Box::pin(answer(name, request)))
        };
    }
    service
}
