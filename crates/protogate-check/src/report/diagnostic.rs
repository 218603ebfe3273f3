//! Errors of loading and compiling, rendered for people and for machines.
//!
//! The schema crate gives them as data; the command line and the build script show them with the functions here, so that both
//! look the same.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group as Frame, Level, Renderer};
use protogate_schema::error::{Diagnostic, Error};
use serde::Serialize;

use super::json::to_json;
use super::{View, escape, frame};
use crate::finding::{Finding, Report};
use crate::rule::Severity;

/// More diagnostics than this are counted, not shown.
const SHOWN: usize = 50;

/// Writes the diagnostics of an error as code frames, at most fifty.
///
/// Of the view only `show_path`, `frames`, `color` and `width` count. Without frames: one line `path:line:column:message` each.
///
/// # Errors
/// When `out` refuses to be written to.
pub fn render(error: &Error, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    let diagnostics = error.diagnostics();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        if view.frames {
            writeln!(out, "{}\n", framed(error, diagnostic, view))?;
        } else {
            writeln!(out, "{}", plain(diagnostic, view))?;
        }
    }
    if diagnostics.len() > SHOWN {
        writeln!(out, "error: {} more errors are not shown", diagnostics.len() - SHOWN)?;
    }
    Ok(())
}

fn plain(diagnostic: &Diagnostic, view: &View<'_>) -> String {
    let message = escape::line(&diagnostic.message);
    let path = diagnostic.path.as_deref().map(|path| escape::line(&(view.show_path)(path)).into_owned());
    let help =
        diagnostic.help.as_ref().map_or_else(String::new, |it| format!(" (help: {})", escape::line(it)));
    match (path, diagnostic.span) {
        (Some(path), Some(span)) => {
            format!("{path}:{}:{}:{message}{help}", span.start_line, span.start_column)
        }
        (Some(path), None) => format!("{path}:1:1:{message}{help}"),
        (None, _) => format!("error: {message}{help}"),
    }
}

fn framed(error: &Error, diagnostic: &Diagnostic, view: &View<'_>) -> String {
    let shown = |path: &str| escape::line(&(view.show_path)(path)).into_owned();
    let mut main =
        Frame::with_title(Level::ERROR.primary_title(escape::line(&diagnostic.message).into_owned()));
    if let Some(path) = &diagnostic.path {
        let source = error.source_text(path);
        let label = diagnostic.label.as_deref();
        main = main.element(frame::element(
            source,
            shown(path),
            diagnostic.span,
            AnnotationKind::Primary,
            label,
        ));
    }
    for related in &diagnostic.related {
        let source = error.source_text(&related.path);
        let label = Some(related.label.as_str());
        let place =
            frame::element(source, shown(&related.path), Some(related.span), AnnotationKind::Context, label);
        main = main.element(place);
    }
    let help = diagnostic
        .help
        .as_deref()
        .map(|help| Frame::with_title(Level::HELP.secondary_title(escape::line(help).into_owned())));
    let frames: Vec<Frame<'_>> = std::iter::once(main).chain(help).collect();
    let renderer = if view.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(view.width.max(40)).render(&frames)
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
    r#type: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// The type of diagnostics among findings.
const COMPILE: &str = "COMPILE";

/// All diagnostics of an error as findings of the type `COMPILE`, for renderings that know findings only. Paths are shown as they are.
#[must_use]
pub fn as_report(error: &Error) -> Report {
    let findings = error.diagnostics().iter().map(|it| {
        let element = it.path.clone().unwrap_or_default();
        let mut finding = Finding::new(COMPILE, Severity::Deny, element, it.message.clone());
        finding.path.clone_from(&it.path);
        finding.span = it.span;
        finding.label.clone_from(&it.label);
        finding.help.clone_from(&it.help);
        finding.key.clone_from(&it.message);
        finding.seal();
        finding
    });
    Report { findings: findings.collect(), rules: vec![COMPILE], ..Report::default() }
}

/// Writes all diagnostics of an error as JSON, one object a line, with the keys of findings and the type `COMPILE`.
///
/// # Errors
/// When `out` refuses to be written to.
pub fn render_json(error: &Error, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    for diagnostic in error.diagnostics() {
        let span = diagnostic.span;
        let line = Line {
            path: diagnostic.path.as_deref().map(|path| (view.show_path)(path)),
            start_line: span.map_or(1, |span| span.start_line),
            start_column: span.map_or(1, |span| span.start_column),
            end_line: span.map_or(1, |span| span.end_line),
            end_column: span.map_or(1, |span| span.end_column),
            r#type: COMPILE,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
        };
        writeln!(out, "{}", to_json(&line)?)?;
    }
    Ok(())
}
