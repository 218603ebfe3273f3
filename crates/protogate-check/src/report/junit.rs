//! JUnit XML: a suite for each file, a failed case for each finding.

use std::fmt;

use super::{View, escape};
use crate::finding::{Finding, Report};

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    // Consequences stand with their own files.
    let mut all: Vec<&Finding> = report.all().collect();
    all.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.position().cmp(&b.position())));
    for findings in all.chunk_by(|a, b| a.path == b.path) {
        let path = view.path(findings[0].path.as_deref()).unwrap_or_else(|| "<input>".to_owned());
        let (name, count) = (xml(path.strip_suffix(".proto").unwrap_or(&path)), findings.len());
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\">")?;
        for finding in findings {
            case(finding, &path, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(finding: &Finding, path: &str, out: &mut dyn fmt::Write) -> fmt::Result {
    let rule = finding.rule;
    let (name, line) = match finding.span {
        Some(span) => (
            format!("{rule}_{}_{}", span.start_line, span.start_column),
            format!("{path}:{}:{}:{}", span.start_line, span.start_column, finding.message),
        ),
        None => (rule.to_owned(), format!("{path}:1:1:{}", finding.message)),
    };
    writeln!(out, "    <testcase name=\"{name}\">")?;
    writeln!(out, "      <failure message=\"{}\" type=\"{rule}\"></failure>", xml(&line))?;
    writeln!(out, "    </testcase>")
}

fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Not allowed in XML 1.0 in any form.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}
