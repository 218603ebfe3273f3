//! Arguments of `check`.

use clap::Args;

use super::{InputArgs, ReportArgs, Selection};

/// Compile, lint, and compare with the baseline: the one command for CI
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate check
  protogate check --format github              annotations on a pull request
  protogate check --against '.git#branch=main'
  protogate check --except COMMENTS            without the rules of one category")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Compare with this schema instead of the configured baseline
    #[arg(long, value_name = "INPUT")]
    pub(crate) against: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
