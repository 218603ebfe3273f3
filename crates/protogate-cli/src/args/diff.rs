//! Arguments of `diff`.

use clap::{Args, ValueEnum};

use super::InputArgs;

/// Show what differs, whom it breaks, and which version comes next
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate diff                               against the baseline
  protogate diff v1.4.0                        against a tag, branch or commit of this repository
  protogate diff --against '.git#branch=main' --unified
  protogate diff v1.4.0 --format md            for release notes
  protogate diff --exit-code                   1 when something differs

Signs: + added, ~ changed, - removed, ! breaks somebody.

The verdict is that of semantic versioning: major when somebody breaks (by the rules of the profile
`protogate`, whatever is configured or waived), minor when more or something else is promised, patch
when only comments or options that nothing here reads are different.")]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Compare with this schema instead of the configured baseline
    #[arg(long, value_name = "INPUT")]
    pub(crate) against: Option<String>,
    /// Show the proto text of each element that differs, in one spelling, line by line
    #[arg(long, conflicts_with = "format")]
    pub(crate) unified: bool,
    /// Form of the list; `json` is one object a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// End with 1 when there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// Form of a list of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// Markdown, for release notes
    #[value(name = "md", alias = "markdown")]
    Markdown,
    /// For programs
    Json,
}
