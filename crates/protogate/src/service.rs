//! One mounted service: its method table, its gRPC entry, and its in-process entries for Connect and REST. Generated code builds it,
//! the server takes it.
//!
//! All of them end in the same trait method of the same value; what comes before (layers) is the server's.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use tonic::{Request, Response, Status, Streaming};
use tower::ServiceExt as _;

use crate::error::ErrorCatalog;
use crate::gateway::handler::{BoxFuture, RestHandler, client_streaming, server_streaming, unary};
use crate::json::JsonMessage;
use crate::method::MethodInfo;
use crate::wire::codec::{self, TypedEntry};

/// The body type of the whole stack.
pub type Body = tonic::body::Body;

/// A gRPC entry with its types erased.
pub(crate) trait GrpcEntry: Send + Sync {
    fn call(&self, request: http::Request<Body>) -> BoxFuture<Result<http::Response<Body>, Infallible>>;
}

/// A generated tonic server. It is cloned for each call, which is cheap, and saves the box that a boxed service would be cloned in.
struct Generated<S>(S);

impl<S> GrpcEntry for Generated<S>
where
    S: tower::Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
{
    fn call(&self, request: http::Request<Body>) -> BoxFuture<Result<http::Response<Body>, Infallible>> {
        Box::pin(self.0.clone().oneshot(request))
    }
}

/// Sizes that the gRPC codec enforces, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct MessageLimits {
    /// Largest request message. Default 4 MiB.
    pub decode: usize,
    /// Largest response message. Default 16 MiB.
    pub encode: usize,
}

/// A service ready to be mounted with [`crate::Server::service`].
pub struct Service {
    pub(crate) name: &'static str,
    pub(crate) methods: &'static [MethodInfo],
    pub(crate) grpc: Box<dyn FnOnce(MessageLimits) -> Arc<dyn GrpcEntry> + Send>,
    /// For Connect, by position in `methods`.
    pub(crate) typed: Vec<Option<Arc<dyn TypedEntry>>>,
    /// By position in `methods`; `None` where REST is not offered (bidirectional streams).
    pub(crate) rest: Vec<Option<Arc<dyn RestHandler>>>,
    pub(crate) descriptor_set: &'static [u8],
    pub(crate) errors: &'static [ErrorCatalog],
    /// An OpenAPI document that describes the service, among others of its contract.
    pub(crate) openapi: Option<&'static str>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("methods", &self.methods.len())
            .finish_non_exhaustive()
    }
}

type Handled<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send>>;

impl Service {
    /// Starts a service; called by generated code.
    ///
    /// `methods` is the generated method table, `descriptor_set` the encoded descriptor set that reflection serves.
    #[must_use]
    pub fn new<G, S>(
        name: &'static str,
        methods: &'static [MethodInfo],
        descriptor_set: &'static [u8],
        errors: &'static [ErrorCatalog],
        grpc: G,
    ) -> Self
    where
        G: FnOnce(MessageLimits) -> S + Send + 'static,
        S: tower::Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        Self {
            name,
            methods,
            grpc: Box::new(|limits| Arc::new(Generated(grpc(limits)))),
            typed: methods.iter().map(|_| None).collect(),
            rest: methods.iter().map(|_| None).collect(),
            descriptor_set,
            errors,
            openapi: None,
        }
    }

    /// The OpenAPI document, in JSON, that describes the REST API of the service. It may describe other services too.
    #[must_use]
    pub fn openapi(mut self, document: &'static str) -> Self {
        self.openapi = Some(document);
        self
    }

    /// The entries for Connect and REST of the unary method at `index` of the method table.
    #[must_use]
    pub fn unary<Q, A, F>(mut self, index: usize, call: F) -> Self
    where
        Q: JsonMessage + prost::Message,
        A: JsonMessage + prost::Message,
        F: Fn(Request<Q>) -> Handled<A> + Send + Sync + 'static,
    {
        let call = Arc::new(call);
        self.typed[index] = Some(codec::unary(Arc::clone(&call)));
        self.rest[index] = Some(unary(&self.methods[index], move |request| call(request)));
        self
    }

    /// The entries for Connect and REST of the server-streaming method at `index`.
    #[must_use]
    pub fn server_streaming<Q, A, S, F>(mut self, index: usize, call: F) -> Self
    where
        Q: JsonMessage + prost::Message,
        A: JsonMessage + prost::Message,
        S: Stream<Item = Result<A, Status>> + Send + 'static,
        F: Fn(Request<Q>) -> Handled<S> + Send + Sync + 'static,
    {
        let call = Arc::new(call);
        self.typed[index] = Some(codec::server_streaming(Arc::clone(&call)));
        self.rest[index] = Some(server_streaming(&self.methods[index], move |request| call(request)));
        self
    }

    /// The entries for Connect and REST of the client-streaming method at `index`.
    #[must_use]
    pub fn client_streaming<Q, A, F>(mut self, index: usize, call: F) -> Self
    where
        Q: JsonMessage + prost::Message,
        A: JsonMessage + prost::Message,
        F: Fn(Request<Streaming<Q>>) -> Handled<A> + Send + Sync + 'static,
    {
        let call = Arc::new(call);
        self.typed[index] = Some(codec::client_streaming(Arc::clone(&call)));
        self.rest[index] = Some(client_streaming(&self.methods[index], move |request| call(request)));
        self
    }

    /// The entry for Connect of the bidirectional method at `index`; REST has no form for it.
    #[must_use]
    pub fn bidi_streaming<Q, A, S, F>(mut self, index: usize, call: F) -> Self
    where
        Q: JsonMessage + prost::Message,
        A: JsonMessage + prost::Message,
        S: Stream<Item = Result<A, Status>> + Send + 'static,
        F: Fn(Request<Streaming<Q>>) -> Handled<S> + Send + Sync + 'static,
    {
        self.typed[index] = Some(codec::bidi_streaming(Arc::new(call)));
        self
    }
}
