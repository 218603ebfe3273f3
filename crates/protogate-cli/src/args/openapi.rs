//! Arguments of `openapi`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::InputArgs;

/// Describe the REST API as an OpenAPI 3.1 document
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate openapi                           YAML to standard output
  protogate openapi -o docs/openapi.json      the file's name says the notation
  protogate openapi -o docs/openapi.json --check    exit 1 when the file differs")]
pub(crate) struct OpenApi {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Notation; by default JSON for a file that ends in .json, else YAML
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Notation>,
    /// File to write, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Compare with the file, and write nothing
    #[arg(long, requires = "out")]
    pub(crate) check: bool,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notation {
    /// YAML 1.2
    Yaml,
    /// JSON
    Json,
}
