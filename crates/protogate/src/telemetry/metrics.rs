//! The server's metrics and their text form (OpenMetrics, as Prometheus reads it).
//!
//! Labels come from the contract (service, method), never from a request, so their number is bounded. Names follow Prometheus'
//! conventions: base units, `_total` for counters. The series of a method are looked up by their labels once and then held, because
//! each call needs two of them.

use std::sync::OnceLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use protogate_transcode::Code;

use crate::call::Protocol;
use crate::gateway::router::Target;
use crate::method::MethodInfo;

/// Upper bounds of the duration buckets, in seconds: from an answer out of memory to a call at its deadline.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The number of canonical codes.
const CODES: usize = 17;

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

/// The series of one method. Each comes into being with its first call, so that none is shown that has not happened.
#[derive(Debug, Default)]
struct Series {
    /// By protocol.
    of: [ProtocolSeries; Protocol::ALL.len()],
}

/// The series of one method and protocol.
#[derive(Debug, Default)]
struct ProtocolSeries {
    /// By the number of the code.
    calls: [OnceLock<Counter>; CODES],
    duration: OnceLock<Histogram>,
}

/// Everything that is counted and measured.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    durations: Durations,
    /// By the positions of service and method, as in [`Target`].
    methods: Vec<Vec<Series>>,
    /// Of calls that have no method.
    without_method: Series,
    /// By protocol.
    active: [Gauge; Protocol::ALL.len()],
    /// Open connections.
    pub(crate) connections: Gauge,
    dropped: Family<CauseLabels, Counter>,
    /// Panics of handlers and streams.
    pub(crate) panics: Counter,
}

impl Metrics {
    /// The metrics of a server that offers these methods, by service in the order of mounting.
    pub(crate) fn new(tables: &[&'static [MethodInfo]]) -> Self {
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
        let active = Protocol::ALL
            .map(|protocol| active.get_or_create(&ProtocolLabels { protocol: protocol.as_str() }).clone());
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
        let methods = tables
            .iter()
            .map(|table| std::iter::repeat_with(Series::default).take(table.len()).collect())
            .collect();
        Self {
            registry,
            calls,
            durations,
            methods,
            without_method: Series::default(),
            active,
            connections,
            dropped,
            panics,
        }
    }

    pub(crate) const fn active(&self, protocol: Protocol) -> &Gauge {
        &self.active[protocol as usize]
    }

    /// Takes note of a call that has ended. Calls without a method share one label.
    pub(crate) fn finished(
        &self,
        target: Option<&Target>,
        protocol: Protocol,
        code: Code,
        elapsed: Duration,
    ) {
        let series = match target {
            None => Some(&self.without_method),
            Some(target) => self.methods.get(target.service).and_then(|table| table.get(target.method)),
        };
        let held = series.map(|series| &series.of[protocol as usize]);
        let (service, method) = target.map_or(("", ""), |target| (target.info.service, target.info.name));
        let protocol = protocol.as_str();
        let calls =
            || self.calls.get_or_create_owned(&CallLabels { service, method, protocol, code: code.name() });
        let duration = || self.durations.get_or_create_owned(&MethodLabels { service, method, protocol });
        let seconds = elapsed.as_secs_f64();
        match held.and_then(|held| Some((held.calls.get(code as usize)?, &held.duration))) {
            Some((held_calls, held_duration)) => {
                held_calls.get_or_init(calls).inc();
                held_duration.get_or_init(duration).observe(seconds);
            }
            None => {
                calls().inc();
                duration().observe(seconds);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::{Access, Idempotency, Policy};

    const fn method(service: &'static str, name: &'static str) -> MethodInfo {
        let policy = Policy { access: Access::Public, timeout: None, rate_limit: None, audit: false };
        MethodInfo {
            service,
            name,
            path: "",
            client_streaming: false,
            server_streaming: false,
            idempotency: Idempotency::Unknown,
            policy,
            bindings: &[],
        }
    }

    static FIRST: [MethodInfo; 1] = [method("a.A", "Get")];
    static SECOND: [MethodInfo; 2] = [method("b.B", "Get"), method("b.B", "Put")];

    #[test]
    fn each_call_counts_in_its_own_series() {
        let metrics = Metrics::new(&[&FIRST, &SECOND]);
        let at = |service: usize, method: usize, info: &'static MethodInfo| Target { service, method, info };
        let calls = [
            (Some(at(0, 0, &FIRST[0])), Protocol::Grpc, Code::Ok),
            (Some(at(1, 0, &SECOND[0])), Protocol::Grpc, Code::Ok),
            (Some(at(1, 1, &SECOND[1])), Protocol::Grpc, Code::Unauthenticated),
            (Some(at(1, 1, &SECOND[1])), Protocol::Rest, Code::NotFound),
            (None, Protocol::Rest, Code::NotFound),
            (Some(at(1, 1, &SECOND[1])), Protocol::GrpcWeb, Code::Ok),
            (Some(at(1, 1, &SECOND[1])), Protocol::Connect, Code::Ok),
            // Not of this server's tables: counted by its labels all the same.
            (Some(at(7, 7, &FIRST[0])), Protocol::Grpc, Code::Ok),
        ];
        for _ in 0..2 {
            for (target, protocol, code) in &calls {
                metrics.finished(target.as_ref(), *protocol, *code, Duration::from_millis(3));
            }
        }
        let text = metrics.encode();
        let mut lines: Vec<&str> =
            text.lines().filter(|line| line.starts_with("rpc_server_calls_total")).collect();
        lines.sort_unstable();
        let expected = [
            r#"{service="",method="",protocol="rest",code="NOT_FOUND"} 2"#,
            r#"{service="a.A",method="Get",protocol="grpc",code="OK"} 4"#,
            r#"{service="b.B",method="Get",protocol="grpc",code="OK"} 2"#,
            r#"{service="b.B",method="Put",protocol="connect",code="OK"} 2"#,
            r#"{service="b.B",method="Put",protocol="grpc",code="UNAUTHENTICATED"} 2"#,
            r#"{service="b.B",method="Put",protocol="grpc_web",code="OK"} 2"#,
            r#"{service="b.B",method="Put",protocol="rest",code="NOT_FOUND"} 2"#,
        ];
        assert_eq!(lines, expected.map(|line| format!("rpc_server_calls_total{line}")));
        let count = r#"rpc_server_duration_seconds_count{service="a.A",method="Get",protocol="grpc"} 4"#;
        assert!(text.lines().any(|line| line == count), "{text}");
    }

    #[test]
    fn every_code_has_its_place_and_nothing_is_shown_before_it_happens() {
        let metrics = Metrics::new(&[&FIRST]);
        assert!(!metrics.encode().contains("rpc_server_calls_total{"));
        assert_eq!(Code::all().len(), CODES);
        for code in Code::all() {
            assert!((code as usize) < CODES, "{code:?}");
        }
    }
}
