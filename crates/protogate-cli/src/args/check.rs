//! Arguments of `check`.

use clap::Args;

use super::{AgainstArgs, FixArgs, InputArgs, ReportArgs, Selection};

/// Compile, lint, and compare with the baseline: the one command for CI
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate check
  protogate check --format github              annotations on a pull request
  protogate check --against '.git#branch=main'
  protogate check --against '.git#tag=v1.0' --against '.git#tag=v1.3'
  protogate check --except COMMENTS            without the rules of one category
  protogate check --fix --dry-run              the repairs as a diff")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) against: AgainstArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// List consequences by themselves instead of under their cause
    #[arg(long)]
    pub(crate) no_group: bool,
    #[command(flatten)]
    pub(crate) fix: FixArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
