//! Comparing with more than one earlier schema, and in more than one direction.
//!
//! Rules compare two schemas and ask whether the new one can stand in for the old one. Several releases are several such questions whose
//! answers are merged: one finding, with the first release that it breaks. The other direction is the same question with the roles
//! swapped: can readers that still have the old schema read what the new one writes?

use std::collections::{HashMap, HashSet};

use protogate_schema::Schema;
use protogate_schema::pair::Pairs;
use serde::Deserialize;

use crate::breakage::forward;
use crate::config::{BreakingConfig, ConfigError};
use crate::engine::check_breaking;
use crate::finding::{Finding, Report, Side};
use crate::rule::Audience;
use crate::witness::Version;

/// Who reads what whom wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The new schema serves old clients and reads old data. The default.
    #[default]
    Backward,
    /// Programs with the old schema read what the new one writes.
    Forward,
    /// Both.
    Full,
}

/// An earlier schema, and what it is called: `v1.3`.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The schema.
    pub schema: &'a Schema,
}

/// The rules that say something about an old reader of new data. Deletions are not among them: what the new schema adds, old readers
/// skip, except for the values of enums, which JSON readers refuse.
const FORWARD: &[&str] = &[
    "ENUM_SAME_TYPE",
    "ENUM_VALUE_NO_DELETE",
    "ENUM_VALUE_SAME_NAME",
    "FIELD_SAME_CARDINALITY",
    "FIELD_SAME_DEFAULT",
    "FIELD_SAME_JSON_NAME",
    "FIELD_SAME_NAME",
    "FIELD_SAME_ONEOF",
    "FIELD_SAME_TYPE",
    "FIELD_SAME_UTF8_VALIDATION",
    "FIELD_WIRE_COMPATIBLE_CARDINALITY",
    "FIELD_WIRE_COMPATIBLE_TYPE",
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
    "MESSAGE_SAME_JSON_FORMAT",
    "MESSAGE_SAME_REQUIRED_FIELDS",
    "RPC_SAME_CLIENT_STREAMING",
    "RPC_SAME_REQUEST_TYPE",
    "RPC_SAME_RESPONSE_TYPE",
    "RPC_SAME_SERVER_STREAMING",
];

/// Rules that say, of the pair as it is, what old readers do not find in new data, or find with another meaning.
const ANSWERED: &[&str] = &[
    "ENUM_NUMBER_REUSED",
    "ENUM_VALUE_NAME_REUSED",
    "ERROR_HTTP_STATUS_CLASS",
    "ERROR_LOCALE_NO_DELETE",
    "ERROR_PLACEHOLDER_NO_DELETE",
    "ERROR_REASON_NO_DELETE",
    "ERROR_RETRYABLE_NO_ADD",
    "ERROR_RETRYABLE_NO_DELETE",
    "ERROR_SAME_CODE",
    "ERROR_SAME_DEFAULT_LOCALE",
    "ERROR_SAME_DOMAIN",
    "ERROR_SAME_GRPC_CODE",
    "ERROR_SAME_HTTP_STATUS",
    "ERROR_SAME_RETRY_DELAY",
    "FIELD_NAME_REUSED",
    "FIELD_NO_DELETE",
    "FIELD_NUMBER_REUSED",
    "OPERATION_SAME_TYPES",
    "PAGE_NO_ADD",
    "PAGE_NO_DELETE",
    "ROUTE_SAME_RESPONSE_BODY",
    "VALIDATION_INPUT_ONLY_NO_ADD",
    "VALIDATION_NO_LOOSEN",
    "VALIDATION_REQUIRED_NO_DELETE",
];

/// A deleted field, as old readers of new data see it: it is never there.
fn absent(finding: &mut Finding) {
    finding.sides.retain(|side| matches!(side, Side::OldClientNewServer | Side::NewClientOldServer));
    finding.impact.retain(|it| it.audience == Audience::Wire);
    for impact in &mut finding.impact {
        if let Some((seen, _)) = impact.text.split_once("; ") {
            impact.text = format!("{seen}, because nobody writes it any more");
        }
    }
    // It is what old writers write.
    finding.witness = None;
}

/// Compares a schema with one earlier one.
///
/// # Errors
/// As [`check_breaking`].
pub fn check_direction(
    current: &Schema,
    baseline: &Schema,
    config: &BreakingConfig,
    direction: Direction,
) -> Result<Report, ConfigError> {
    let mut backward = check_breaking(current, baseline, config)?;
    if direction == Direction::Backward {
        return Ok(backward);
    }
    let selected = config.resolve()?.rules;
    let ids: Vec<String> =
        selected.iter().filter(|rule| FORWARD.contains(&rule.id)).map(|rule| rule.id.to_owned()).collect();
    let mut found = Vec::new();
    if !ids.is_empty() {
        let swapped = BreakingConfig { r#use: ids, except: Vec::new(), ..config.clone() };
        found = check_breaking(baseline, current, &swapped)?.findings;
    }
    forward::turn(&Pairs::new(baseline, current), &mut found);
    let found: Vec<Finding> = found.into_iter().map(turn).collect();
    let is_twin = |a: &Finding, b: &Finding| {
        a.rule == b.rule && (a.element == b.element || (a.path == b.path && a.span == b.span))
    };
    let (twins, alone): (Vec<Finding>, Vec<Finding>) =
        found.into_iter().partition(|new| backward.findings.iter().any(|old| is_twin(old, new)));
    if direction == Direction::Forward {
        // What holds in both directions is said in the words of the usual one.
        backward.findings.retain_mut(|old| match twins.iter().find(|new| is_twin(old, new)) {
            Some(new) => {
                old.sides.clone_from(&new.sides);
                old.impact.retain(|it| it.audience != Audience::Source);
                if let Some(witness) = new.witness.as_ref().filter(|it| it.writer == Version::New) {
                    old.witness = Some(witness.clone());
                }
                true
            }
            None => ANSWERED.contains(&old.rule),
        });
        for gone in backward.findings.iter_mut().filter(|it| it.rule == "FIELD_NO_DELETE") {
            absent(gone);
        }
        backward.rules.retain(|id| FORWARD.contains(id) || ANSWERED.contains(id));
    }
    backward.findings.extend(alone);
    backward.sort();
    Ok(backward)
}

/// A finding about the swapped pair as one about the pair: the current file is to blame.
fn turn(mut finding: Finding) -> Finding {
    let there = finding.against.take();
    let (path, span) = (finding.path.take(), finding.span.take());
    finding.label = None;
    if let Some(there) = &there {
        finding.path = Some(there.path.clone());
        finding.span = there.span;
    }
    finding.against = path.map(|path| crate::finding::Against {
        path,
        span,
        label: None,
        declaration: None,
        since: None,
        broken_by: None,
    });
    if there.is_none() {
        // A finding without an other side is about the file, which has the same path on both.
        finding.path = finding.against.as_ref().map(|it| it.path.clone());
    }
    finding.message = if finding.rule == "ENUM_VALUE_NO_DELETE" {
        format!(
            "new writer, old reader: `{}` is new, and readers of the old schema do not know it",
            finding.element
        )
    } else {
        format!("new writer, old reader: {}", finding.message)
    };
    finding.help = Some(
        "bring the new schema to every reader before anybody writes with it, or keep the old form".to_owned(),
    );
    finding.fix = None;
    finding.because = None;
    finding.link = None;
    std::mem::swap(&mut finding.about.current, &mut finding.about.baseline);
    if let Some(witness) = &mut finding.witness {
        witness.writer = match witness.writer {
            Version::Old => Version::New,
            Version::New => Version::Old,
        };
        std::mem::swap(&mut witness.old, &mut witness.new);
    }
    finding.key = format!("forward {}", finding.key);
    finding.seal();
    finding
}

/// Compares a schema with several earlier ones, oldest first. A finding that more than one of them has is reported once, against the
/// oldest; [`Against::since`](crate::Against::since) then says which that is.
///
/// # Errors
/// As [`check_breaking`].
pub fn check_several(
    current: &Schema,
    earlier: &[Earlier<'_>],
    config: &BreakingConfig,
    direction: Direction,
) -> Result<Report, ConfigError> {
    let mut merged = Report::default();
    // Where a finding is in `merged`, and the last of the earlier schemas that has it.
    let mut known: HashMap<Identity, (usize, usize)> = HashMap::new();
    for (at, it) in earlier.iter().enumerate() {
        let report = check_direction(current, it.schema, config, direction)?;
        merged.files = merged.files.max(report.files);
        merged.rules.extend(report.rules);
        for note in report.notes {
            if !merged.notes.contains(&note) {
                merged.notes.push(note);
            }
        }
        let mut seen: HashMap<(&'static str, String, String), usize> = HashMap::new();
        for mut finding in report.findings {
            let name = (finding.rule, finding.element.clone(), finding.key.clone());
            let count = seen.entry(name.clone()).and_modify(|it| *it += 1).or_insert(0);
            let identity = (name.0, name.1, name.2, *count);
            if let Some((_, last)) = known.get_mut(&identity) {
                *last = at;
                continue;
            }
            if let Some(against) = finding.against.as_mut().filter(|_| earlier.len() > 1) {
                against.since = Some(it.name.to_owned());
            }
            known.insert(identity, (merged.findings.len(), at));
            merged.findings.push(finding);
        }
    }
    for &(index, last) in known.values() {
        // Where a later release does not show it, that release has broken it already.
        if let (Some(next), Some(against)) = (earlier.get(last + 1), &mut merged.findings[index].against) {
            against.broken_by = Some(next.name.to_owned());
        }
    }
    let mut causes = HashSet::new();
    merged.rules.retain(|rule| causes.insert(*rule));
    merged.sort();
    Ok(merged)
}

/// Rule, element, key, and which of those that are equal in all of these.
type Identity = (&'static str, String, String, usize);
