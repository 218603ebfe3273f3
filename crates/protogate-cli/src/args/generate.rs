//! Arguments of `generate`.

use std::path::PathBuf;

use clap::Args;

use super::InputArgs;

/// Write the Rust sources that a build script would write
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate generate --out src/generated
  protogate generate --out src/generated --check    exit 1 when a file differs
  protogate generate --handlers                     a file for each rpc that has none yet")]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Folder to write into
    #[arg(long, value_name = "DIR", required_unless_present = "handlers")]
    pub(crate) out: Option<PathBuf>,
    /// Compare with what is there, and write nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// Add missing handler files to the folder of `[codegen] handlers`; a file that exists is left alone
    #[arg(long, conflicts_with_all = ["check", "out"])]
    pub(crate) handlers: bool,
}
