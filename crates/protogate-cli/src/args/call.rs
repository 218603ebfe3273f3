//! Arguments of `call`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::SourceParser;
use crate::duration::parse_duration;

/// Call a method of a running server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate call --list
  protogate call GetConfig -d '{\"key\":\"limits\"}'
  protogate call ConfigManager/WatchConfigs --max-messages 3
  protogate call GetConfig -d @request.json -H 'authorization: Bearer ${TOKEN}'

A method is named by any unambiguous ending of its full name. The exit code is 64 + the gRPC code of a failure.")]
pub(crate) struct Call {
    /// Method: `GetConfig`, `ConfigManager/GetConfig` or `acme.v1.ConfigManager/GetConfig`
    #[arg(required_unless_present = "list")]
    pub(crate) method: Option<String>,
    /// Request as JSON; `@FILE` reads a file, `-` stdin [default: an empty message]
    #[arg(short, long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// Address of the server, plaintext HTTP/2
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", env = "PROTOGATE_TARGET")]
    pub(crate) target: String,
    /// Header `name: value`; `${VAR}` is replaced from the environment, a name in `-bin` takes base64
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// File that holds a bearer token
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Schema to use instead of asking the server: a folder, .proto file, descriptor set or git revision
    #[arg(long, value_name = "INPUT", allow_hyphen_values = true, value_parser = SourceParser)]
    pub(crate) schema: Option<String>,
    /// Longest time for the whole call, such as `5s`
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// End a stream after this many messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_messages: Option<u64>,
    /// Show fields that hold their default
    #[arg(long)]
    pub(crate) defaults: bool,
    /// One line for each message
    #[arg(long)]
    pub(crate) compact: bool,
    /// List the methods instead of calling one
    #[arg(long, conflicts_with_all = ["method", "data"])]
    pub(crate) list: bool,
}
