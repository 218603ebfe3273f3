//! Whether a baseline still knows what its committed versions knew.
//!
//! Reading the versions is the caller's; nothing here knows git.

use protogate_schema::Schema;
use protogate_schema::baseline::Committed;
use protogate_schema::history::{Former, FormerKind, History};

use crate::config::{BreakingConfig, ConfigError};
use crate::finding::{Finding, Report};
use crate::rules::history::baseline_history_kept::RULE;

/// Forgotten promises that a finding names; more are counted.
const NAMED: usize = 3;

/// Compares a baseline with its committed versions. `path` is the baseline's, as shown.
///
/// # Errors
/// As [`check_breaking`](crate::check_breaking).
pub fn check_history(
    baseline: &Schema,
    path: &str,
    versions: &[Committed],
    config: &BreakingConfig,
) -> Result<Report, ConfigError> {
    let selection = config.resolve()?;
    if selection.rules.iter().all(|rule| rule.id != RULE.id) {
        return Ok(Report::default());
    }
    let history = History::of(baseline).unwrap_or_default();
    let mut forgotten: Vec<Former> = Vec::new();
    let mut commit = None;
    for version in versions {
        let lost = history.forgotten(baseline, &version.remembered);
        if !lost.is_empty() {
            commit.get_or_insert(version.commit.as_str());
            forgotten.extend(lost);
        }
    }
    let mut found = Vec::new();
    if let Some(commit) = commit {
        forgotten.sort();
        forgotten.dedup();
        let named: Vec<String> = forgotten.iter().take(NAMED).map(describe).collect();
        let more = forgotten.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!(
            "the baseline has forgotten what its version in commit {commit} knew: {}{more}",
            named.join(", ")
        );
        let mut finding = Finding::new(RULE.id, RULE.severity, path.to_owned(), message);
        finding.path = Some(path.to_owned());
        finding.help = Some(RULE.help.to_owned());
        found.push(finding);
    }
    let mut report = selection.finish(found, baseline, baseline);
    report.rules = vec![RULE.id];
    Ok(report)
}

/// A promise in words: ``field 2 `rev` of `acme.v1.Device` ``.
#[must_use]
pub fn describe(former: &Former) -> String {
    let Former { scope, number, end, name, .. } = former;
    match former.kind {
        FormerKind::Field => format!("field {number} `{name}` of `{scope}`"),
        FormerKind::Extension => format!("extension {number} `{name}` of `{scope}`"),
        FormerKind::Value => format!("value {number} `{name}` of `{scope}`"),
        FormerKind::Rpc => format!("rpc `{name}` of `{scope}`"),
        FormerKind::Route => format!("route `{name}` of `{scope}`"),
        FormerKind::ReservedNumbers | FormerKind::ReservedValueNumbers if number == end => {
            format!("the reserved number {number} of `{scope}`")
        }
        FormerKind::ReservedNumbers | FormerKind::ReservedValueNumbers => {
            format!("the reserved numbers {number} to {end} of `{scope}`")
        }
        FormerKind::ReservedName | FormerKind::ReservedValueName => {
            format!("the reserved name `{name}` of `{scope}`")
        }
    }
}
