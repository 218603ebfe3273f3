//! The one function that assembles the stack, in its order.
//!
//! From the outside: what must see everything (panic, ids, observation, rendering), then the method, then what reads it, the cheapest
//! refusal first. The names are those of [`Server::without`](super::Server::without) and its relatives; user layers stand between.

use std::convert::Infallible;
use std::sync::Arc;

use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_service::Service;

use super::dispatch::Dispatch;
use super::hooks::Hooks;
use crate::layer::auth::AuthLayer;
use crate::layer::body_limit::BodyLimitLayer;
use crate::layer::capacity::CapacityLayer;
use crate::layer::deadline::DeadlineLayer;
use crate::layer::hygiene::HygieneLayer;
use crate::layer::method::MethodLayer;
use crate::layer::observe::ObserveLayer;
use crate::layer::panic::PanicLayer;
use crate::layer::policy::PolicyLayer;
use crate::layer::rate_limit::RateLimitLayer;
use crate::layer::render::RenderLayer;
use crate::layer::request_id::RequestIdLayer;
use crate::layer::stream::StreamLayer;
use crate::layer::{Request, Response};
use crate::telemetry::metrics::Metrics;

/// Every layer with its settings.
pub(super) struct Layers {
    pub(super) metrics: Arc<Metrics>,
    pub(super) method: MethodLayer,
    pub(super) headers: HygieneLayer,
    pub(super) body_limit: BodyLimitLayer,
    pub(super) deadline: DeadlineLayer,
    pub(super) auth: AuthLayer,
    pub(super) rate_limit: RateLimitLayer,
    pub(super) capacity: CapacityLayer,
    pub(super) stream: StreamLayer,
}

/// Assembles the stack around the dispatcher.
pub(super) fn assemble(
    layers: Layers,
    hooks: &Hooks,
    dispatch: Dispatch,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static {
    let Layers { metrics, method, headers, body_limit, deadline, auth, rate_limit, capacity, stream } =
        layers;
    let panic = PanicLayer { metrics: Arc::clone(&metrics) };
    let observe = ObserveLayer { metrics: Arc::clone(&metrics) };
    ServiceBuilder::new()
        .layer(hooks.outside("panic"))
        .layer(option_layer(hooks.keeps("panic").then_some(panic)))
        .layer(hooks.outside("request_id"))
        .layer(option_layer(hooks.keeps("request_id").then_some(RequestIdLayer)))
        .layer(hooks.outside("observe"))
        .layer(option_layer(hooks.keeps("observe").then_some(observe)))
        .layer(hooks.outside("render"))
        .layer(RenderLayer { metrics })
        .layer(hooks.outside("method"))
        .layer(method)
        .layer(hooks.outside("headers"))
        .layer(option_layer(hooks.keeps("headers").then_some(headers)))
        .layer(hooks.outside("body_limit"))
        .layer(option_layer(hooks.keeps("body_limit").then_some(body_limit)))
        .layer(hooks.outside("deadline"))
        .layer(option_layer(hooks.keeps("deadline").then_some(deadline)))
        .layer(hooks.outside("auth"))
        .layer(option_layer(hooks.keeps("auth").then_some(auth)))
        .layer(hooks.outside("policy"))
        .layer(option_layer(hooks.keeps("policy").then_some(PolicyLayer)))
        .layer(hooks.outside("rate_limit"))
        .layer(option_layer(hooks.keeps("rate_limit").then_some(rate_limit)))
        .layer(hooks.outside("capacity"))
        .layer(option_layer(hooks.keeps("capacity").then_some(capacity)))
        .layer(hooks.outside("stream"))
        .layer(option_layer(hooks.keeps("stream").then_some(stream)))
        .layer(hooks.innermost())
        .service(dispatch)
}
