//! Workflow commands of GitHub Actions, which become annotations on the diff: one for each cause, because few are shown.

use std::fmt;

use super::{View, escape, fields};
use crate::finding::Report;
use crate::rule::Severity;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    for finding in &report.findings {
        let command = if finding.severity == Severity::Deny { "error" } else { "warning" };
        write!(out, "::{command} ")?;
        match view.path(finding.path.as_deref()) {
            Some(path) => {
                let span = finding.position();
                write!(
                    out,
                    "file={},line={},col={},endLine={},endColumn={}",
                    property(&path),
                    span.start_line,
                    span.start_column,
                    span.end_line,
                    span.end_column
                )?;
            }
            None => write!(out, "file=<input>")?,
        }
        write!(out, ",title={}::{}", finding.rule, data(&fields::title(finding, None)))?;
        for impact in fields::impact(finding) {
            write!(out, "%0A{}: {}", impact.audience.label(), data(&impact.text))?;
        }
        if let Some(help) = &finding.help {
            write!(out, "%0Ahelp: {}", data(help))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Text after `::`. Percent first, because the other escapes are made of it.
fn data(text: &str) -> String {
    escape::line(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
