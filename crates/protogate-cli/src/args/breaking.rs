//! Arguments of `breaking`.

use clap::Args;

use super::{InputArgs, ReportArgs, Selection};

/// Compare with the baseline: only the compatibility rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate breaking
  protogate breaking . --against '.git#tag=v1.2.0'
  protogate breaking new.binpb --against old.binpb --use WIRE --use ROUTE_NO_DELETE")]
pub(crate) struct Breaking {
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
