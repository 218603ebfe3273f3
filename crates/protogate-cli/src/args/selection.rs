//! Which rules a command runs: flattened into the commands that check.

use clap::Args;

/// Which rules run.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Rule or category to use instead of the configured ones; may be given more than once
    #[arg(long = "use", value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(crate) rules: Vec<String>,
    /// Rule or category to leave out; may be given more than once
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(crate) except: Vec<String>,
}
