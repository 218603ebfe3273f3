//! Arguments of `baseline` and what is beneath it.

use clap::{Args, Subcommand};

use super::InputArgs;

/// The accepted schema: record, print, compare
#[derive(Debug, Subcommand)]
pub(crate) enum Baseline {
    Accept(BaselineAccept),
    Show(BaselineShow),
    Verify(BaselineVerify),
}

/// Record the current schema as the promise, after showing what that changes
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate baseline accept --dry-run
  protogate baseline accept
  protogate baseline accept --reason '2.0: text revisions' --package inventory.v1

What breaks needs a reason. Where the package is stable its name is asked for as well: on a terminal it is typed, elsewhere
`--package` gives it. Reason and findings are written to CHANGELOG.proto.md beside protogate.toml.")]
pub(crate) struct BaselineAccept {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Why the breaking changes are accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Accept breaking changes in this stable package; may be given more than once
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) package: Vec<String>,
    /// Accept breaking changes in all packages without asking for their names
    #[arg(long, conflicts_with = "package")]
    pub(crate) yes: bool,
    /// Show the plan and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Print what is promised
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate baseline show
  protogate baseline show --elements    counts by kind
  protogate baseline show --history     what was promised once and is not any more")]
pub(crate) struct BaselineShow {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Counts of files, messages, fields, enums, services, methods and routes instead of the listing
    #[arg(long)]
    pub(crate) elements: bool,
    /// What was promised once and is not any more, instead of the listing
    #[arg(long, conflicts_with = "elements")]
    pub(crate) history: bool,
}

/// Compare the baseline with the current schema and with its committed versions: 0 when all agree, 1 when not
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate baseline verify

Exit code 1: the schema says something else than the baseline, or the baseline has forgotten what a committed version of it knew.")]
pub(crate) struct BaselineVerify {
    #[command(flatten)]
    pub(crate) input: InputArgs,
}
