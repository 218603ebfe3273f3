//! Which schema a command works on: flattened into every command that reads one.

use std::path::PathBuf;

use clap::Args;

/// The schema to work on.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Folder, .proto file, descriptor set (.binpb, .bin, .pb, .desc) or git revision (`.git#branch=main,subdir=proto`)
    #[arg(value_name = "INPUT", default_value = ".")]
    pub(crate) input: String,
    /// Configuration to use instead of the project's protogate.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
