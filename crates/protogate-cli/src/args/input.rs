//! Which schema a command works on: flattened into every command that reads one.

use clap::Args;

/// The schema to work on.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Folder, .proto file, descriptor set, archive, git revision (`.git#branch=main,subdir=proto`), or `-`
    #[arg(value_name = "INPUT", default_value = ".")]
    pub(crate) input: String,
    /// Configuration to use instead of the project's protogate.toml or buf.yaml: a file, or the text itself (TOML, YAML, JSON)
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) config: Option<String>,
}
