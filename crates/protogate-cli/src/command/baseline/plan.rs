//! What accepting the current schema would change: shown before it is done, and all that is done.

use std::collections::{BTreeMap, BTreeSet};

use protogate_check::difference::{Difference, Mark};
use protogate_check::{Finding, Report, Severity, Waived, is_unstable};
use protogate_schema::Schema;

use crate::escape;
use crate::failure::Failure;
use crate::listing::lines;
use crate::terminal::Terminal;

/// The difference between the promise and the current schema, and what that breaks.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) difference: Difference,
    /// What breaks, without what a waiver covers.
    pub(super) breaks: Vec<Finding>,
    /// What breaks and has its waiver.
    pub(super) waived: Vec<Waived>,
    /// Waivers of the configuration that have nothing to cover once this is accepted, by position.
    pub(super) waivers: Vec<usize>,
    /// Stable packages that breaks are in, without waived ones.
    pub(super) stable: BTreeSet<String>,
}

impl Plan {
    pub(super) fn new(report: Report, waivers: Vec<usize>, current: &Schema, old: Option<&Schema>) -> Self {
        let findings = report.findings.iter().chain(report.waived.iter().map(|it| &it.finding));
        let difference = Difference::between(current, old, findings, false);
        let package = |finding: &Finding| -> Option<String> {
            let here = finding.path.as_deref().and_then(|it| Some(current.file(current.find_file(it)?)));
            let there = finding.against.as_ref().zip(old);
            let there = there.and_then(|(it, old)| Some(old.file(old.find_file(&it.path)?)));
            here.or(there).map(|file| file.package.clone())
        };
        let denied = report.findings.iter().filter(|it| it.severity == Severity::Deny);
        let stable = denied.filter_map(package).filter(|package| !is_unstable(package)).collect();
        Self { difference, breaks: report.findings, waived: report.waived, waivers, stable }
    }

    /// Whether nothing that is promised changes.
    pub(super) fn is_empty(&self) -> bool {
        self.difference.is_empty() && self.breaks.is_empty() && self.waived.is_empty()
    }

    /// `2 added, 1 changed, 0 removed, 1 breaking, 1 waiver no longer needed`.
    pub(super) fn summary(&self) -> String {
        let mut text = format!(
            "{} added, {} changed, {} removed, {} breaking",
            self.difference.count(Mark::Added),
            self.difference.count(Mark::Changed),
            self.difference.count(Mark::Removed),
            self.breaks.len()
        );
        if !self.waived.is_empty() {
            text.push_str(&format!(", {} waived", self.waived.len()));
        }
        match self.waivers.len() {
            0 => {}
            1 => text.push_str(", 1 waiver no longer needed"),
            more => text.push_str(&format!(", {more} waivers no longer needed")),
        }
        text
    }

    /// Shows the plan: each change with the rules that it breaks, then the breaks that are no change of the listing.
    pub(super) fn print(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        super::print_lines(&lines(&self.difference), terminal)?;
        for (rule, count) in by_rule(&self.breaks) {
            let what = if count == 1 { "change" } else { "changes" };
            terminal.print(format_args!("! {rule}  {count} breaking {what}"))?;
        }
        for waived in &self.waived {
            terminal.print(format_args!(
                "! {}  waived: {}",
                waived.finding.fingerprint,
                escape::line(&waived.reason)
            ))?;
        }
        Ok(())
    }
}

fn by_rule(findings: &[Finding]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule).or_insert(0) += 1;
    }
    counts
}
