//! Arguments of `build`.

use std::path::PathBuf;

use clap::Args;

use super::InputArgs;

/// Write a descriptor set, source info and imports included
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate build -o schema.binpb
  protogate build .git#branch=main -o - | wc -c")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// File to write; `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}
