//! `protogate breaking`: the compatibility rules alone. Without anything to compare with it fails: exit 3.

use std::time::Instant;

use protogate_check::check_breaking;

use crate::args::Breaking;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Subject, no_baseline};
use crate::report::{Checked, finish, or_diagnostics};
use crate::terminal::Terminal;

/// Compares the input with `--against`, else with the baseline.
pub(crate) fn run(args: &Breaking, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let subject = Subject::find(&args.input)?;
    let config = subject.breaking(&args.selection)?;
    let format = args.report.format;
    let promise = or_diagnostics(subject.promise(args.against.as_deref()), format, terminal)?
        .ok_or_else(no_baseline)?;
    let current = or_diagnostics(subject.load(), format, terminal)?;
    let report = check_breaking(&current, &promise.schema, &config)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let report = subject.about_input(report, &current);
    finish(
        Checked { report, current: &current, promise: Some(&promise), started },
        &subject,
        format,
        terminal,
    )
}
