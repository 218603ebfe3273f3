//! Lines that Visual Studio, and tools that read its build output, understand.

use std::fmt;

use super::{View, escape};
use crate::finding::Report;
use crate::rule::Severity;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    for finding in report.all() {
        let path = view.path(finding.path.as_deref()).unwrap_or_else(|| "<input>".to_owned());
        let span = finding.position();
        let level = if finding.severity == Severity::Deny { "error" } else { "warning" };
        writeln!(
            out,
            "{}({},{}) : {level} {} : {}",
            escape::line(&path),
            span.start_line,
            span.start_column,
            finding.rule,
            escape::line(&finding.message)
        )?;
    }
    Ok(())
}
