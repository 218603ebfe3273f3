//! Arguments of `build`.

use clap::Args;

use super::{InputArgs, ScopeArgs, SourceParser};

/// Compile, and write a descriptor set, source info and imports included
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate build                                   compiles, and says what there is
  protogate build -o schema.binpb
  protogate build --path proto/acme -o acme.json.gz
  protogate build .git#branch=main -o -#format=json | jq '.file[].name'")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// File to write: `.binpb`, `.json`, `.txtpb` or `.yaml`, each also `.gz` or `.zst`; `-` is stdout, `-#format=json` other than binary
    #[arg(short, long, value_name = "FILE", allow_hyphen_values = true, value_parser = SourceParser)]
    pub(crate) output: Option<String>,
    /// Leave out the notes that buf and protogate read besides the descriptors: which files are imports, unused imports
    #[arg(long)]
    pub(crate) as_file_descriptor_set: bool,
    /// Leave imported files out
    #[arg(long)]
    pub(crate) exclude_imports: bool,
    /// Leave comments and places out
    #[arg(long)]
    pub(crate) exclude_source_info: bool,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
}
