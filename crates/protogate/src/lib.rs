//! Runtime of generated services: one port, one stack, every protocol.
//!
//! A generated service hands its [`Service`] values to a [`Server`], which serves gRPC, gRPC-Web, Connect and REST on one port
//! through one stack of layers: request id, access log and metrics, limits, deadline, authentication, authorisation, rate limit, error rendering.
//! Everything a service's own code needs is re-exported here; what only generated code may name is in [`codegen`].
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let config = protogate::Config::load()?;
//! protogate::telemetry::init(&config)?;
//! protogate::Server::from_config(config).serve().await?;
//! # Ok(())
//! # }
//! ```

pub mod codegen;
pub mod config;
pub mod error;
pub mod etag;
pub mod json;
pub mod telemetry;
pub mod watch;

mod call;
mod gateway;
mod layer;
mod method;
mod server;
mod service;
mod wire;

pub use crate::call::{PeerAddr, Protocol, RequestId, TraceContext};
pub use crate::config::{Config, ConfigError};
pub use crate::error::{ErrorBuilder, ErrorCatalog, ErrorSpec};
pub use crate::layer::auth::Identity;
pub use crate::layer::deadline::Deadline;
pub use crate::method::{
    Access, Binding, Body as BindingBody, Idempotency, MethodInfo, Policy, RateKey, RateLimit,
};
pub use crate::server::{Readiness, Running, Server, ServerError, Shutdown};
pub use crate::service::{Body, MessageLimits, Service};
