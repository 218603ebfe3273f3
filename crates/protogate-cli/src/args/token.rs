//! Arguments of `token`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::duration::parse_duration;

/// Sign a token for a development server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate token --role admin
  curl -H \"authorization: Bearer $(protogate token --role admin)\" http://127.0.0.1:8080/v1/configs")]
pub(crate) struct Token {
    /// Role of the caller; may be given more than once
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    /// Permission of the caller; may be given more than once
    #[arg(long = "permission", value_name = "PERMISSION")]
    pub(crate) permissions: Vec<String>,
    /// Who the caller is
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) subject: String,
    /// How long the token holds
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_duration)]
    pub(crate) ttl: Duration,
    /// Configuration of the service, whose `[auth]` section is read
    #[arg(long, value_name = "FILE", default_value = "service.toml")]
    pub(crate) config: PathBuf,
    /// Make the key file, with a random key that only its owner can read, when it is not there
    #[arg(long)]
    pub(crate) create_key: bool,
}
