//! From findings to streams and an exit code: the common end of `check`, `breaking` and `lint`.

use std::time::Instant;

use jiff::civil::Date;
use protogate_check::report::{self, View, diagnostic};
use protogate_check::{Report, day_of};
use protogate_schema::Schema;

use crate::args::Format;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Promise, Subject};
use crate::terminal::Terminal;

impl From<Format> for report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            Format::Sarif => Self::Sarif,
            Format::Junit => Self::Junit,
            Format::GithubActions => Self::GithubActions,
            Format::GitlabCodeQuality => Self::GitlabCodeQuality,
            Format::Msvs => Self::Msvs,
        }
    }
}

/// What was checked.
pub(crate) struct Checked<'a> {
    pub(crate) report: Report,
    pub(crate) current: &'a Schema,
    pub(crate) promise: Option<&'a Promise>,
    pub(crate) started: Instant,
}

/// Applies the waivers, writes findings to stdout and the summary to stderr.
pub(crate) fn finish(
    mut checked: Checked<'_>,
    subject: &Subject,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let today = today();
    subject.waivers()?.apply(&mut checked.report, today);
    let report = checked.report;
    for note in &report.notes {
        terminal.warn(escape::line(note));
    }
    let origin = checked.current.origin();
    let show_path = |path: &str| origin.display_path(path).to_owned();
    let view = View {
        current: Some(checked.current),
        baseline: checked.promise.map(|promise| &promise.schema),
        show_path: &show_path,
        baseline_name: checked.promise.map_or("baseline", |promise| promise.name.as_str()),
        frames: terminal.out_is_for_people,
        color: terminal.out_has_color,
        width: terminal.width,
        today: Some(today),
        elapsed: Some(checked.started.elapsed()),
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = report::render(format.into(), &report, &view, &mut text);
    terminal.out.write_all(text.as_bytes())?;
    terminal.out.flush()?;
    terminal.say(report::summary(&report, &view));
    Ok(if report.has_denied() { Exit::Findings } else { Exit::Clean })
}

/// For programs, errors of schemas and configurations are results too: lines of JSON, or findings in the other formats, where an
/// empty report would read as a clean one. For people they are talk.
pub(crate) fn or_diagnostics<T>(
    result: Result<T, Failure>,
    format: Format,
    terminal: &mut Terminal,
) -> Result<T, Failure> {
    let error = match result {
        Err(Failure::Schema(error))
            if format != Format::Text
                && (format != Format::Json || error.diagnostics().iter().any(|it| it.path.is_some())) =>
        {
            error
        }
        other => return other,
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match format {
        Format::Json => diagnostic::render_json(&error, &View::default(), &mut text),
        _ => report::render(format.into(), &diagnostic::as_report(&error), &View::default(), &mut text),
    };
    terminal.out.write_all(text.as_bytes())?;
    Err(match format {
        // Lines that somebody reads in the log as they are.
        Format::Json | Format::GithubActions | Format::Msvs => Failure::Shown(error.kind().into()),
        // These end up in a file: whoever reads the log wants to know as well.
        _ => Failure::Schema(error),
    })
}

/// The day that waivers are compared with.
pub(crate) fn today() -> Date {
    day_of(jiff::Timestamp::now())
}
