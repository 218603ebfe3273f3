//! Arguments of `routes`.

use clap::Args;

use super::{InputArgs, TextOrJson};

/// List the REST routes, their rpcs, and who may call them
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  protogate routes\n  protogate routes --format json | jq .template")]
pub(crate) struct Routes {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Form of the list; `json` is one object a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TextOrJson::Text)]
    pub(crate) format: TextOrJson,
}
