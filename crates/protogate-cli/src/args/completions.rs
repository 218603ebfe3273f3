//! Arguments of `completions`.

use clap::Args;

/// Print a completion script
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  protogate completions bash > ~/.local/share/bash-completion/completions/protogate"
)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
