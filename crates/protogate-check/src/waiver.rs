//! Waivers: recorded exceptions, each for one rule at one element, with a reason and an end.
//!
//! They stand in `protogate.toml`, or in the comment of the element ([`comment`]).
//! A finding that a waiver covers stays in the report, as waived. A waiver that covers nothing, is over, or names an unknown rule
//! is itself a finding: exceptions must not pile up. Today's date is handed in; nothing here knows a clock.

mod comment;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use protogate_schema::Schema;
use protogate_schema::model::span::Span;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::config::nearest;
use crate::finding::{Finding, Report, Waived};
use crate::group;
use crate::rule::Rule;
use crate::rules;
use crate::rules::waiver::{
    WAIVER_KNOWN_RULE, WAIVER_NOT_EXPIRED, WAIVER_OWNED, WAIVER_READABLE, WAIVER_USED,
};

pub use comment::InComment;

/// Rules whose findings are decisions that somebody has to answer for by name.
const OWNED: &[&str] = &["POLICY_NO_LOOSEN"];

/// A recorded exception: one `[[waiver]]` table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Id of the rule, or a fingerprint as reports show it (`FIELD_SAME_TYPE@4be1`).
    pub rule: String,
    /// Full name of the element, as reports show it. May be left out when `rule` is a fingerprint.
    #[serde(default)]
    pub element: Option<String>,
    /// Why the finding is accepted; not blank.
    #[serde(deserialize_with = "reason")]
    pub reason: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// Last day on which the waiver counts, see [`day_of`]: a TOML date or a text such as `2027-01-31`. `None`: no end.
    #[serde(default, deserialize_with = "date")]
    pub expires: Option<Date>,
}

/// All waivers of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waivers {
    /// The waivers in the order of the file.
    pub list: Vec<Waiver>,
    /// Path of the file that holds them, shown with findings about them.
    pub path: Option<String>,
    /// Where the tables stand in it, in the same order; empty when that is not known.
    pub places: Vec<Span>,
    /// What the comments of the schema say, see [`Waivers::read_comments`].
    pub comments: Vec<InComment>,
}

impl<'de> Deserialize<'de> for Waivers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { list: Vec::deserialize(deserializer)?, ..Self::default() })
    }
}

impl Waiver {
    /// Whether it is about this finding, whatever the day.
    #[must_use]
    pub fn is_about(&self, finding: &Finding) -> bool {
        self.names_rule_of(finding)
            && (self.element.is_some() || self.rule.contains('@'))
            && self.element.as_ref().is_none_or(|element| *element == finding.element)
    }

    fn names_rule_of(&self, finding: &Finding) -> bool {
        if self.rule.contains('@') { finding.has_fingerprint(&self.rule) } else { self.rule == finding.rule }
    }

    /// Whether somebody has to answer for it by name and nobody does.
    fn lacks_owner(&self) -> bool {
        OWNED.contains(&self.rule_id()) && self.owner.as_ref().is_none_or(|it| it.trim().is_empty())
    }

    fn is_over(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    fn rule_id(&self) -> &str {
        self.rule.split('@').next().unwrap_or_default()
    }
}

/// The day that waivers are compared with. Days are those of UTC wherever the check runs, so that a waiver ends at the same moment
/// for everybody: for the command line, for build scripts and in CI.
#[must_use]
pub fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

impl Rule {
    /// Whether only a waiver that names an owner covers a finding of this rule.
    #[must_use]
    pub fn needs_owner(&self) -> bool {
        OWNED.contains(&self.id)
    }
}

/// A waiver at work: where it stands and what it has met.
struct Entry<'a> {
    waiver: &'a Waiver,
    /// Of a comment: the names of its element.
    elements: Option<&'a [String]>,
    path: Option<&'a str>,
    span: Option<Span>,
    used: bool,
    over: bool,
    unowned: bool,
}

impl Entry<'_> {
    fn is_about(&self, finding: &Finding) -> bool {
        match self.elements {
            Some(elements) => self.waiver.names_rule_of(finding) && elements.contains(&finding.element),
            None => self.waiver.is_about(finding),
        }
    }

    fn subject(&self) -> String {
        match self.elements.and_then(<[String]>::first).or(self.waiver.element.as_ref()) {
            Some(element) => format!("`{}` at `{element}`", self.waiver.rule),
            None => format!("`{}`", self.waiver.rule),
        }
    }

    fn element(&self) -> String {
        let named = self.elements.and_then(<[String]>::first).or(self.waiver.element.as_ref());
        named.cloned().unwrap_or_default()
    }
}

impl Waivers {
    /// Takes in the waivers that stand in comments of the schema's target files.
    pub fn read_comments(&mut self, schema: &Schema) {
        self.comments = comment::find(schema);
    }

    /// The first waiver in the file that covers a finding on a day: its position in [`Waivers::list`].
    #[must_use]
    pub fn covering(&self, finding: &Finding, today: Date) -> Option<usize> {
        self.list.iter().position(|it| it.is_about(finding) && !it.is_over(today) && !it.lacks_owner())
    }

    /// Moves the findings that waivers cover to [`Report::waived`], and adds findings about the waivers that are over, cover
    /// nothing, cannot be read, name an unknown rule, or lack an owner that their rule asks for. `today`, from [`day_of`], decides
    /// what is over: a waiver counts up to and including its last day.
    ///
    /// A waiver is for one finding and the consequences that it stands for, whether they are folded under it or listed by themselves; a
    /// consequence whose rule asks for an owner needs one in the waiver. A waiver of a rule that did not run is left alone.
    pub fn apply(&self, report: &mut Report, today: Date) {
        let mut entries = self.entries();
        let findings = std::mem::take(&mut report.findings);
        let leads = group::leads(&findings);
        let own: Vec<_> = findings.iter().map(|finding| cover(&mut entries, finding, today)).collect();
        let mut kept = Vec::with_capacity(findings.len());
        for (index, mut finding) in findings.into_iter().enumerate() {
            let cause = leads.get(&index).and_then(|&lead| own[lead]).filter(|by| extends_to(by, &finding));
            let by = own[index].or(cause);
            for folded in std::mem::take(&mut finding.folded) {
                let cause = by.filter(|by| extends_to(by, &folded));
                match cover(&mut entries, &folded, today).or(cause) {
                    Some(by) => report.waived.push(waived(folded, by)),
                    None => finding.folded.push(folded),
                }
            }
            match by {
                Some(by) => {
                    // What the waiver does not reach stands by itself.
                    kept.append(&mut finding.folded);
                    report.waived.push(waived(finding, by));
                }
                None => kept.push(finding),
            }
        }
        report.findings = kept;
        for entry in &entries {
            if let Some((rule, message)) = complaint(entry, report) {
                let key = entry.waiver.rule.clone();
                report.findings.push(about(rule, entry.path, entry.span, entry.element(), key, message));
            }
        }
        for it in &self.comments {
            if let Err(why) = &it.waiver {
                let message = format!("a comment that begins with `{}` {why}", comment::MARKER);
                let element = it.elements.first().cloned().unwrap_or_default();
                let finding = about(&WAIVER_READABLE, Some(&it.path), it.span, element, why.clone(), message);
                report.findings.push(finding);
            }
        }
        report.sort();
    }

    fn entries(&self) -> Vec<Entry<'_>> {
        let in_file = self.list.iter().enumerate().map(|(index, waiver)| Entry {
            waiver,
            elements: None,
            path: self.path.as_deref(),
            span: self.places.get(index).copied(),
            used: false,
            over: false,
            unowned: false,
        });
        let in_comments = self.comments.iter().filter_map(|it| {
            Some(Entry {
                waiver: it.waiver.as_ref().ok()?,
                elements: Some(&it.elements),
                path: Some(&it.path),
                span: it.span,
                used: false,
                over: false,
                unowned: false,
            })
        });
        in_file.chain(in_comments).collect()
    }
}

/// Whether the waiver of a cause is good enough for a consequence.
fn extends_to(by: &Waiver, consequence: &Finding) -> bool {
    !OWNED.contains(&consequence.rule) || by.owner.as_ref().is_some_and(|it| !it.trim().is_empty())
}

/// The first waiver that covers a finding. All that are about it are marked.
fn cover<'a>(entries: &mut [Entry<'a>], finding: &Finding, today: Date) -> Option<&'a Waiver> {
    let mut by = None;
    for entry in entries.iter_mut().filter(|it| it.is_about(finding)) {
        if entry.waiver.lacks_owner() {
            entry.unowned = true;
        } else if entry.waiver.is_over(today) {
            entry.over = true;
        } else {
            entry.used = true;
            by = by.or(Some(entry.waiver));
        }
    }
    by
}

fn waived(finding: Finding, by: &Waiver) -> Waived {
    Waived { finding, reason: by.reason.clone(), owner: by.owner.clone(), expires: by.expires }
}

/// What is wrong with a waiver after all findings have met it.
fn complaint(entry: &Entry<'_>, report: &Report) -> Option<(&'static Rule, String)> {
    let waiver = entry.waiver;
    if rules::find(waiver.rule_id()).is_none() {
        return Some((&WAIVER_KNOWN_RULE, unknown(waiver)));
    }
    if entry.unowned {
        let message =
            format!("the waiver for {} names no `owner`, which this rule asks for", entry.subject());
        return Some((&WAIVER_OWNED, message));
    }
    if entry.over {
        let last = waiver.expires.map_or_else(String::new, |date| date.to_string());
        return Some((&WAIVER_NOT_EXPIRED, format!("the waiver for {} ended on {last}", entry.subject())));
    }
    if entry.used || !report.rules.contains(&waiver.rule_id()) {
        return None;
    }
    let message = if entry.elements.is_none() && waiver.element.is_none() && !waiver.rule.contains('@') {
        format!("the waiver for `{}` names no element", waiver.rule)
    } else {
        format!("the waiver for {} covers nothing", entry.subject())
    };
    Some((&WAIVER_USED, message))
}

/// A finding about a waiver.
fn about(
    rule: &'static Rule,
    path: Option<&str>,
    span: Option<Span>,
    element: String,
    key: String,
    message: String,
) -> Finding {
    let mut finding = Finding::new(rule.id, rule.severity, element, message);
    finding.path = path.map(str::to_owned);
    finding.span = span;
    finding.help = Some(rule.help.to_owned());
    finding.key = key;
    finding.seal();
    finding
}

fn unknown(waiver: &Waiver) -> String {
    let hint = nearest(waiver.rule_id(), rules::all().iter().map(|rule| rule.id))
        .map_or_else(String::new, |similar| format!("; did you mean `{similar}`?"));
    format!("a waiver names the rule `{}`, which does not exist{hint}", waiver.rule_id())
}

/// An exception without a reason is none that somebody can judge later.
fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(de::Error::custom("the `reason` of a waiver is blank: say why the finding is accepted"));
    }
    Ok(text)
}

/// Reads a date that is a text, or a date of TOML's own, which its reader hands over as a map of one text.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    struct DateVisitor;

    impl<'de> Visitor<'de> for DateVisitor {
        type Value = Date;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a date such as 2027-01-31")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
            text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Date, A::Error> {
            match map.next_entry::<String, String>()? {
                Some((_, text)) => self.visit_str(&text),
                None => Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
            }
        }
    }

    deserializer.deserialize_any(DateVisitor).map(Some)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::day_of;

    #[test]
    fn a_day_is_one_of_utc() {
        assert_eq!(day_of("2027-01-31T23:59:59Z".parse().unwrap()), date(2027, 1, 31));
        assert_eq!(day_of("2027-01-31T16:00:00-08:00".parse().unwrap()), date(2027, 2, 1));
    }
}
