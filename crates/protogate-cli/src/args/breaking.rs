//! Arguments of `breaking`.

use clap::Args;

use super::{AgainstArgs, FixArgs, InputArgs, ProfileArg, ReportArgs, ScopeArgs, Selection};

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
    #[command(flatten)]
    pub(crate) against: AgainstArgs,
    /// Configuration of what is compared with, in place of its own: a file, or the text itself (TOML, YAML, JSON)
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) against_config: Option<String>,
    /// Leave imported files out of the comparison
    #[arg(long)]
    pub(crate) exclude_imports: bool,
    /// Of what is compared with, only look at the files that the input has
    #[arg(long)]
    pub(crate) limit_to_input_files: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// What runs when neither the configuration nor `--use` says it
    #[arg(long, value_enum, value_name = "PROFILE", default_value_t = ProfileArg::Buf)]
    pub(crate) profile: ProfileArg,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// With `--profile protogate`: list consequences by themselves instead of under their cause
    #[arg(long)]
    pub(crate) no_group: bool,
    #[command(flatten)]
    pub(crate) fix: FixArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
