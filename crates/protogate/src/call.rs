//! The facts of one request that every layer shares: protocol, languages, peer, ids, and what later layers learn.
//!
//! A [`Call`] is made once, before the first layer, and travels in the request's extensions behind an `Arc`. Outer layers see what
//! inner ones find out (method, subject) through its write-once cells. It also is the current call of the task while the stack is
//! being polled, so that log lines of a handler carry its ids. Decisions are not made here.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, HeaderValue, Method};
use protogate_transcode::Code;

use crate::config::ErrorFormat;
use crate::error::form;
use crate::error::render::Renderer;
use crate::gateway::refusal::Refusal;
use crate::gateway::router::Target;
use crate::layer::capacity::StreamSlot;
use crate::wire::recognise::{Form, Recognised};

/// The protocol in which a caller speaks, and in which it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// gRPC: status in trailers.
    Grpc,
    /// gRPC-Web: the same with the trailers in the content.
    GrpcWeb,
    /// Connect: bare messages for unary calls, envelopes for streams.
    Connect,
    /// HTTP with JSON.
    Rest,
}

impl Protocol {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Grpc, Self::GrpcWeb, Self::Connect, Self::Rest];

    /// `grpc`, `grpc_web`, `connect` or `rest`, as logs and metrics name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::GrpcWeb => "grpc_web",
            Self::Connect => "connect",
            Self::Rest => "rest",
        }
    }

    /// Whether calls of this protocol have the form of gRPC inside of the stack; `wire` translates at the door.
    pub(crate) const fn is_framed(self) -> bool {
        !matches!(self, Self::Rest)
    }
}

/// The id of one request: the caller's `x-request-id` when it is well-formed, else a new UUID (version 7). It is in the request's
/// extensions, in every log line, in the response's `x-request-id` header and in `google.rpc.RequestInfo`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(pub(crate) Arc<str>);

impl RequestId {
    /// The id as text: 1 to 128 characters of `A-Z a-z 0-9 . _ -`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({})", self.0)
    }
}

/// The W3C trace context of one request: the caller's trace continued, or a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace, never 0.
    pub trace_id: u128,
    /// This server's span, never 0.
    pub span_id: u64,
    /// The caller's span, if the caller sent a trace.
    pub parent_id: Option<u64>,
    /// The trace flags; bit 0 says that the caller records the trace.
    pub flags: u8,
}

impl TraceContext {
    /// The `traceparent` value that hands this trace on to another server, with this server's span as the parent.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

/// The address of the caller's socket, in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// Request id and trace, set together by the `request_id` layer.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(crate) request_id: RequestId,
    pub(crate) trace: TraceContext,
}

/// The shared facts of one request.
pub(crate) struct Call {
    pub(crate) protocol: Protocol,
    /// What the request looked like on the wire.
    pub(crate) form: Form,
    /// The rpc, where it had to be known to tell the protocol.
    pub(crate) rpc: Option<Target>,
    /// Why the content cannot be taken; the first layer that may answer does.
    pub(crate) fault: OnceLock<Refusal>,
    /// `accept-language`, or, but for REST, also `grpc-accept-language`, as sent.
    pub(crate) languages: Option<HeaderValue>,
    /// Set for a HEAD request, whose answer has no content. See [`Call::note_method`].
    pub(crate) is_head: OnceLock<()>,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) started: Instant,
    pub(crate) renderer: Arc<Renderer>,
    /// How a failure reads in REST.
    pub(crate) error_format: ErrorFormat,
    pub(crate) ids: OnceLock<Ids>,
    pub(crate) target: OnceLock<Target>,
    pub(crate) subject: OnceLock<Arc<str>>,
    /// Counts this call among those of its connection, for as long as it lives.
    pub(crate) running: Option<Arc<()>>,
    /// The code of a stream of REST answers that failed after its head.
    pub(crate) late_code: OnceLock<Code>,
    /// Set when the body of an answer has panicked and was ended in good form; `observe` counts it.
    pub(crate) has_panicked: OnceLock<()>,
    /// The place of a stream; given back when the last holder of the call is gone.
    pub(crate) slot: OnceLock<StreamSlot>,
}

impl Call {
    pub(crate) fn new(
        recognised: &Recognised,
        headers: &HeaderMap,
        peer: Option<SocketAddr>,
        renderer: Arc<Renderer>,
    ) -> Self {
        let protocol = recognised.protocol;
        let languages = headers.get(ACCEPT_LANGUAGE);
        let languages = match protocol {
            Protocol::Rest => languages,
            _ => languages.or_else(|| headers.get("grpc-accept-language")),
        };
        Self {
            protocol,
            form: recognised.form,
            rpc: recognised.target,
            fault: OnceLock::new(),
            languages: languages.cloned(),
            is_head: OnceLock::new(),
            peer,
            started: Instant::now(),
            error_format: form::of_caller(headers, renderer.error_format),
            renderer,
            ids: OnceLock::new(),
            target: OnceLock::new(),
            subject: OnceLock::new(),
            running: None,
            late_code: OnceLock::new(),
            has_panicked: OnceLock::new(),
            slot: OnceLock::new(),
        }
    }

    /// Takes note of the request's method; the layers that may answer first call it.
    pub(crate) fn note_method(&self, method: &Method) {
        if *method == Method::HEAD {
            // Setting it again changes nothing.
            let _ = self.is_head.set(());
        }
    }

    /// The language preference as text; `None` when absent or not ASCII.
    pub(crate) fn languages(&self) -> Option<&str> {
        self.languages.as_ref()?.to_str().ok()
    }

    /// The call of a request; `None` outside the stack.
    pub(crate) fn of(extensions: &http::Extensions) -> Option<&Arc<Self>> {
        extensions.get::<Arc<Self>>()
    }

    /// Runs `poll` with this call as the current one of the task.
    pub(crate) fn enter<R>(self: &Arc<Self>, poll: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(Arc::clone(self), poll)
    }

    /// Calls `read` with the current call of the task, if there is one.
    pub(crate) fn current<R>(read: impl FnOnce(&Self) -> R) -> Option<R> {
        CURRENT.try_with(|call| read(call)).ok()
    }
}

tokio::task_local! {
    static CURRENT: Arc<Call>;
}
