//! From findings to streams and an exit code: the common end of `check`, `breaking` and `lint`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
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
            Format::Rdjsonl => Self::Rdjsonl,
            Format::Markdown => Self::Markdown,
            // Made from the report here; errors have no such form and are lines.
            Format::ConfigIgnoreYaml => Self::Text,
        }
    }
}

/// What was checked.
pub(crate) struct Checked<'a> {
    pub(crate) report: Report,
    pub(crate) current: &'a Schema,
    pub(crate) promises: &'a [Promise],
    pub(crate) started: Instant,
}

/// Applies the waivers, writes findings to stdout and the summary to stderr.
pub(crate) fn finish(
    mut checked: Checked<'_>,
    subject: &Subject,
    format: Format,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let today = waive(&mut checked.report, subject, checked.current)?;
    let report = checked.report;
    for note in &report.notes {
        terminal.warn(escape::line(note));
    }
    let origin = checked.current.origin();
    let show_path = |path: &str| origin.display_path(path).to_owned();
    let earlier: Vec<_> = checked.promises.iter().map(Promise::earlier).collect();
    let names: Vec<&str> = earlier.iter().map(|it| it.name).collect();
    let name = if names.is_empty() { "baseline".to_owned() } else { names.join(", ") };
    let view = View {
        current: Some(checked.current),
        baseline: checked.promises.first().map(|promise| &promise.schema),
        baselines: &earlier,
        show_path: &show_path,
        baseline_name: &name,
        frames: terminal.out_is_for_people,
        color: terminal.out_has_color,
        // A link is a control sequence: colour may be forced on a file, links are not.
        links: terminal.out_has_color && std::io::stdout().is_terminal(),
        width: terminal.width,
        today: Some(today),
        elapsed: Some(checked.started.elapsed()),
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match format {
        Format::ConfigIgnoreYaml => ignore_only(&report, &mut text),
        _ => report::render(format.into(), &report, &view, &mut text),
    };
    terminal.out.write_all(text.as_bytes())?;
    terminal.out.flush()?;
    if format == Format::GithubActions {
        summarize(&report, &view, terminal);
    }
    terminal.say(report::summary(&report, &view));
    Ok(if report.has_denied() { Exit::Findings } else { Exit::Clean })
}

/// Takes out what waivers cover; returns the day that they were compared with.
pub(crate) fn waive(report: &mut Report, subject: &Subject, current: &Schema) -> Result<Date, Failure> {
    let today = today();
    let mut waivers = subject.waivers()?;
    waivers.read_comments(current);
    waivers.apply(report, today);
    Ok(today)
}

/// Configuration in buf's form that leaves out what was found, file by file.
fn ignore_only(report: &Report, out: &mut String) -> std::fmt::Result {
    let mut rules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in &report.findings {
        if let Some(path) = &finding.path {
            rules.entry(finding.rule).or_default().insert(path);
        }
    }
    if rules.is_empty() {
        return Ok(());
    }
    out.push_str("version: v1\nlint:\n  ignore_only:\n");
    for (rule, paths) in rules {
        writeln!(out, "    {rule}:")?;
        for path in paths {
            // A plain scalar, unless the name could be read as something else.
            let plain = path.chars().all(|it| it.is_ascii_alphanumeric() || "/._-".contains(it))
                && path.starts_with(|it: char| it.is_ascii_alphabetic());
            if plain {
                writeln!(out, "      - {path}")?;
            } else {
                writeln!(out, "      - {}", serde_json::Value::from(path))?;
            }
        }
    }
    Ok(())
}

/// Adds the report to the page of the workflow run. A run whose page cannot be written is checked all the same.
fn summarize(report: &Report, view: &View<'_>, terminal: &mut Terminal) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = report::render(report::Format::Markdown, report, view, &mut page);
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    if let Err(error) = file.and_then(|mut file| file.write_all(page.as_bytes())) {
        let path = path.to_string_lossy();
        terminal.warn(format_args!("the summary was not written to {}: {error}", escape::line(&path)));
    }
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
            if !matches!(format, Format::Text | Format::ConfigIgnoreYaml)
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
