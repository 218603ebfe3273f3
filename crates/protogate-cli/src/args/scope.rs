//! Which files of an input are looked at: flattened into `breaking` and `lint`.

use clap::Args;

/// Limits of the input.
#[derive(Debug, Default, Args)]
pub(crate) struct ScopeArgs {
    /// File or folder that is looked at; the others are only there to be imported. May be given more than once
    #[arg(long = "path", value_name = "PATH", value_delimiter = ',')]
    pub(crate) paths: Vec<String>,
    /// File or folder that is not looked at; may be given more than once
    #[arg(long = "exclude-path", value_name = "PATH", value_delimiter = ',')]
    pub(crate) exclude_paths: Vec<String>,
    /// Leave symbolic links alone
    #[arg(long)]
    pub(crate) disable_symlinks: bool,
}
