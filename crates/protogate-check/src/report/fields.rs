//! What the renderings say about a finding, in words that they share: title, sides, witness, consequences.

use std::fmt::Write as _;

use crate::finding::{Finding, Impact, Report, Side};
use crate::rule::{Audience, Group};
use crate::rules;
use crate::witness::{Encoding, Version, Witness};

/// The message, the cause in words, and how many consequences there are. A consequence leaves the words to its cause.
pub(super) fn title(finding: &Finding, cause: Option<&str>) -> String {
    let mut title = finding.message.clone();
    if let Some(because) = finding.because.as_ref().filter(|_| cause.is_none()) {
        let _ = write!(title, ": {because}");
    }
    match finding.folded.len() {
        0 => {}
        1 => title.push_str(" (and 1 consequence)"),
        count => {
            let _ = write!(title, " (and {count} consequences)");
        }
    }
    title
}

/// Between whom it breaks, `None` when nothing is said.
pub(super) fn sides(finding: &Finding) -> Option<String> {
    let mut sides: Vec<Side> = finding.with_folded().flat_map(|it| it.sides.iter().copied()).collect();
    sides.sort_unstable();
    sides.dedup();
    let names: Vec<&str> = sides.into_iter().map(Side::label).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Who is hurt and how: by the finding, then those whom only its consequences hurt, each by the first that does.
pub(super) fn impact(finding: &Finding) -> Vec<&Impact> {
    let mut all: Vec<&Impact> = finding.impact.iter().collect();
    for impact in finding.folded.iter().flat_map(|it| &it.impact) {
        if all.iter().all(|it| it.audience != impact.audience) {
            all.push(impact);
        }
    }
    all.sort_by_key(|it| it.audience);
    all
}

/// Audiences of a change of the schema that it does not break, and none of its consequences.
pub(super) fn unbroken(finding: &Finding) -> Option<String> {
    let breaking = rules::find(finding.rule).is_some_and(|rule| rule.group() == Group::Breaking);
    if !breaking || finding.impact.is_empty() {
        return None;
    }
    let all = [Audience::Wire, Audience::Json, Audience::Source, Audience::Rest];
    let broken = impact(finding);
    let others = all.into_iter().filter(|audience| broken.iter().all(|it| it.audience != *audience));
    let names: Vec<&str> = others.map(Audience::label).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A witness as lines of a column and a text, untrusted and unescaped.
pub(super) fn witness(witness: &Witness) -> [(&'static str, String); 3] {
    let (writer, data) = (witness.writer, &witness.data);
    let written = match witness.encoding {
        Encoding::Binary if data.is_empty() => format!("{} {} = no bytes", witness.message, witness.value),
        Encoding::Binary => format!("{} {} = {data}", witness.message, witness.value),
        Encoding::Json => format!("{} {data}", witness.message),
        Encoding::Http => data.clone(),
    };
    [
        (if writer == Version::Old { "old writes" } else { "new writes" }, written),
        (if witness.encoding == Encoding::Http { "old answers" } else { "old reads" }, witness.old.clone()),
        (if witness.encoding == Encoding::Http { "new answers" } else { "new reads" }, witness.new.clone()),
    ]
}

/// `first broken since v1.3`, where there are several baselines.
pub(super) fn since(finding: &Finding) -> Option<String> {
    let against = finding.against.as_ref()?;
    let since = against.since.as_deref()?;
    Some(match against.broken_by.as_deref() {
        Some(by) => format!("breaks {since} and later; released with {by} already"),
        None => format!("breaks {since} and later"),
    })
}

/// All findings, each with the fingerprint of its cause if it is a consequence.
pub(super) fn flat(report: &Report) -> impl Iterator<Item = (&Finding, Option<&str>)> {
    report.findings.iter().flat_map(|cause| {
        let below = cause.folded.iter().map(|finding| (finding, Some(cause.fingerprint.as_str())));
        std::iter::once((cause, None)).chain(below)
    })
}
