//! Arguments of `waive`.

use clap::Args;
use jiff::civil::Date;

use super::{InputArgs, SourceParser};

/// Record an exception for one finding in protogate.toml
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate waive FIELD_SAME_TYPE@4be1 --reason 'no reader since March, see ADR 12' --expires 2027-02-01
  protogate waive POLICY_NO_LOOSEN@9c0e --reason 'viewers run the shop floor' --expires 2027-02-01 --owner jane@example.com

The fingerprint is the one that `protogate check` shows. A finding that is waived already gets the new reason and end.")]
pub(crate) struct Waive {
    /// Fingerprint of the finding, such as FIELD_SAME_TYPE@4be1
    pub(crate) fingerprint: String,
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Why the finding is accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Last day on which the waiver counts, in UTC
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Date,
    /// Who answers for it; some rules ask for it
    #[arg(long, value_name = "WHO")]
    pub(crate) owner: Option<String>,
    /// Compare with this schema instead of the configured baseline, as in the check that showed the finding
    #[arg(long, value_name = "INPUT", allow_hyphen_values = true, value_parser = SourceParser)]
    pub(crate) against: Vec<String>,
}
