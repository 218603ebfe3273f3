//! Arguments of `lint`.

use clap::Args;

use super::{InputArgs, ReportArgs, Selection};

/// Check style: only the lint rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate lint
  protogate lint proto/acme/v1/book.proto --use MINIMAL
  protogate lint --format json")]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
