//! Static facts about an rpc, produced by the method table emitter and read by every layer.
//!
//! The method of a request is resolved once, by [`crate::layer`]'s `method` layer, and travels in the request's extensions as
//! `&'static MethodInfo`. No later layer parses a path again.

use std::time::Duration;

/// One rpc: names, streaming, policy, HTTP bindings.
#[derive(Debug)]
pub struct MethodInfo {
    /// Full name of the service, such as `acme.v1.Library`.
    pub service: &'static str,
    /// Short name, such as `GetBook`.
    pub name: &'static str,
    /// gRPC path, such as `/acme.v1.Library/GetBook`.
    pub path: &'static str,
    /// The caller sends a stream.
    pub client_streaming: bool,
    /// The server sends a stream.
    pub server_streaming: bool,
    /// `idempotency_level` of the descriptor.
    pub idempotency: Idempotency,
    /// Who may call, and within which limits.
    pub policy: Policy,
    /// HTTP bindings in the order of the annotation.
    pub bindings: &'static [Binding],
}

impl MethodInfo {
    /// Whether one side sends a stream.
    pub(crate) const fn streams(&self) -> bool {
        self.client_streaming || self.server_streaming
    }

    /// Whether Connect calls may come as GET: unary, and without side effects.
    pub(crate) fn takes_get(&self) -> bool {
        !self.streams() && self.idempotency == Idempotency::NoSideEffects
    }
}

/// `google.protobuf.MethodOptions.IdempotencyLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Not said.
    Unknown,
    /// Safe: changes nothing.
    NoSideEffects,
    /// May be repeated.
    Idempotent,
}

/// Who may call a method, and within which limits. See `protogate.v1.MethodPolicy`.
#[derive(Debug)]
pub struct Policy {
    /// Who may call.
    pub access: Access,
    /// Longest run time of a unary call.
    pub timeout: Option<Duration>,
    /// How often one caller may call.
    pub rate_limit: Option<RateLimit>,
    /// Each call leaves an audit record.
    pub audit: bool,
}

/// Who may call a method.
#[derive(Debug)]
pub enum Access {
    /// Nobody: the contract does not say who.
    Denied,
    /// Anybody.
    Public,
    /// A caller with one of `roles` (if any are named) and all of `permissions`.
    Granted {
        /// One of these, compared exactly.
        roles: &'static [&'static str],
        /// All of these, compared exactly.
        permissions: &'static [&'static str],
    },
}

/// A token bucket.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// Calls per second, more than 0.
    pub per_second: f64,
    /// Calls that may come at once, at least 1.
    pub burst: u32,
    /// Whose calls are counted together.
    pub key: RateKey,
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateKey {
    /// The authenticated subject; the peer's address for public methods.
    Subject,
    /// The peer's address.
    Peer,
    /// All callers.
    All,
}

/// One HTTP mapping of an rpc, validated at build time.
#[derive(Debug)]
pub struct Binding {
    /// Method token; `*` for every method.
    pub http_method: &'static str,
    /// Path template.
    pub template: &'static str,
    /// What the content of the request is.
    pub body: Body,
    /// Proto name of the response field that is the content of the reply.
    pub response_body: Option<&'static str>,
}

/// What the content of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Not used.
    None,
    /// The whole request message.
    All,
    /// This top-level field, by proto name.
    Field(&'static str),
}
