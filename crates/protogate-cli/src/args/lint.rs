//! Arguments of `lint`.

use clap::Args;

use super::{InputArgs, ProfileArg, ReportArgs, ScopeArgs, Selection};

/// Check style: only the lint rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate lint
  protogate lint proto/acme/v1/book.proto --use MINIMAL
  protogate lint --path proto/acme --exclude-path proto/acme/old
  protogate lint --format json")]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// What runs when neither the configuration nor `--use` says it
    #[arg(long, value_enum, value_name = "PROFILE", default_value_t = ProfileArg::Buf)]
    pub(crate) profile: ProfileArg,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
