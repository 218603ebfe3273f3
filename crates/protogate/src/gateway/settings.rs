//! Settings of the gateway, with the defaults of REST.

use std::time::Duration;

use crate::config::{Compat, Operations};
use crate::json::{ReadOptions, Unknown, WriteOptions};

/// How REST calls are read and answered.
#[derive(Debug, Clone)]
pub(crate) struct RestSettings {
    /// How JSON is read. Default: unknown fields are refused.
    pub(crate) read: ReadOptions,
    /// How JSON is printed. Default: fields without presence are always printed.
    pub(crate) write: WriteOptions,
    /// Unknown query parameters. Default: refused.
    pub(crate) unknown_query: Unknown,
    /// Query parameters that are always ignored, by exact name. Default: none.
    pub(crate) ignored_query: Vec<String>,
    /// Largest content of a request, and largest message of a streamed one, in bytes. Default 4 MiB.
    pub(crate) max_content: usize,
    /// Longest query string, in bytes. Default 16 KiB.
    pub(crate) max_query: usize,
    /// Most query parameters. Default 256.
    pub(crate) max_parameters: usize,
    /// Silence after which an event stream sends a comment. Default 15 s.
    pub(crate) stream_keep_alive: Duration,
    /// How operations that are not done are answered. Default 200.
    pub(crate) operations: Operations,
    /// Another gateway's ways. Default none.
    pub(crate) compat: Compat,
}

impl Default for RestSettings {
    fn default() -> Self {
        Self {
            read: ReadOptions::default(),
            write: WriteOptions { always_print_fields_with_no_presence: true, ..WriteOptions::default() },
            unknown_query: Unknown::Reject,
            ignored_query: Vec::new(),
            max_content: 4 << 20,
            max_query: 16 << 10,
            max_parameters: 256,
            stream_keep_alive: Duration::from_secs(15),
            operations: Operations::Ok,
            compat: Compat::None,
        }
    }
}
