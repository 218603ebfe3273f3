//! The REST rival: an axum handler and serde structs, written by hand, that answer with the same JSON.

use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Result;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use clap::Parser as _;
use protogate_bench::entry::Source;
use protogate_bench::listen::{Args, listen};
use protogate_bench::token::Verifier;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct GetConfigResponse {
    config: Config,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    key: String,
    value: String,
    // ProtoJSON writes 64-bit numbers as strings.
    revision: String,
    create_time: String,
    update_time: String,
    updated_by: String,
}

#[derive(Debug, Serialize)]
struct Fault {
    code: u16,
    message: String,
}

async fn get_config(State(source): State<Source>, Path(key): Path<String>) -> Response {
    let found = match source.get(&key).await {
        Ok(Some(found)) => found,
        Ok(None) => return fault(StatusCode::NOT_FOUND, format!("config `{key}` does not exist")),
        Err(error) => return fault(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    let (Ok(value), Some(create_time), Some(update_time)) =
        (String::from_utf8(found.value), rfc3339(found.created_at), rfc3339(found.updated_at))
    else {
        return fault(StatusCode::INTERNAL_SERVER_ERROR, "the entry cannot be shown".to_owned());
    };
    let revision = found.revision.to_string();
    let config =
        Config { key: found.key, value, revision, create_time, update_time, updated_by: found.updated_by };
    Json(GetConfigResponse { config }).into_response()
}

fn rfc3339(time: SystemTime) -> Option<String> {
    Some(format!("{:.3}", jiff::Timestamp::try_from(time).ok()?))
}

fn fault(status: StatusCode, message: String) -> Response {
    (status, Json(Fault { code: status.as_u16(), message })).into_response()
}

async fn check_token(State(verifier): State<Arc<Verifier>>, request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    if verifier.allows(header, "reader") {
        next.run(request).await
    } else {
        fault(StatusCode::UNAUTHORIZED, "a token with the role `reader` is required".to_owned())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let mut router = Router::new().route("/api/v1/config/{key}", get(get_config));
    if let Some(verifier) = args.verifier()? {
        router = router.layer(from_fn_with_state(Arc::new(verifier), check_token));
    }
    let router = router.with_state(args.source().await?);
    let listener = listen().await?.tap_io(|stream| {
        // Slower answers on a socket that refuses the option are no reason to end.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}
