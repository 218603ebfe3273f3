//! Arguments of `format`.

use clap::Args;

use super::{InputArgs, ScopeArgs};

/// Format .proto files, as `buf format` does
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate format -w                 rewrite the files of the project
  protogate format --diff --exit-code what would change, for CI
  protogate format api.proto          the formatted text
  protogate format -w --path proto/acme/v1")]
pub(crate) struct FormatArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Rewrite the files that are not formatted; nothing is printed but their names
    #[arg(short, long)]
    pub(crate) write: bool,
    /// Print what changes as a unified diff instead of the formatted text
    #[arg(short, long)]
    pub(crate) diff: bool,
    /// End with exit code 1 when a file was not formatted
    #[arg(long)]
    pub(crate) exit_code: bool,
}
