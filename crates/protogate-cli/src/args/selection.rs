//! Which rules a command runs: flattened into the commands that check.

use clap::{Args, ValueEnum};

/// Which rules run.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Rule or category to use instead of the configured ones; may be given more than once
    #[arg(long = "use", value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(crate) rules: Vec<String>,
    /// Rule or category to leave out; may be given more than once
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(crate) except: Vec<String>,
}

/// What runs when neither the configuration nor `--use` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProfileArg {
    /// The defaults of buf
    #[default]
    Buf,
    /// Those and the rules over the annotations
    Protogate,
}

impl From<ProfileArg> for protogate_check::Profile {
    fn from(profile: ProfileArg) -> Self {
        match profile {
            ProfileArg::Buf => Self::Buf,
            ProfileArg::Protogate => Self::Protogate,
        }
    }
}
