//! Markdown for one comment on a pull request, and for the summary of a workflow run.
//!
//! Whatever comes from schemas stands in `code` and `pre` of HTML, escaped: there it can neither mark up, nor mention, nor link. The
//! comment begins with a mark by which a script finds it again, and never grows beyond what GitHub takes.

use std::fmt::{self, Write as _};

use super::{View, escape, fields, text};
use crate::finding::{Finding, Report};
use crate::rule::Severity;

/// Characters that a comment may have.
const LIMIT: usize = 65_536;
/// Kept free for the line that says how many findings are not shown.
const TAIL: usize = 200;
/// Consequences that are listed under one cause.
const FOLDED: usize = 20;

pub(super) fn render(report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    let mut page = String::from("<!-- protogate -->\n");
    let verdict = if report.has_denied() {
        "breaks its promise"
    } else if report.findings.is_empty() {
        "in order"
    } else {
        "in order, with warnings"
    };
    let summary = text::summary(report, &View { elapsed: None, ..*view });
    let _ = writeln!(page, "### Schema check: {verdict}\n\n<pre>{}</pre>\n", html(&summary));
    let mut used = page.chars().count();
    let mut left = report.findings.len();
    for finding in &report.findings {
        let block = details(finding, view);
        let length = block.chars().count();
        if used + length + TAIL > LIMIT {
            break;
        }
        page.push_str(&block);
        used += length;
        left -= 1;
    }
    if left > 0 {
        let _ = writeln!(
            page,
            "\n{left} more findings do not fit into this comment; `protogate check` shows them."
        );
    }
    out.write_str(&page)
}

fn details(finding: &Finding, view: &View<'_>) -> String {
    let mark = if finding.severity == Severity::Deny { "❌" } else { "⚠️" };
    let place = match (view.path(finding.path.as_deref()), finding.span) {
        (Some(path), Some(span)) => format!("{path}:{}", span.start_line),
        (Some(path), None) => path,
        (None, _) => "<input>".to_owned(),
    };
    let mut body = String::new();
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(body, "{name:<12}{}", escape::line(text));
    };
    for impact in fields::impact(finding) {
        line(impact.audience.label(), &impact.text);
    }
    if let Some(sides) = fields::sides(finding) {
        line("between", &sides);
    }
    if let Some(witness) = &finding.witness {
        for (name, text) in fields::witness(witness) {
            line(name, &text);
        }
    }
    if let Some(since) = fields::since(finding) {
        line("since", &since);
    }
    if let Some(against) = &finding.against {
        let span = against.span.map_or_else(String::new, |span| format!(":{}", span.start_line));
        line("was", &format!("{}: {}{span}", view.baseline_of(against).1, (view.show_path)(&against.path)));
    }
    if let Some(help) = &finding.help {
        line("help", help);
    }
    if let Some(fix) = &finding.fix {
        line("fix", &fix.title);
    }
    for folded in finding.folded.iter().take(FOLDED) {
        line("with it", &format!("{}: {}", folded.rule, folded.message));
    }
    if finding.folded.len() > FOLDED {
        line("", &format!("… and {} more", finding.folded.len() - FOLDED));
    }
    line("waive as", &finding.fingerprint);
    format!(
        "<details><summary>{mark} <b>{}</b> <code>{}</code> <code>{}</code></summary>\n<pre>\n{}</pre>\n</details>\n",
        finding.rule,
        html(&place),
        html(&fields::title(finding, None)),
        // A blank line would end the block; there is none, because each line has a name.
        html_lines(&body),
    )
}

fn html(text: &str) -> String {
    html_lines(&escape::line(text))
}

/// Escapes all but the line ends.
fn html_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not harmful in code, but some renderers look for them first.
            '@' => out.push_str("&#64;"),
            '`' => out.push_str("&#96;"),
            _ => out.push(c),
        }
    }
    out
}
