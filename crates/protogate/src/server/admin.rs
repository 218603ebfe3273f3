//! The admin listener: `/metrics`, `/livez`, `/readyz` and `/openapi.json`, plain HTTP/1 on an address of its own.
//!
//! It has nothing in common with the service's stack, so that probes and metrics answer when the service is saturated. It stays up
//! while the service drains.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::openapi::OpenApi;
use super::shutdown::Readiness;
use crate::telemetry::metrics::Metrics;

/// Open admin connections.
const CONNECTIONS: usize = 64;
/// Time for a request head, and idle time between requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Wait after an accept error.
const BACKOFF: Duration = Duration::from_millis(200);

/// What the admin answers are made of.
#[derive(Debug)]
pub(super) struct Admin {
    pub(super) metrics: Arc<Metrics>,
    pub(super) readiness: Readiness,
    pub(super) openapi: OpenApi,
}

/// Serves until `stop`.
pub(super) async fn serve(listener: TcpListener, admin: Arc<Admin>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(BACKOFF).await;
            continue;
        };
        let (admin, stop) = (Arc::clone(&admin), stop.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = answer(&admin, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .max_buf_size(16 << 10)
                .max_headers(64)
                .serve_connection(TokioIo::new(socket), service);
            // How an admin connection ends is of no interest.
            let _ = stop.run_until_cancelled(connection).await;
            drop(place);
        });
    }
}

fn answer(admin: &Admin, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, kind, text) = match request.uri().path() {
        _ if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            let mut response = Response::new(Full::new(Bytes::from_static(b"method not allowed\n")));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        "/metrics" => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            (StatusCode::OK, kind, admin.metrics.encode())
        }
        "/openapi.json" if admin.openapi.is_there() => return admin.openapi.answer(request.headers()),
        "/livez" => (StatusCode::OK, "text/plain", "ok\n".to_owned()),
        "/readyz" if admin.readiness.is_ready() => (StatusCode::OK, "text/plain", "ok\n".to_owned()),
        "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, "text/plain", "not ready\n".to_owned()),
        _ => (StatusCode::NOT_FOUND, "text/plain", "not found\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
