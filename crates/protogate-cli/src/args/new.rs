//! Arguments of `new`.

use std::path::PathBuf;

use clap::Args;

/// Create a service: contract, code, configuration, tests
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate new billing-admin              creates ./billing-admin
  protogate new inventory --proto api/inventory/v1/inventory.proto
  protogate new billing-admin --no-git     without `git init`")]
pub(crate) struct New {
    /// Name of the service: lower case letters, digits and `-`
    pub(crate) name: String,
    /// Folder to create [default: the name]
    #[arg(long, value_name = "DIR")]
    pub(crate) path: Option<PathBuf>,
    /// Start from this .proto file instead of the reference service; may be given more than once
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) proto: Vec<PathBuf>,
    /// Take the protogate crates from the registry even inside a checkout of protogate
    #[arg(long)]
    pub(crate) registry: bool,
    /// Do not make a git repository
    #[arg(long)]
    pub(crate) no_git: bool,
}
