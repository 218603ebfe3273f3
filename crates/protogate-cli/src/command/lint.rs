//! `protogate lint`: the style rules alone, with the defaults of buf.

use std::time::Instant;

use crate::args::Lint;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::gate;
use crate::project::Subject;
use crate::report::{Checked, finish, or_diagnostics};
use crate::terminal::Terminal;

/// Lints the input.
pub(crate) fn run(args: &Lint, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let format = args.report.format;
    let subject = or_diagnostics(Subject::find_in(&args.input, &args.scope), format, terminal)?;
    let images = or_diagnostics(subject.images(), format, terminal)?;
    let report = gate::lint(&subject, &images, &args.selection, args.profile.into())?;
    let checked = Checked { report, current: images.whole(), promises: &[], started };
    let exit = finish(checked, &subject, format, terminal);
    // The process ends: taking a large schema apart would be all that is left to do.
    std::mem::forget(images);
    exit
}
