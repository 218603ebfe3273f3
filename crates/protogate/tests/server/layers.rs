//! User layers at named places, and layers left out or replaced.

use std::convert::Infallible;
use std::task::{Context, Poll};

use protogate::{Body, MethodInfo};
use tower_service::Service;

use crate::client::{admin_token, grpc, rest, server};

/// Adds its name to a response header, and notes whether the method is known where it stands.
#[derive(Clone)]
struct Mark(&'static str);

#[derive(Clone)]
struct Marked<S> {
    inner: S,
    name: &'static str,
}

impl<S> tower_layer::Layer<S> for Mark {
    type Service = Marked<S>;

    fn layer(&self, inner: S) -> Marked<S> {
        Marked { inner, name: self.0 }
    }
}

impl<S> Service<http::Request<Body>> for Marked<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let known = request.extensions().get::<&'static MethodInfo>().is_some();
        let value = format!("{}:{known}", self.name).parse().unwrap();
        let answered = self.inner.call(request);
        Box::pin(async move {
            let mut response = answered.await?;
            response.headers_mut().append("x-mark", value);
            Ok(response)
        })
    }
}

#[tokio::test]
async fn user_layers_stand_where_they_are_put() {
    let server = server("")
        .layer_before("method", Mark("outer"))
        .layer_after("policy", Mark("first"))
        .layer_after("policy", Mark("second"))
        .layer_before("panic", Mark("outermost"))
        .layer_after("stream", Mark("innermost"))
        .start()
        .await
        .unwrap();
    let answer = rest(server.addr(), "POST", "/v1/open", &[], "\"x\"").await;
    let marks: Vec<_> =
        answer.headers.get_all("x-mark").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(marks, ["innermost:true", "second:true", "first:true", "outer:false", "outermost:false"]);
    // A refusal by an outer layer does not pass the inner ones.
    let answer = grpc(server.addr(), "Bare", &[], "x").await;
    assert_eq!((answer.code(), answer.headers.get_all("x-mark").iter().count()), (16, 2));
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn layers_can_be_left_out_and_replaced() {
    let server = server("")
        .without("rate_limit")
        .replace("request_id", Mark("own"))
        .without("observe")
        .start()
        .await
        .unwrap();
    for _ in 0..5 {
        let answer = rest(server.addr(), "POST", "/v1/limited", &[], "\"x\"").await;
        assert_eq!((answer.status, answer.header("x-mark")), (200, "own:false"));
        assert!(!answer.headers.contains_key("x-request-id"));
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn leaving_auth_out_opens_nothing() {
    let server = server("").without("auth").start().await.unwrap();
    let bearer = format!("Bearer {}", admin_token());
    assert_eq!(grpc(server.addr(), "Admin", &[("authorization", &bearer)], "x").await.code(), 16);
    assert_eq!(grpc(server.addr(), "Open", &[], "x").await.code(), 0);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn impossible_wishes_do_not_start() {
    for (server, part) in [
        (server("").without("rate_limits"), "unknown layer `rate_limits`"),
        (server("").layer_before("nothing", Mark("x")), "unknown layer `nothing`"),
        (server("").without("method"), "`method` cannot be left out"),
        (server("").without("policy"), "`policy` can only be replaced"),
    ] {
        let error = server.start().await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
