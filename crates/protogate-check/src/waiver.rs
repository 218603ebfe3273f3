//! Waivers: recorded exceptions, each for one rule at one element, with a reason and an end.
//!
//! A finding that a waiver covers stays in the report, as waived. A waiver that covers nothing, is over, or names an unknown rule
//! is itself a finding: exceptions must not pile up. Today's date is handed in; nothing here knows a clock.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use protogate_schema::model::span::Span;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::config::nearest;
use crate::finding::{Finding, Report, Waived};
use crate::rule::Rule;
use crate::rules;
use crate::rules::waiver::{WAIVER_KNOWN_RULE, WAIVER_NOT_EXPIRED, WAIVER_USED};

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
}

impl<'de> Deserialize<'de> for Waivers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { list: Vec::deserialize(deserializer)?, ..Self::default() })
    }
}

impl Waiver {
    fn covers(&self, finding: &Finding) -> bool {
        let rule = if self.rule.contains('@') {
            self.rule == finding.fingerprint
        } else {
            self.rule == finding.rule && self.element.is_some()
        };
        rule && self.element.as_ref().is_none_or(|element| *element == finding.element)
    }

    fn rule_id(&self) -> &str {
        self.rule.split('@').next().unwrap_or_default()
    }

    fn subject(&self) -> String {
        match &self.element {
            Some(element) => format!("`{}` at `{element}`", self.rule),
            None => format!("`{}`", self.rule),
        }
    }
}

/// The day that waivers are compared with. Days are those of UTC wherever the check runs, so that a waiver ends at the same moment
/// for everybody: for the command line, for build scripts and in CI.
#[must_use]
pub fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

impl Waivers {
    /// Moves the findings that waivers cover to [`Report::waived`], and adds findings about the waivers that are over, cover
    /// nothing, or name an unknown rule. `today`, from [`day_of`], decides what is over: a waiver counts up to and including its last
    /// day.
    ///
    /// A waiver of a rule that did not run is left alone.
    pub fn apply(&self, report: &mut Report, today: Date) {
        let mut used = vec![false; self.list.len()];
        let mut over = vec![false; self.list.len()];
        let mut kept = Vec::with_capacity(report.findings.len());
        for finding in std::mem::take(&mut report.findings) {
            let mut by = None;
            for (index, waiver) in self.list.iter().enumerate() {
                if !waiver.covers(&finding) {
                    continue;
                }
                if waiver.expires.is_some_and(|last| last < today) {
                    over[index] = true;
                } else {
                    used[index] = true;
                    by = by.or(Some(waiver));
                }
            }
            match by {
                Some(waiver) => report.waived.push(Waived {
                    finding,
                    reason: waiver.reason.clone(),
                    owner: waiver.owner.clone(),
                    expires: waiver.expires,
                }),
                None => kept.push(finding),
            }
        }
        report.findings = kept;
        for (index, waiver) in self.list.iter().enumerate() {
            let about = if rules::find(waiver.rule_id()).is_none() {
                Some((&WAIVER_KNOWN_RULE, unknown(waiver)))
            } else if over[index] {
                let last = waiver.expires.map_or_else(String::new, |date| date.to_string());
                Some((&WAIVER_NOT_EXPIRED, format!("the waiver for {} ended on {last}", waiver.subject())))
            } else if used[index] || !report.rules.contains(&waiver.rule_id()) {
                None
            } else if waiver.element.is_none() && !waiver.rule.contains('@') {
                Some((&WAIVER_USED, format!("the waiver for `{}` names no element", waiver.rule)))
            } else {
                Some((&WAIVER_USED, format!("the waiver for {} covers nothing", waiver.subject())))
            };
            if let Some((rule, message)) = about {
                report.findings.push(self.finding(rule, waiver, self.places.get(index).copied(), message));
            }
        }
        report.sort();
    }

    fn finding(&self, rule: &'static Rule, waiver: &Waiver, span: Option<Span>, message: String) -> Finding {
        let element = waiver.element.clone().unwrap_or_default();
        let mut finding = Finding::new(rule.id, rule.severity, element, message);
        finding.path.clone_from(&self.path);
        finding.span = span;
        finding.help = Some(rule.help.to_owned());
        finding.key.clone_from(&waiver.rule);
        finding.seal();
        finding
    }
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
