//! Arguments of `demo`.

use std::path::PathBuf;

use clap::Args;

/// The tour: scaffold a service, refuse a breaking edit, build, run, call
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate demo                   runs until Ctrl-C, then tidies up
  protogate demo --check           calls everything itself and ends with 0 or 1
  protogate demo --keep ./demo     leaves the service in ./demo")]
pub(crate) struct Demo {
    /// Make the calls, check the answers, and end
    #[arg(long)]
    pub(crate) check: bool,
    /// Create the service in this folder, and leave it there
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Port of the service [default: a free one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Take the protogate crates from the registry instead of this checkout
    #[arg(long)]
    pub(crate) registry: bool,
}
