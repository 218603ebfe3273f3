//! `protogate lint`: the style rules alone.

use std::time::Instant;

use protogate_check::check_lint;

use crate::args::Lint;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::report::{Checked, finish, or_diagnostics};
use crate::terminal::Terminal;

/// Lints the input.
pub(crate) fn run(args: &Lint, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let subject = Subject::find(&args.input)?;
    let config = subject.lint(&args.selection)?;
    let current = or_diagnostics(subject.load(), args.report.format, terminal)?;
    let report = check_lint(&current, &config).map_err(|error| Failure::usage(error.to_string()))?;
    finish(
        Checked { report, current: &current, promise: None, started },
        &subject,
        args.report.format,
        terminal,
    )
}
