//! `--fix`: flattened into `check` and `breaking`.

use clap::Args;

/// Whether repairs are made.
#[derive(Debug, Default, Args)]
pub(crate) struct FixArgs {
    /// Repair what can be repaired without a decision: reserve deleted numbers and names, keep old routes and JSON names,
    /// give numbers back
    #[arg(long)]
    pub(crate) fix: bool,
    /// With `--fix`: print the repairs as a diff, write nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
}
