//! Text for people: code frames with the definition of now and of before, or one line a finding.

use std::fmt::{self, Write as _};

use annotate_snippets::{AnnotationKind, Group as Frame, Level, Renderer};

use super::{View, escape, frame};
use crate::finding::{Finding, Report};
use crate::rule::{Audience, Group, Severity};
use crate::rules;

/// Waivers that end within this many days are named in the summary.
const SOON: i32 = 30;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    for finding in &report.findings {
        if view.frames {
            writeln!(out, "{}\n", framed(finding, view))?;
        } else {
            let span = finding.position();
            let path = view.path(finding.path.as_deref()).unwrap_or_else(|| "<input>".to_owned());
            let (path, message) = (escape::line(&path), escape::line(&finding.message));
            let (line, column) = (span.start_line, span.start_column);
            writeln!(out, "{path}:{line}:{column}:{message} [{}]", finding.rule)?;
        }
    }
    Ok(())
}

fn framed(finding: &Finding, view: &View<'_>) -> String {
    let level = match finding.severity {
        Severity::Deny => Level::ERROR,
        Severity::Warn | Severity::Allow => Level::WARNING,
    };
    let shown = |path: &str| escape::line(&(view.show_path)(path)).into_owned();
    let mut main =
        Frame::with_title(level.primary_title(escape::line(&finding.message).into_owned()).id(finding.rule));
    if let Some(path) = &finding.path {
        let source = view.current.and_then(|schema| schema.source(path)).map(|text| &**text);
        let label = finding.label.as_deref();
        main =
            main.element(frame::element(source, shown(path), finding.span, AnnotationKind::Primary, label));
    }
    if let Some(against) = &finding.against {
        let source = view.baseline.and_then(|schema| schema.source(&against.path)).map(|text| &**text);
        let path = format!("{}: {}", escape::line(view.baseline_name), shown(&against.path));
        let label = against.label.as_deref();
        main = main.element(frame::element(source, path, against.span, AnnotationKind::Context, label));
    }
    if let Some(before) = finding.against.as_ref().and_then(|against| against.declaration.as_deref()) {
        main = main.element(Level::NOTE.with_name("was").message(escape::line(before).into_owned()));
    }
    if !finding.impact.is_empty() {
        main = main.element(Level::NOTE.with_name("breaks").message(impact(finding)));
    }
    let mut hint = format!("protogate explain {}", finding.rule);
    if rules::find(finding.rule).is_some_and(|rule| rule.group() != Group::Waiver) {
        let _ = write!(hint, "; waive as {}", finding.fingerprint);
    }
    let main = main.element(Level::NOTE.with_name("more").message(hint));
    let help = finding
        .help
        .as_deref()
        .map(|help| Frame::with_title(Level::HELP.secondary_title(escape::line(help).into_owned())));
    let frames: Vec<Frame<'_>> = std::iter::once(main).chain(help).collect();
    let renderer = if view.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(view.width.max(40)).render(&frames)
}

/// One line for each audience, the names in a column.
fn impact(finding: &Finding) -> String {
    let width = finding.impact.iter().map(|impact| impact.audience.label().len()).max().unwrap_or(0);
    let lines = finding
        .impact
        .iter()
        .map(|impact| format!("{:width$}  {}", Audience::label(impact.audience), escape::line(&impact.text)));
    lines.collect::<Vec<_>>().join("\n")
}

/// One line that says how many findings there are, against what, how many files, and how long it took.
///
/// `1 breaking, 2 style, 0 warnings, 1 waived (ends in 12 days: FIELD_NO_DELETE@9c0e)   against v1.4.0 · 14 files · 38 ms`.
#[must_use]
pub fn summary(report: &Report, view: &View<'_>) -> String {
    let denied = |group: Option<Group>| {
        let findings = report.findings.iter().filter(|finding| finding.severity == Severity::Deny);
        findings.filter(|finding| rules::find(finding.rule).map(crate::Rule::group) == group).count()
    };
    let ran = |group: Group| {
        report.rules.iter().any(|id| rules::find(id).is_some_and(|rule| rule.group() == group))
    };
    let mut parts = Vec::new();
    let lint = denied(Some(Group::Lint));
    if ran(Group::Breaking) || lint == 0 && !ran(Group::Lint) {
        parts.push(format!("{} breaking", denied(Some(Group::Breaking))));
    }
    if ran(Group::Lint) {
        parts.push(format!("{lint} style"));
    }
    let waivers = denied(Some(Group::Waiver));
    if waivers > 0 {
        parts.push(format!("{waivers} about waivers"));
    }
    let warnings = report.count(Severity::Warn);
    parts.push(format!("{warnings} warning{}", if warnings == 1 { "" } else { "s" }));
    if !report.waived.is_empty() {
        parts.push(format!("{} waived{}", report.waived.len(), ending(report, view)));
    }
    let mut line = parts.join(", ");
    let mut tail = Vec::new();
    if ran(Group::Breaking) {
        tail.push(format!("against {}", escape::line(view.baseline_name)));
    }
    tail.push(format!("{} file{}", report.files, if report.files == 1 { "" } else { "s" }));
    if let Some(elapsed) = view.elapsed {
        tail.push(format!("{} ms", elapsed.as_millis()));
    }
    // Writing to a string cannot fail.
    let _ = write!(line, "   {}", tail.join(" · "));
    line
}

/// The waivers that end soon.
fn ending(report: &Report, view: &View<'_>) -> String {
    let Some(today) = view.today else { return String::new() };
    let mut soon: Vec<(i32, &str)> = Vec::new();
    for waived in &report.waived {
        let days = waived.expires.and_then(|last| today.until(last).ok()).map(|span| span.get_days());
        if let Some(days) = days.filter(|days| *days <= SOON) {
            soon.push((days, &waived.finding.fingerprint));
        }
    }
    soon.sort_unstable();
    let texts = soon.iter().map(|(days, fingerprint)| match days {
        0 => format!("ends today: {fingerprint}"),
        1 => format!("ends tomorrow: {fingerprint}"),
        _ => format!("ends in {days} days: {fingerprint}"),
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) }
}
