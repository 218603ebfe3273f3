//! The server: takes a configuration and services, checks that they may start, listens, and drains.
//!
//! [`Server`] is the builder, [`Running`] the handle of a started one. The stack of layers is assembled in `stack`, the sockets are
//! in `listener` and `connection`.

mod admin;
mod builtin;
mod connection;
mod dispatch;
mod error;
mod hooks;
mod listener;
mod openapi;
mod running;
mod shutdown;
mod stack;
mod start_check;
mod tls;

use std::convert::Infallible;
use std::future::Future;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Shared;
use self::dispatch::{Dispatch, Entries};
use self::error::Kind;
pub use self::error::ServerError;
use self::hooks::{BoxService, Hooks, wrap};
pub use self::running::Running;
pub use self::shutdown::{Readiness, Shutdown};
use crate::config::{Compat, Config, TrailingSlash, UnknownInput};
use crate::error::render::Renderer;
use crate::gateway::handler::RestSettings;
use crate::gateway::router::{Offers, Router};
use crate::json::{ReadOptions, Unknown, WriteOptions};
use crate::layer::auth::AuthLayer;
use crate::layer::auth::claims::Expected;
use crate::layer::auth::keys::KeySet;
use crate::layer::auth::token::Verifier;
use crate::layer::body_limit::BodyLimitLayer;
use crate::layer::capacity::CapacityLayer;
use crate::layer::deadline::DeadlineLayer;
use crate::layer::hygiene::HygieneLayer;
use crate::layer::method::MethodLayer;
use crate::layer::rate_limit::{RateLimitLayer, Table};
use crate::layer::stream::StreamLayer;
use crate::layer::{Request, Response};
use crate::service::{MessageLimits, Service};
use crate::telemetry::metrics::Metrics;
use crate::wire::Door;
use crate::wire::codec::CodecSettings;

/// A server under construction.
///
/// ```no_run
/// # async fn run(service: protogate::Service) -> Result<(), Box<dyn std::error::Error>> {
/// let config = protogate::Config::load()?;
/// protogate::Server::from_config(config).service(service).serve().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a server does nothing until it is started"]
pub struct Server {
    config: Config,
    services: Vec<Service>,
    hooks: Hooks,
    shutdown: Shutdown,
    readiness: Readiness,
}

impl Server {
    /// A server with this configuration and no services.
    pub fn from_config(config: Config) -> Self {
        let shutdown = Shutdown::default();
        let readiness = Readiness::new(shutdown.clone());
        Self { config, services: Vec::new(), hooks: Hooks::default(), shutdown, readiness }
    }

    /// Mounts a service.
    pub fn service(mut self, service: Service) -> Self {
        self.services.push(service);
        self
    }

    /// Leaves a layer of the stack out. The layers, the outermost first: `panic`, `request_id`, `observe`, `render`, `method`,
    /// `headers`, `body_limit`, `deadline`, `auth`, `policy`, `rate_limit`, `capacity`, `stream`. `render` and `method` cannot be left
    /// out, `policy` can only be replaced; the start says so.
    pub fn without(mut self, name: &str) -> Self {
        self.hooks.remove(name);
        self
    }

    /// Puts a tower layer outside the layer of this name. What is below it is boxed.
    pub fn layer_before<L>(mut self, name: &str, layer: L) -> Self
    where
        L: tower_layer::Layer<BoxService> + Send + Sync + 'static,
        L::Service: tower_service::Service<Request, Response = Response, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as tower_service::Service<Request>>::Future: Send + 'static,
    {
        self.hooks.before(name, wrap(layer));
        self
    }

    /// Puts a tower layer inside the layer of this name. What is below it is boxed.
    pub fn layer_after<L>(mut self, name: &str, layer: L) -> Self
    where
        L: tower_layer::Layer<BoxService> + Send + Sync + 'static,
        L::Service: tower_service::Service<Request, Response = Response, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as tower_service::Service<Request>>::Future: Send + 'static,
    {
        self.hooks.after(name, wrap(layer));
        self
    }

    /// Puts a tower layer in the place of the layer of this name.
    pub fn replace<L>(mut self, name: &str, layer: L) -> Self
    where
        L: tower_layer::Layer<BoxService> + Send + Sync + 'static,
        L::Service: tower_service::Service<Request, Response = Response, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        <L::Service as tower_service::Service<Request>>::Future: Send + 'static,
    {
        self.hooks.replace(name, wrap(layer));
        self
    }

    /// The handle with which the service says whether it may be sent work.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// The token that fires when the shutdown begins; also in the extensions of every request.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// Serves until SIGTERM or SIGINT, then drains.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn serve(self) -> Result<(), ServerError> {
        let signal = running::signal().map_err(Kind::Signal)?;
        self.serve_with_shutdown(signal).await
    }

    /// Serves until `signal` completes, then drains.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn serve_with_shutdown(self, signal: impl Future<Output = ()>) -> Result<(), ServerError> {
        let running = self.start().await?;
        signal.await;
        running.shutdown().await;
        Ok(())
    }

    /// Checks everything, listens, and returns a handle. Port 0 takes a free port.
    ///
    /// # Errors
    /// A configuration that must not be started with, keys or certificates that cannot be read, services or layers that do not fit
    /// together, an address that is taken.
    pub async fn start(self) -> Result<Running, ServerError> {
        let Self { config, mut services, hooks, shutdown, readiness } = self;
        let keys = KeySet::load(&config)?;
        let warnings = start_check::check(&config, !keys.is_empty()).map_err(Kind::Refused)?;
        hooks.check().map_err(Kind::Assembly)?;
        let tls = tls::Tls::load(&config)?;

        let names = services.iter().map(|service| service.name).collect();
        let (health, health_task) = builtin::health(readiness.clone(), names);
        services.push(health);
        let descriptor_sets: Vec<&'static [u8]> =
            services.iter().map(|service| service.descriptor_set).collect();
        services.extend(builtin::reflection(&config, &descriptor_sets)?);

        let limits = config.limits.clone();
        let tables: Vec<_> = services.iter().map(|service| service.methods).collect();
        let offers = Offers { grpc_web: config.grpc_web.enabled, connect: config.connect.enabled };
        let router = Arc::new(Router::new(&tables, trailing_slash(&config), offers).map_err(Kind::Assembly)?);
        let catalogs = services.iter().flat_map(|service| service.errors);
        let renderer = Renderer::new(catalogs, config.errors.detail_types.clone());
        let renderer = renderer.with_form(config.rest.error_format, config.rest.problem_type.clone());
        let renderer = Arc::new(renderer);
        let metrics = Arc::new(Metrics::new(&tables));
        let messages = MessageLimits { decode: limits.message_in, encode: limits.message_out };
        let documents: Vec<_> = services.iter().filter_map(|it| Some((it.name, it.openapi?))).collect();
        let entries = services
            .into_iter()
            .map(|service| Entries {
                grpc: (service.grpc)(messages),
                typed: service.typed,
                rest: service.rest,
            })
            .collect();
        let dispatch = Dispatch {
            services: entries,
            codecs: Arc::new(codec_settings(&config, messages)),
            settings: Arc::new(rest_settings(&config)),
        };
        let door = Arc::new(Door::new(&config, Arc::clone(&router), renderer));
        let layers = layers(&config, keys, &tables, router, Arc::clone(&metrics), shutdown.clone());
        let stack = stack::assemble(layers, &hooks, dispatch);

        let listener = bind(config.server.listen).await?;
        let admin_listener = match config.server.admin {
            true => Some(bind(config.server.admin_listen).await?),
            false => None,
        };
        let addr =
            listener.local_addr().map_err(|error| Kind::Bind { address: config.server.listen, error })?;
        let admin_addr = admin_listener.as_ref().and_then(|listener| listener.local_addr().ok());

        for warning in warnings {
            warn(&warning);
        }
        let configuration = config.effective();
        tracing::info!(configuration, "effective configuration");
        tracing::info!(%addr, admin_addr = admin_addr.map(tracing::field::display), "listening");

        let tracker = TaskTracker::new();
        tracker.spawn(health_task);
        if let Some(tls) = &tls {
            tracker.spawn(Arc::clone(tls).follow(shutdown.clone()));
        }
        let admin_stop = CancellationToken::new();
        if let Some(listener) = admin_listener {
            let openapi = openapi::OpenApi::new(documents, addr, tls.is_some());
            let admin = Arc::new(admin::Admin { metrics: Arc::clone(&metrics), readiness, openapi });
            tokio::spawn(admin::serve(listener, admin, admin_stop.clone()));
        }
        let (kill, tracker_of_all) = (CancellationToken::new(), tracker.clone());
        let limit = limits.shutdown;
        let shared = Shared {
            stack,
            door,
            metrics,
            limits,
            tls,
            shutdown: shutdown.clone(),
            kill: kill.clone(),
            tracker: tracker.clone(),
        };
        tracker.spawn(listener::accept(listener, Arc::new(shared)));
        Ok(Running::new(addr, admin_addr, shutdown, kill, admin_stop, tracker_of_all, limit))
    }
}

fn layers(
    config: &Config,
    keys: KeySet,
    tables: &[&'static [crate::method::MethodInfo]],
    router: Arc<Router>,
    metrics: Arc<Metrics>,
    shutdown: Shutdown,
) -> stack::Layers {
    let (limits, auth) = (&config.limits, &config.auth);
    let expected = Expected {
        issuer: auth.issuer.clone(),
        audience: auth.audience.clone(),
        roles_claim: auth.roles_claim.clone(),
        permissions_claim: auth.permissions_claim.clone(),
        leeway: auth.leeway,
    };
    let failures = limits.failed_credentials_per_second;
    stack::Layers {
        metrics,
        method: MethodLayer {
            router,
            max_uri: limits.uri,
            method_override: config.rest.method_override,
            wrong_method: match config.rest.compat {
                Compat::GrpcGateway => http::StatusCode::NOT_IMPLEMENTED,
                Compat::None => http::StatusCode::METHOD_NOT_ALLOWED,
            },
        },
        headers: HygieneLayer::new(&config.headers.allow),
        body_limit: BodyLimitLayer { body: limits.body, message: limits.message_in, gap: limits.body_gap },
        deadline: DeadlineLayer { default: limits.deadline, max: limits.deadline_max },
        auth: AuthLayer {
            verifier: Arc::new(Verifier::new(keys, expected)),
            failures: Arc::new(Table::new(f64::from(failures), failures, limits.rate_entries)),
        },
        rate_limit: RateLimitLayer::new(
            limits.calls_per_second,
            limits.calls_burst,
            limits.rate_entries,
            tables,
        ),
        capacity: CapacityLayer::new(limits.running_calls, limits.streams, limits.streams_per_identity),
        stream: StreamLayer { shutdown, grace: limits.stream_grace, leeway: auth.leeway },
    }
}

fn trailing_slash(config: &Config) -> protogate_transcode::TrailingSlash {
    match config.rest.trailing_slash {
        TrailingSlash::Strict => protogate_transcode::TrailingSlash::Strict,
        TrailingSlash::Ignore => protogate_transcode::TrailingSlash::Ignore,
    }
}

fn rest_settings(config: &Config) -> RestSettings {
    let (rest, limits) = (&config.rest, &config.limits);
    RestSettings {
        read: ReadOptions { unknown: unknown(rest.unknown_json), max_elements: limits.elements },
        write: WriteOptions {
            always_print_fields_with_no_presence: rest.always_print_fields_with_no_presence,
            proto_names: rest.proto_names,
            enum_as_int: rest.enum_as_int,
            pretty: rest.pretty,
            null_for_unset_messages: rest.compat == Compat::GrpcGateway,
            ..WriteOptions::default()
        },
        unknown_query: unknown(rest.unknown_query),
        ignored_query: rest.ignored_query.clone(),
        max_content: limits.body,
        max_query: limits.query,
        max_parameters: limits.query_parameters,
        stream_keep_alive: rest.stream_keep_alive,
        operations: rest.operations,
        compat: rest.compat,
    }
}

/// What the contract does not know, in the words of the reader.
const fn unknown(input: UnknownInput) -> Unknown {
    match input {
        UnknownInput::Reject => Unknown::Reject,
        UnknownInput::Ignore => Unknown::Ignore,
    }
}

fn codec_settings(config: &Config, limits: MessageLimits) -> CodecSettings {
    let unknown = unknown(config.connect.unknown_json);
    CodecSettings {
        read: ReadOptions { unknown, max_elements: config.limits.elements },
        write: WriteOptions::default(),
        limits,
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|error| Kind::Bind { address, error }.into())
}

/// A warning that is seen on every start, whether or not a log is installed.
fn warn(warning: &str) {
    if tracing::dispatcher::has_been_set() {
        tracing::warn!(warning, "start");
    } else {
        // Nothing can be done when standard error is closed.
        let _ = writeln!(std::io::stderr(), "warning: {warning}");
    }
}
