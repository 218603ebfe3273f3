//! What is compared with, and who reads whom: flattened into `check` and `breaking`.

use clap::{Args, ValueEnum};

use super::SourceParser;

/// What to compare with.
#[derive(Debug, Args)]
pub(crate) struct AgainstArgs {
    /// Compare with this schema instead of the configured baseline; several, such as one for each release, oldest first
    #[arg(long, value_name = "INPUT", allow_hyphen_values = true, value_parser = SourceParser)]
    pub(crate) against: Vec<String>,
    /// Who has to understand whom
    #[arg(long, value_enum, value_name = "DIRECTION", default_value_t = Direction::Backward)]
    pub(crate) direction: Direction,
}

/// Who has to understand whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Direction {
    /// The new schema serves old clients and reads old data
    Backward,
    /// Programs with the old schema read what the new one writes
    Forward,
    /// Both
    Full,
}

impl From<Direction> for protogate_check::Direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Backward => Self::Backward,
            Direction::Forward => Self::Forward,
            Direction::Full => Self::Full,
        }
    }
}
