//! What is shown to people: there is something to read, and nothing in it steers a terminal.

use protogate_check::Report;
use protogate_check::report::{Format, View, diagnostic, render, summary};
use protogate_schema::{Error, Schema};

const FORMATS: [Format; 9] = [
    Format::Text,
    Format::Json,
    Format::Sarif,
    Format::Junit,
    Format::GithubActions,
    Format::GitlabCodeQuality,
    Format::Msvs,
    Format::Rdjsonl,
    Format::Markdown,
];

/// Checks a rendered text.
///
/// # Panics
/// When it holds control characters other than line ends and tabs, or characters that reorder a line.
pub fn clean(text: &str) {
    let bad = text.chars().find(|&it| {
        (it.is_control() && it != '\n' && it != '\t')
            || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
    });
    assert_eq!(bad, None, "a raw control character in {text:?}");
}

/// Renders an error in every form.
///
/// # Panics
/// When a diagnostic says nothing, or a form is not [`clean`].
pub fn render_error(error: &Error) {
    assert!(!error.diagnostics().is_empty(), "an error without a diagnostic");
    for diagnostic in error.diagnostics() {
        assert!(!diagnostic.message.trim().is_empty(), "a diagnostic without a message: {diagnostic:?}");
    }
    for frames in [true, false] {
        let view = View { frames, ..View::default() };
        let mut out = String::new();
        diagnostic::render(error, &view, &mut out).expect("a string takes everything");
        assert!(!out.trim().is_empty(), "an error that shows nothing");
        clean(&out);
    }
    let mut out = String::new();
    diagnostic::render_json(error, &View::default(), &mut out).expect("a string takes everything");
    clean(&out);
    json_lines(&out);
    render_some(&diagnostic::as_report(error), None);
}

/// Renders a report in every form.
///
/// # Panics
/// When a finding says nothing, a form is not [`clean`], or what should be JSON is none.
pub fn render_report(report: &Report, current: Option<&Schema>, baseline: Option<&Schema>) {
    for finding in report.all() {
        assert!(!finding.message.trim().is_empty(), "a finding without a message: {finding:?}");
        assert!(!finding.fingerprint.is_empty(), "a finding without a fingerprint: {finding:?}");
    }
    let view = View { current, baseline, ..View::default() };
    for format in FORMATS {
        rendered(format, report, &view);
    }
    clean(&summary(report, &view));
    let plain = View { frames: false, ..view };
    let mut out = String::new();
    render(Format::Text, report, &plain, &mut out).expect("a string takes everything");
    clean(&out);
}

/// Renders a report in one form, another for another report: all of them are most of the time that a small input takes.
///
/// # Panics
/// As [`render_report`].
pub fn render_some(report: &Report, current: Option<&Schema>) {
    let chosen = report.all().map(|it| it.message.len()).sum::<usize>();
    rendered(FORMATS[chosen % FORMATS.len()], report, &View { current, ..View::default() });
}

fn rendered(format: Format, report: &Report, view: &View<'_>) {
    let mut out = String::new();
    render(format, report, view, &mut out).expect("a string takes everything");
    clean(&out);
    match format {
        Format::Json | Format::Rdjsonl => json_lines(&out),
        Format::Sarif | Format::GitlabCodeQuality => {
            serde_json::from_str::<serde_json::Value>(&out).expect("the report is JSON");
        }
        _ => {}
    }
}

fn json_lines(text: &str) {
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
    }
}
