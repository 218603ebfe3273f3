//! `[limits]`: the one documented table of every limit of the server, with its default and its checked range.
//!
//! hyper's, h2's and tonic's own defaults are not relied on anywhere: what is not in this table is not set by chance. What a limit is
//! for is said at its field.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::setting::{self, Setting};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

const fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

const fn s(value: u64) -> Duration {
    Duration::from_secs(value)
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $low:expr => $high:expr;)*) => {
        /// Every limit of the server. Each has a default and a range; a value outside of it is refused at start.
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[doc = $doc])+ #[serde(with = "setting")] pub $name: $type,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// The first value outside its range: its key, and what is wrong.
            pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
                $({
                    let (low, high): ($type, $type) = ($low, $high);
                    if !(low..=high).contains(&self.$name) {
                        let (found, low, high) = (self.$name.to_text(), low.to_text(), high.to_text());
                        return Err((
                            stringify!($name),
                            format!("expected {low} to {high}, found {found}"),
                        ));
                    }
                })*
                Ok(())
            }
        }
    };
}

limits! {
    /// Open connections. At the limit no further one is accepted until one closes.
    connections: usize = 10_000, 1 => 1_000_000;
    /// Time from the connection (or its TLS handshake) to enough bytes to tell HTTP/1 from HTTP/2.
    first_bytes: Duration = s(5), ms(100) => s(60);
    /// Time for a TLS handshake.
    tls_handshake: Duration = s(5), ms(100) => s(60);
    /// Longest wait after an accept error such as an exhausted file table; the wait starts at 50 ms and doubles.
    accept_backoff: Duration = s(1), ms(50) => s(10);
    /// Age at which a connection is asked to end (GOAWAY, `connection: close`). `0s`: never.
    connection_age: Duration = s(0), s(0) => s(86_400);

    /// HTTP/1: time for one request head; also how long a connection may stay idle between requests.
    h1_head: Duration = s(10), ms(100) => s(300);
    /// HTTP/1: bytes of a request head (answered with 431).
    h1_head_size: usize = 64 * KIB, 8 * KIB => MIB;
    /// HTTP/1: headers in a request head (answered with 431).
    h1_headers: usize = 64, 8 => 1024;
    /// Bytes of a request target (answered with 414).
    uri: usize = 8 * KIB, 256 => 64 * KIB;

    /// HTTP/2: concurrent streams of a connection.
    h2_streams: u32 = 200, 1 => 10_000;
    /// HTTP/2: streams that the server had to reset for the peer's errors before the connection ends (CVE-2025-8671).
    h2_error_resets: usize = 1024, 1 => 100_000;
    /// HTTP/2: streams that the peer reset before they were taken up before the connection ends (CVE-2023-44487).
    h2_pending_resets: usize = 20, 1 => 1000;
    /// HTTP/2: flow-control window of a stream.
    h2_stream_window: u32 = 64 * 1024, 64 * 1024 - 1 => 16 * 1024 * 1024;
    /// HTTP/2: flow-control window of a connection.
    h2_connection_window: u32 = 1024 * 1024, 64 * 1024 - 1 => 256 * 1024 * 1024;
    /// HTTP/2: largest frame that is accepted.
    h2_frame: u32 = 16 * 1024, 16 * 1024 => 16 * 1024 * 1024 - 1;
    /// HTTP/2: size of the decoded header list.
    h2_header_list: u32 = 16 * 1024, 4 * 1024 => 256 * 1024;
    /// HTTP/2: bytes buffered for a stream that the peer does not read.
    h2_send_buffer: usize = 64 * KIB, 4 * KIB => 16 * MIB;
    /// HTTP/2: time between two pings.
    keepalive: Duration = s(30), s(1) => s(3600);
    /// HTTP/2: time for the answer to a ping; the connection ends without one.
    keepalive_timeout: Duration = s(10), ms(100) => s(300);

    /// Content of a REST request and of a unary gRPC request (413, RESOURCE_EXHAUSTED).
    body: usize = 4 * MIB, KIB => 1024 * MIB;
    /// Query string of a REST request (400).
    query: usize = 16 * KIB, 256 => 64 * KIB;
    /// Parameters in a query string (400).
    query_parameters: usize = 256, 1 => 10_000;
    /// Elements and entries in all lists and maps of one JSON message (400).
    elements: usize = 100_000, 100 => 100_000_000;
    /// Longest pause between two pieces of a request's content, unless the caller streams (408, DEADLINE_EXCEEDED).
    body_gap: Duration = s(10), ms(100) => s(300);
    /// One gRPC message of a request (RESOURCE_EXHAUSTED).
    message_in: usize = 4 * MIB, KIB => 1024 * MIB;
    /// One gRPC message of an answer (RESOURCE_EXHAUSTED).
    message_out: usize = 16 * MIB, KIB => 1024 * MIB;

    /// Run time of a unary call whose caller and contract name none.
    deadline: Duration = s(30), ms(10) => s(3600);
    /// Longest run time of a unary call, whatever its caller or contract says.
    deadline_max: Duration = s(300), ms(10) => s(86_400);
    /// Unary calls that run at once in the process (429, RESOURCE_EXHAUSTED).
    running_calls: usize = 1_000, 1 => 1_000_000;
    /// Streams that are open at once in the process.
    streams: usize = 10_000, 1 => 1_000_000;
    /// Streams that one identity, or one peer address without one, has open at once (429, RESOURCE_EXHAUSTED).
    streams_per_identity: usize = 1_000, 1 => 1_000_000;

    /// Calls per second of one identity, or of one peer address without one. Contracts may set other figures per method.
    calls_per_second: u32 = 100, 1 => 1_000_000;
    /// Calls of one identity that may come at once.
    calls_burst: u32 = 200, 1 => 1_000_000;
    /// Failed credentials per second and peer address before they are answered with 429.
    failed_credentials_per_second: u32 = 10, 1 => 1_000_000;
    /// Entries of one rate-limit table. At the bound idle entries are dropped; if that is not enough, new callers share one entry.
    rate_entries: usize = 100_000, 100 => 10_000_000;

    /// Time that streams get at shutdown to end by themselves, with a resume hint, before the server ends them.
    stream_grace: Duration = s(5), s(0) => s(300);
    /// Time that a shutdown may take in all; what still runs then is cut off.
    shutdown: Duration = s(30), ms(100) => s(600);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    #[test]
    fn values_out_of_range_name_their_key() {
        let limits = Limits { h2_streams: 0, ..Limits::default() };
        assert_eq!(limits.check(), Err(("h2_streams", "expected 1 to 10000, found 0".to_owned())));
    }
}
