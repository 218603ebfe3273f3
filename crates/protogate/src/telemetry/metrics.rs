//! The server's metrics and their text form (OpenMetrics, as Prometheus reads it).
//!
//! Labels come from the contract (service, method), never from a request, so their number is bounded. Names follow Prometheus'
//! conventions: base units, `_total` for counters.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use protogate_transcode::Code;

use crate::call::Protocol;
use crate::method::MethodInfo;

/// Upper bounds of the duration buckets, in seconds: from an answer out of memory to a call at its deadline.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct MethodLabels {
    service: &'static str,
    method: &'static str,
    protocol: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CallLabels {
    service: &'static str,
    method: &'static str,
    protocol: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ProtocolLabels {
    protocol: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

type Durations = Family<MethodLabels, Histogram, fn() -> Histogram>;

/// Everything that is counted and measured.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    durations: Durations,
    active_grpc: Gauge,
    active_rest: Gauge,
    /// Open connections.
    pub(crate) connections: Gauge,
    dropped: Family<CauseLabels, Counter>,
    /// Panics of handlers and streams.
    pub(crate) panics: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::default();
        let calls = Family::<CallLabels, Counter>::default();
        registry.register("rpc_server_calls", "Calls that have ended, by canonical code", calls.clone());
        let durations = Durations::new_with_constructor(|| Histogram::new(BUCKETS));
        registry.register(
            "rpc_server_duration_seconds",
            "Time from the head of a request to the last byte of its answer",
            durations.clone(),
        );
        let active = Family::<ProtocolLabels, Gauge>::default();
        registry.register("rpc_server_active_calls", "Calls that are running", active.clone());
        let of = |protocol: Protocol| {
            active.get_or_create(&ProtocolLabels { protocol: protocol.as_str() }).clone()
        };
        let (active_grpc, active_rest) = (of(Protocol::Grpc), of(Protocol::Rest));
        let connections = Gauge::default();
        registry.register("server_connections", "Open connections", connections.clone());
        let dropped = Family::<CauseLabels, Counter>::default();
        registry.register(
            "server_connections_dropped",
            "Connections that were not served, by cause",
            dropped.clone(),
        );
        let panics = Counter::default();
        registry.register("server_panics", "Panics of handlers that were caught", panics.clone());
        Self { registry, calls, durations, active_grpc, active_rest, connections, dropped, panics }
    }

    pub(crate) const fn active(&self, protocol: Protocol) -> &Gauge {
        match protocol {
            Protocol::Grpc => &self.active_grpc,
            Protocol::Rest => &self.active_rest,
        }
    }

    /// Takes note of a call that has ended. Calls without a method share one label.
    pub(crate) fn finished(
        &self,
        info: Option<&MethodInfo>,
        protocol: Protocol,
        code: Code,
        elapsed: Duration,
    ) {
        let (service, method) = info.map_or(("", ""), |info| (info.service, info.name));
        let protocol = protocol.as_str();
        self.calls.get_or_create(&CallLabels { service, method, protocol, code: code.name() }).inc();
        self.durations
            .get_or_create(&MethodLabels { service, method, protocol })
            .observe(elapsed.as_secs_f64());
    }

    /// Takes note of a connection that was not served.
    pub(crate) fn dropped(&self, cause: &'static str) {
        self.dropped.get_or_create(&CauseLabels { cause }).inc();
    }

    /// The text that `/metrics` answers.
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}
