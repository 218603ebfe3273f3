//! Results: a finding, the list that rules write into, and the report that the caller gets.
//!
//! Findings are values that own their texts, so that a report outlives the schemas. Order and identity of findings are decided
//! here; who renders them and what becomes of the exit code is not.

use std::collections::HashMap;

use protogate_schema::model::element::Element;
use protogate_schema::model::span::Span;
use serde::Serialize;

use crate::fix::Fix;
use crate::group::Link;
use crate::position::At;
use crate::rule::{Audience, Rule, Severity};
use crate::witness::Witness;

/// Who is hurt by a finding, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// Who.
    pub audience: Audience,
    /// How: one line, lower case.
    pub text: String,
}

/// Between whom a change breaks: who wrote, and who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// A client with the old schema calls a server with the new one: its requests are read, and its answers written, the new way.
    OldClientNewServer,
    /// A client with the new schema calls a server with the old one.
    NewClientOldServer,
    /// Messages that were stored with the old schema and are read with the new one.
    StoredData,
    /// Code that uses generated types is compiled against the new ones.
    Rebuild,
}

impl Side {
    /// Name as shown in reports.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OldClientNewServer => "old client to new server",
            Self::NewClientOldServer => "new client to old server",
            Self::StoredData => "stored data",
            Self::Rebuild => "rebuilt code",
        }
    }
}

/// The other side of a finding: where the baseline declares what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// Path of the file, relative to its import root.
    pub path: String,
    /// Place in it; `None` when only the file is known.
    pub span: Option<Span>,
    /// Text under the marked place.
    pub label: Option<String>,
    /// The declaration on one line, where the baseline has no source text to show.
    pub declaration: Option<String>,
    /// The first of several baselines that the change breaks, such as `v1.3`; `None` when there is one only.
    pub since: Option<String>,
    /// The later one of several baselines that has broken it already, so that it was released with that; `None` when it is new.
    pub broken_by: Option<String>,
}

/// One result of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Path of the file, relative to its import root; `None` when no current file is to blame.
    pub path: Option<String>,
    /// Place in it; `None` when only the file is known.
    pub span: Option<Span>,
    /// What was found: lower case, no final stop, names in backquotes.
    pub message: String,
    /// Text under the marked place.
    pub label: Option<String>,
    /// Full name of the element that it is about; a file path or a package for findings about those.
    pub element: String,
    /// Who is hurt.
    pub impact: Vec<Impact>,
    /// Between whom it breaks; empty where that is no question, as in lint.
    pub sides: Vec<Side>,
    /// What one side writes and the other misreads.
    pub witness: Option<Box<Witness>>,
    /// What to do.
    pub help: Option<String>,
    /// How to do it: edits of the current sources.
    pub fix: Option<Box<Fix>>,
    /// The declaration in the baseline.
    pub against: Option<Against>,
    /// Stable short name, such as `FIELD_SAME_TYPE@4be1`: survives moves, edits of texts and new versions of the tool.
    pub fingerprint: String,
    /// Consequences: findings that are there only because of this one, in order. Filled by [`Report::group`].
    pub folded: Vec<Self>,
    /// The cause in words, where it is a rename or a move: lower case, no final stop.
    pub because: Option<String>,
    /// What joins it to others of the same cause.
    pub(crate) link: Option<Link>,
    /// What tells it apart from other findings of the same rule and element.
    pub(crate) key: String,
    /// The elements at the two places, for those who look again while both schemas are at hand.
    pub(crate) about: About,
}

/// The elements that a finding is about; each is valid in its own schema only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct About {
    pub(crate) current: Option<Element>,
    pub(crate) baseline: Option<Element>,
}

impl Finding {
    /// A finding with a rule, an element and a message, and nothing else yet.
    pub(crate) fn new(rule: &'static str, severity: Severity, element: String, message: String) -> Self {
        Self {
            rule,
            severity,
            path: None,
            span: None,
            message,
            label: None,
            element,
            impact: Vec::new(),
            sides: Vec::new(),
            witness: None,
            help: None,
            fix: None,
            against: None,
            fingerprint: String::new(),
            folded: Vec::new(),
            because: None,
            link: None,
            key: String::new(),
            about: About::default(),
        }
    }

    /// Sets the place in the baseline.
    pub(crate) fn against(&mut self, at: At) -> &mut Self {
        let At { path, span, declaration, element } = at;
        self.about.baseline = element;
        self.against =
            path.map(|path| Against { path, span, label: None, declaration, since: None, broken_by: None });
        self
    }

    /// Replaces who is hurt and how.
    pub(crate) fn impact(&mut self, impact: impl IntoIterator<Item = (Audience, String)>) -> &mut Self {
        self.impact = impact.into_iter().map(|(audience, text)| Impact { audience, text }).collect();
        self
    }

    /// Replaces between whom it breaks.
    pub(crate) fn sides(&mut self, sides: &[Side]) -> &mut Self {
        self.sides = sides.to_vec();
        self
    }

    /// Sets what one side writes and the other misreads.
    pub(crate) fn witness(&mut self, witness: Witness) -> &mut Self {
        self.witness = Some(Box::new(witness));
        self
    }

    /// Sets how to repair it.
    pub(crate) fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fix = Some(Box::new(fix));
        self
    }

    /// Sets what tells the finding apart from others of the same rule and element.
    pub(crate) fn key(&mut self, key: impl Into<String>) -> &mut Self {
        self.key = key.into();
        self
    }

    /// Sets the texts under the marked places, now and before.
    pub(crate) fn labels(&mut self, now: impl Into<String>, before: impl Into<String>) -> &mut Self {
        self.label = Some(now.into());
        let before = before.into();
        if let Some(against) = &mut self.against {
            against.label = Some(before);
        }
        self
    }

    /// Replaces the rule's advice.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Computes the fingerprint from rule, element and key.
    pub(crate) fn seal(&mut self) {
        self.fingerprint = self.fingerprint_of(DIGITS);
    }

    /// Whether this is the finding's fingerprint, or one with more or fewer digits (at least four), as they were shown when it had
    /// other neighbours.
    #[must_use]
    pub fn has_fingerprint(&self, text: &str) -> bool {
        let Some((rule, digits)) = text.split_once('@') else { return false };
        rule == self.rule && digits.len() >= DIGITS && format!("{:08x}", self.hash()).starts_with(digits)
    }

    fn fingerprint_of(&self, digits: usize) -> String {
        format!("{}@{}", self.rule, &format!("{:08x}", self.hash())[..digits])
    }

    /// All eight digits; the first four stir in the others.
    fn hash(&self) -> u32 {
        let hash = fnv1a(&[self.rule, &self.element, &self.key]);
        (hash ^ (hash >> 16)) << 16 | hash & 0xffff
    }

    /// Takes as many digits as tell it apart from these others, if it is one of them.
    fn lengthen(&mut self, clashes: &HashMap<(&'static str, u32), Vec<u32>>) {
        let own = self.hash();
        let Some(others) = clashes.get(&(self.rule, own >> 16)) else { return };
        let common =
            others.iter().filter(|it| **it != own).map(|it| (it ^ own).leading_zeros() as usize / 4).max();
        self.fingerprint = self.fingerprint_of(common.map_or(DIGITS, |common| (common + 1).clamp(DIGITS, 8)));
    }

    /// The finding, then its consequences.
    pub fn with_folded(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.folded)
    }

    fn order(&self) -> impl Ord + '_ {
        let span = self.position();
        (
            self.path.as_deref(),
            span.start_line,
            span.start_column,
            self.rule,
            self.message.as_str(),
            span.end_line,
            span.end_column,
        )
    }

    /// The place, or 1:1–1:1 when there is none.
    #[must_use]
    pub fn position(&self) -> Span {
        self.span.unwrap_or(Span { start_line: 1, start_column: 1, end_line: 1, end_column: 1 })
    }
}

/// Digits of a fingerprint; more where that many do not tell it apart from others of its report.
const DIGITS: usize = 4;

/// FNV-1a: small, stable, and nobody attacks a fingerprint.
fn fnv1a(parts: &[&str]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

/// The list that rules write into.
#[derive(Debug)]
pub(crate) struct Findings {
    rule: &'static Rule,
    pub(crate) list: Vec<Finding>,
}

impl Findings {
    /// An empty list; the rule is replaced before each call.
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self { rule, list: Vec::new() }
    }

    /// What follows is found by this rule.
    pub(crate) fn enter(&mut self, rule: &'static Rule) {
        self.rule = rule;
    }

    /// Id of the current rule.
    pub(crate) fn rule_id(&self) -> &'static str {
        self.rule.id
    }

    /// Adds a finding of the current rule.
    pub(crate) fn report(
        &mut self,
        at: At,
        element: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let breaks = self.rule.breaks.iter();
        let mut finding = Finding::new(self.rule.id, self.rule.severity, element.into(), message.into());
        finding.path = at.path;
        finding.about.current = at.element;
        finding.span = at.span;
        finding.impact = breaks.map(|&(audience, how)| Impact { audience, text: how.to_owned() }).collect();
        finding.help = Some(self.rule.help.to_owned());
        self.list.push(finding);
        self.list.last_mut().expect("an element was pushed just now")
    }
}

/// A finding that a waiver covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// The finding.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Last day on which the waiver counts.
    pub expires: Option<jiff::civil::Date>,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Findings in order: no path first, then path, place, rule, message.
    pub findings: Vec<Finding>,
    /// Findings that waivers cover, in the same order.
    pub waived: Vec<Waived>,
    /// Remarks about the configuration, such as replaced rule ids; for stderr.
    pub notes: Vec<String>,
    /// Ids of the rules that ran, sorted.
    pub rules: Vec<&'static str>,
    /// Number of files looked at: targets of the current schema.
    pub files: usize,
}

impl Report {
    /// Whether a finding fails the check.
    #[must_use]
    pub fn has_denied(&self) -> bool {
        self.all().any(|finding| finding.severity == Severity::Deny)
    }

    /// Number of findings of this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.all().filter(|finding| finding.severity == severity).count()
    }

    /// All findings that are not waived: each cause, then its consequences.
    pub fn all(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().flat_map(Finding::with_folded)
    }

    /// Adds another report, such as lint to breaking.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self.waived.extend(other.waived);
        self.notes.extend(other.notes);
        self.rules.extend(other.rules);
        self.files = self.files.max(other.files);
        self.sort();
        self
    }

    /// Restores the order and drops equal findings.
    pub(crate) fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        self.findings.dedup_by(|a, b| a.order() == b.order());
        self.waived.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
        self.waived.dedup_by(|a, b| a.finding.order() == b.finding.order());
        self.rules.sort_unstable();
        self.rules.dedup();
        self.tell_apart();
    }

    /// Gives fingerprints that would be the same more digits. Findings of one rule, element and key keep a common one.
    fn tell_apart(&mut self) {
        let mut seen: HashMap<(&'static str, u32), Vec<u32>> = HashMap::new();
        let waived = self.waived.iter().flat_map(|waived| waived.finding.with_folded());
        for finding in self.findings.iter().flat_map(Finding::with_folded).chain(waived) {
            let hash = finding.hash();
            let same = seen.entry((finding.rule, hash >> 16)).or_default();
            if !same.contains(&hash) {
                same.push(hash);
            }
        }
        seen.retain(|_, hashes| hashes.len() > 1);
        if seen.is_empty() {
            return;
        }
        let waived = self.waived.iter_mut().map(|waived| &mut waived.finding);
        for finding in self.findings.iter_mut().chain(waived) {
            finding.lengthen(&seen);
            finding.folded.iter_mut().for_each(|folded| folded.lengthen(&seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Report};
    use crate::rule::Severity;

    #[test]
    fn fingerprints_of_one_report_differ() {
        // Five thousand names: with 65,536 short fingerprints, some are the same.
        let findings = (0..5000).map(|number| {
            let mut finding =
                Finding::new("FIELD_SAME_TYPE", Severity::Deny, format!("a.M.f{number}"), String::new());
            finding.message = format!("{number:05}");
            finding.seal();
            finding
        });
        let mut report = Report { findings: findings.collect(), ..Report::default() };
        let short: Vec<String> = report.findings.iter().map(|it| it.fingerprint.clone()).collect();
        let distinct = |names: &[String]| names.iter().collect::<std::collections::HashSet<_>>().len();
        assert!(distinct(&short) < 5000);
        report.sort();
        let long: Vec<String> = report.findings.iter().map(|it| it.fingerprint.clone()).collect();
        assert_eq!(distinct(&long), 5000);
        let grown = long.iter().filter(|it| it.len() > short[0].len()).count();
        assert!(grown > 0 && grown < 1500, "{grown} of 5000 have more digits");
        for (finding, short) in report.findings.iter().zip(&short) {
            assert!(finding.fingerprint.starts_with(short.as_str()), "digits are added, not changed");
            assert!(finding.has_fingerprint(short) && finding.has_fingerprint(&finding.fingerprint));
        }
        let first = &report.findings[0];
        assert!(!first.has_fingerprint("FIELD_SAME_TYPE@") && !first.has_fingerprint("FIELD_SAME_NAME@0000"));
        assert!(
            !first.has_fingerprint(&first.fingerprint[..first.fingerprint.len() - 1])
                || first.fingerprint.len() > 20
        );
    }
}
