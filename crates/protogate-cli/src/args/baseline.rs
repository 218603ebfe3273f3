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
  protogate baseline accept --reason '2.0: text revisions'    needed when something breaks, or a route or access changes")]
pub(crate) struct BaselineAccept {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Why the breaking changes, and the changes of routes and access, are accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Show the plan and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Print what is promised
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate baseline show
  protogate baseline show --elements    counts by kind")]
pub(crate) struct BaselineShow {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Counts of files, messages, fields, enums, services, methods and routes instead of the listing
    #[arg(long)]
    pub(crate) elements: bool,
}

/// Compare the baseline with the current schema: 0 when it is up to date, 1 when not
#[derive(Debug, Args)]
pub(crate) struct BaselineVerify {
    #[command(flatten)]
    pub(crate) input: InputArgs,
}
