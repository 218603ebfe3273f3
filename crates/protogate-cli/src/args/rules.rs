//! Arguments of `explain` and `rules`: reading about the rules.

use clap::Args;

use super::TextOrJson;

/// Print the page of a rule
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  protogate explain FIELD_SAME_TYPE")]
pub(crate) struct Explain {
    /// Id of the rule, such as FIELD_SAME_TYPE
    pub(crate) rule: String,
}

/// List the rules
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TextOrJson::Text)]
    pub(crate) format: TextOrJson,
}
