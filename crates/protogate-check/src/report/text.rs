//! Text for people: code frames with the definition of now and of before, or one line a finding.

use std::fmt::{self, Write as _};

use annotate_snippets::{AnnotationKind, Group as Frame, Level, Renderer};

use super::{View, escape, fields, frame, link};
use crate::finding::{Finding, Report};
use crate::rule::{Audience, Group, Severity};
use crate::rules;

/// Waivers that end within this many days are named in the summary.
const SOON: i32 = 30;
/// Consequences that are listed under one cause.
const FOLDED: usize = 8;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    if view.frames {
        return report.findings.iter().try_for_each(|finding| writeln!(out, "{}\n", framed(finding, view)));
    }
    for (finding, cause) in fields::flat(report) {
        let span = finding.position();
        let path = view.path(finding.path.as_deref()).unwrap_or_else(|| "<input>".to_owned());
        let title = fields::title(finding, cause);
        let (path, message) = (escape::line(&path), escape::line(&title));
        let (line, column) = (span.start_line, span.start_column);
        let cause = cause.map_or_else(String::new, |cause| format!(" (a consequence of {cause})"));
        writeln!(out, "{path}:{line}:{column}:{message} [{}]{cause}", finding.rule)?;
    }
    Ok(())
}

fn framed(finding: &Finding, view: &View<'_>) -> String {
    let level = match finding.severity {
        Severity::Deny => Level::ERROR,
        Severity::Warn | Severity::Allow => Level::WARNING,
    };
    let shown = |path: &str| escape::line(&(view.show_path)(path)).into_owned();
    let title =
        level.primary_title(escape::line(&fields::title(finding, None)).into_owned()).id(finding.rule);
    let title = match link::of(finding.rule).filter(|_| view.links) {
        Some(url) => title.id_url(url),
        None => title,
    };
    let mut main = Frame::with_title(title);
    if let Some(path) = &finding.path {
        let source = view.current.and_then(|schema| schema.source(path)).map(|text| &**text);
        let label = finding.label.as_deref();
        main =
            main.element(frame::element(source, shown(path), finding.span, AnnotationKind::Primary, label));
    }
    if let Some(against) = &finding.against {
        let (baseline, name) = view.baseline_of(against);
        let source = baseline.and_then(|schema| schema.source(&against.path)).map(|text| &**text);
        let path = format!("{}: {}", escape::line(name), shown(&against.path));
        let label = against.label.as_deref();
        main = main.element(frame::element(source, path, against.span, AnnotationKind::Context, label));
    }
    if let Some(before) = finding.against.as_ref().and_then(|against| against.declaration.as_deref()) {
        main = main.element(Level::NOTE.with_name("was").message(escape::line(before).into_owned()));
    }
    for (name, text) in notes(finding) {
        main = main.element(Level::NOTE.with_name(name).message(text));
    }
    let help = finding.help.as_deref().map(|help| advice(finding, help, view));
    let frames: Vec<Frame<'_>> = std::iter::once(main).chain(help).collect();
    let renderer = if view.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(view.width.max(40)).render(&frames)
}

/// What stands below the frames, by name; escaped.
fn notes(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    if !fields::impact(finding).is_empty() {
        notes.push(("breaks", impact(finding)));
    }
    if let Some(unbroken) = fields::unbroken(finding) {
        notes.push(("not broken", unbroken));
    }
    if let Some(sides) = fields::sides(finding) {
        notes.push(("between", sides));
    }
    if let Some(witness) = &finding.witness {
        let lines = fields::witness(witness);
        let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let lines = lines.iter().map(|(name, text)| format!("{name:width$}  {}", escape::line(text)));
        notes.push(("witness", lines.collect::<Vec<_>>().join("\n")));
    }
    if let Some(since) = fields::since(finding) {
        notes.push(("since", escape::line(&since).into_owned()));
    }
    if !finding.folded.is_empty() {
        notes.push(("with it", consequences(&finding.folded)));
    }
    let mut hint = format!("protogate explain {}", finding.rule);
    if rules::find(finding.rule).is_some_and(|rule| rule.group() != Group::Waiver) {
        let _ = write!(hint, "\nprotogate waive {} --reason \"…\" --expires …", finding.fingerprint);
    }
    notes.push(("more", hint));
    notes
}

/// One line for each consequence, the first of many.
fn consequences(folded: &[Finding]) -> String {
    let mut lines: Vec<String> = folded
        .iter()
        .take(FOLDED)
        .map(|finding| format!("{}  {}", finding.fingerprint, escape::line(&finding.message)))
        .collect();
    if folded.len() > FOLDED {
        lines.push(format!("… and {} more; `--no-group` shows all", folded.len() - FOLDED));
    }
    lines.join("\n")
}

/// What to do: the advice, or the repair as a patch of the current source.
fn advice<'a>(finding: &Finding, help: &str, view: &View<'_>) -> Frame<'a> {
    let fix = finding.fix.as_deref();
    let text = match fix {
        Some(fix) if fix.safe => format!("{} (`--fix` does it); or {help}", fix.title),
        Some(fix) => fix.title.clone(),
        None => help.to_owned(),
    };
    let advice = Frame::with_title(Level::HELP.secondary_title(escape::line(&text).into_owned()));
    let patch = fix.and_then(|fix| {
        let path = &fix.edits.first()?.path;
        let source = view.current?.source(path)?;
        frame::patch(source, escape::line(&(view.show_path)(path)).into_owned(), path, &fix.edits)
    });
    match patch {
        Some(patch) => advice.element(patch),
        None => advice,
    }
}

/// One line for each audience, the names in a column.
fn impact(finding: &Finding) -> String {
    let all = fields::impact(finding);
    let width = all.iter().map(|impact| impact.audience.label().len()).max().unwrap_or(0);
    let lines = all
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
        let findings = report.all().filter(|finding| finding.severity == Severity::Deny);
        findings.filter(|finding| rules::find(finding.rule).map(crate::Rule::group) == group).count()
    };
    let ran = |group: Group| {
        report.rules.iter().any(|id| rules::find(id).is_some_and(|rule| rule.group() == group))
    };
    let mut parts = Vec::new();
    let lint = denied(Some(Group::Lint));
    if ran(Group::Breaking) || lint == 0 && !ran(Group::Lint) {
        let folded: usize = report.findings.iter().map(|finding| finding.folded.len()).sum();
        let causes = if folded > 0 { format!(" ({folded} of all are consequences)") } else { String::new() };
        parts.push(format!("{} breaking{causes}", denied(Some(Group::Breaking))));
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
        let count: usize = report.waived.iter().map(|waived| waived.finding.with_folded().count()).sum();
        parts.push(format!("{count} waived{}", ending(report, view)));
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
