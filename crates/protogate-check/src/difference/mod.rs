//! How two schemas differ, fact by fact, and which of the differences break somebody.
//!
//! What is the same under another name is decided by numbers and by the rename detection of `group`: a renamed type is one
//! change, and what only follows from it is none. Members of a type that came or went as a whole are counted, not listed.

use std::collections::{HashMap, HashSet, VecDeque};

use protogate_schema::Schema;
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;
use serde::Serialize;

mod facts;
mod options;

pub(crate) use facts::ranges;
pub use facts::{Fact, Part, Sort, facts};
pub(crate) use options::Options;

use crate::finding::Finding;
use crate::group::Names;
use crate::position::map_field;
use crate::rule::Audience;
use facts::Collector;

/// Which way a fact differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "named by what they say")]
pub enum Mark {
    Added,
    Changed,
    Removed,
}

/// What a difference asks of the next version number, in the words of <https://semver.org>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Both promise the same, in the same words.
    None,
    /// Only comments, or options that nothing here reads.
    Patch,
    /// More is promised, or something else in a way that breaks nobody.
    Minor,
    /// Somebody breaks.
    Major,
}

impl Verdict {
    /// The word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// A part that changed; on a side that does not have it, there is no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delta {
    /// What it is called; empty for what needs no name.
    pub part: String,
    /// What it said.
    pub before: Option<String>,
    /// What it says.
    pub after: Option<String>,
    #[serde(skip)]
    is_promise: bool,
}

/// Who breaks, by the word of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Id of the rule.
    pub rule: &'static str,
    /// The finding's short name.
    pub fingerprint: String,
    /// What was found.
    pub message: String,
    /// Who breaks.
    pub audiences: Vec<Audience>,
}

/// A fact that differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which way.
    pub mark: Mark,
    /// The fact as it is; of one that was removed, as it was.
    pub fact: Fact,
    /// The fact as it was, if it was and is.
    pub before: Option<Fact>,
    /// What changed in it.
    pub deltas: Vec<Delta>,
    /// Whom it breaks; empty when nobody.
    pub breaks: Vec<Break>,
    /// Members that came or went with it.
    pub members: usize,
}

impl Change {
    /// The fact as it was, when it has another name or number now.
    #[must_use]
    pub fn renamed_from(&self) -> Option<&Fact> {
        let before = self.before.as_ref()?;
        (before.label != self.fact.label || self.fact.label.is_empty() && before.name != self.fact.name)
            .then_some(before)
    }

    /// Whether clients or rules could see it.
    #[must_use]
    pub fn is_promise(&self) -> bool {
        self.mark != Mark::Changed
            || !self.breaks.is_empty()
            || self.renamed_from().is_some()
            || self.deltas.iter().any(|it| it.is_promise)
    }

    /// What the change says, without its name: `int64 -> string, json rev -> version`, `string = 7 json owner`.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_of(self.fact.text())
    }

    /// The same beneath a label, which says number and name already: `string`.
    #[must_use]
    pub fn brief(&self) -> String {
        self.text_of(self.fact.brief())
    }

    fn text_of(&self, text: String) -> String {
        if self.mark != Mark::Changed {
            return match self.members {
                0 => text,
                1 => format!("{text} with 1 member"),
                many => format!("{text} with {many} members"),
            };
        }
        let mut parts: Vec<String> = self.deltas.iter().map(Delta::text).collect();
        if parts.is_empty() && self.renamed_from().is_none() {
            parts.extend(self.breaks.iter().map(|it| it.message.clone()));
        }
        parts.join(", ")
    }

    fn is_whole(&self) -> bool {
        self.mark != Mark::Changed && self.fact.sort.is_owner()
    }
}

impl Delta {
    fn text(&self) -> String {
        let name = if self.part.is_empty() { String::new() } else { format!("{} ", self.part) };
        // Texts of people may have many lines; that they changed is what can be said on one.
        if self.part == "comment" {
            return match (&self.before, &self.after) {
                (None, _) => "comment added".to_owned(),
                (_, None) => "comment removed".to_owned(),
                _ => "comment changed".to_owned(),
            };
        }
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{name}{before} -> {after}"),
            (None, Some(after)) => format!("+ {name}{after}"),
            (Some(before), None) => format!("- {name}{before}"),
            (None, None) => name,
        }
    }
}

/// How two schemas differ.
#[derive(Debug, Default)]
pub struct Difference {
    /// What differs, by package, owner and member.
    pub changes: Vec<Change>,
    /// Breaks that no change of a target file stands for.
    pub others: Vec<Break>,
}

impl Difference {
    /// Compares the target files. `findings` are those of the breaking rules over the same two schemas; without a baseline everything
    /// is added. Comments are compared where both sides have kept them.
    #[must_use]
    pub fn between<'f>(
        current: &Schema,
        baseline: Option<&Schema>,
        findings: impl IntoIterator<Item = &'f Finding>,
        with_comments: bool,
    ) -> Self {
        let identity = |name: &str| name.to_owned();
        let Some(baseline) = baseline else {
            let facts = Collector::new(current, &identity, false).collect();
            let added = facts.into_iter().map(|fact| only(Mark::Added, fact));
            return Self::of(added.collect(), Vec::new());
        };
        let has_places =
            |schema: &Schema| schema.messages().any(|(id, _)| schema.span(Element::Message(id)).is_some());
        let with_comments = with_comments && has_places(current) && has_places(baseline);
        let pairs = Pairs::new(current, baseline);
        let names = Names::new(&pairs);
        let rename = |name: &str| names.now(name);
        let new = Collector::new(current, &identity, with_comments).collect();
        let old = Collector::new(baseline, &rename, with_comments).collect();
        let mut changes = compare(old, new);
        let others = attach(&mut changes, findings, current, baseline);
        changes.retain(|it| {
            it.mark != Mark::Changed
                || !it.deltas.is_empty()
                || !it.breaks.is_empty()
                || it.renamed_from().is_some()
        });
        Self::of(changes, others)
    }

    fn of(mut changes: Vec<Change>, others: Vec<Break>) -> Self {
        changes.sort_by(|a, b| {
            let place =
                |it: &Change| (it.fact.package.clone(), it.fact.sort != Sort::File, it.fact.owner.clone());
            let member = |it: &Change| (it.fact.sort, number(&it.fact.label), it.fact.label.clone());
            place(a).cmp(&place(b)).then_with(|| member(a).cmp(&member(b))).then(a.mark.cmp(&b.mark))
        });
        Self { changes, others }
    }

    /// Whether both promise the same, in the same words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.others.is_empty()
    }

    /// Number of changes with this mark.
    #[must_use]
    pub fn count(&self, mark: Mark) -> usize {
        self.changes.iter().filter(|it| it.mark == mark).count()
    }

    /// Number of changes that break somebody.
    #[must_use]
    pub fn breaking(&self) -> usize {
        self.changes.iter().filter(|it| !it.breaks.is_empty()).count() + self.others.len()
    }

    /// What the next version has to be.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let of = |it: &Change| match (it.breaks.is_empty(), it.is_promise()) {
            (false, _) => Verdict::Major,
            (true, true) => Verdict::Minor,
            (true, false) => Verdict::Patch,
        };
        let others = self.others.iter().map(|_| Verdict::Major);
        self.changes.iter().map(of).chain(others).max().unwrap_or(Verdict::None)
    }
}

/// Members are listed by their numbers.
fn number(label: &str) -> i64 {
    label.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0)
}

fn only(mark: Mark, fact: Fact) -> Change {
    Change { mark, fact, before: None, deltas: Vec::new(), breaks: Vec::new(), members: 0 }
}

/// Pairs facts by what they are about. What is equal is a change without deltas, so that findings can be attached to it.
fn compare(old: Vec<Fact>, new: Vec<Fact>) -> Vec<Change> {
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, fact) in old.iter().enumerate() {
        known.entry(fact.key.clone()).or_insert(at);
    }
    let mut old: Vec<Option<Fact>> = old.into_iter().map(Some).collect();
    let mut changes = Vec::new();
    let mut added = Vec::new();
    for fact in new {
        match known.get(&fact.key).and_then(|&at| old[at].take()) {
            Some(before) => changes.push(changed(before, fact)),
            None => added.push(fact),
        }
    }
    // Routes that moved, in the order of the annotation of their rpc; fields and values that have another number.
    let mut gone: HashMap<(Sort, String), VecDeque<usize>> = HashMap::new();
    for (at, fact) in old.iter().enumerate() {
        if let Some((name, fact)) = fact.as_ref().and_then(|it| Some((second_key(it)?, it))) {
            gone.entry((fact.sort, name)).or_default().push_back(at);
        }
    }
    for fact in added {
        let name = second_key(&fact);
        let at = name.and_then(|name| gone.get_mut(&(fact.sort, name))?.pop_front());
        match at.and_then(|at| old[at].take()) {
            Some(before) => changes.push(changed(before, fact)),
            None => changes.push(only(Mark::Added, fact)),
        }
    }
    changes.extend(old.into_iter().flatten().map(|fact| only(Mark::Removed, fact)));
    changes
}

/// By what a fact is known again when its first key is not.
fn second_key(fact: &Fact) -> Option<String> {
    match fact.sort {
        Sort::Route => Some(fact.key.split(' ').take(3).collect::<Vec<_>>().join(" ")),
        Sort::Field | Sort::Value => Some(fact.name.clone()),
        _ => None,
    }
}

fn changed(before: Fact, fact: Fact) -> Change {
    let mut deltas = Vec::new();
    // Parts without a name are told apart by their order.
    let named = |parts: &[Part]| {
        let mut seen: HashMap<String, usize> = HashMap::new();
        parts
            .iter()
            .map(|it| {
                let nth = seen.entry(it.name.clone()).or_default();
                *nth += 1;
                ((it.name.clone(), *nth), it.clone())
            })
            .collect::<Vec<_>>()
    };
    let (old, new) = (named(&before.parts), named(&fact.parts));
    for (name, part) in &new {
        let was = old.iter().find(|(it, _)| it == name).map(|(_, it)| it);
        if was.is_none_or(|it| it.same != part.same && it.text != part.text) {
            deltas.push(Delta {
                part: part.name.clone(),
                before: was.map(|it| it.text.clone()),
                after: Some(part.text.clone()),
                is_promise: part.is_promise,
            });
        }
    }
    for (_, part) in old.iter().filter(|(name, _)| new.iter().all(|(it, _)| it != name)) {
        deltas.push(Delta {
            part: part.name.clone(),
            before: Some(part.text.clone()),
            after: None,
            is_promise: part.is_promise,
        });
    }
    // A number is part of the label.
    if before.label != fact.label {
        deltas.retain(|it| it.part != "=");
    }
    Change { deltas, before: Some(before), ..only(Mark::Changed, fact) }
}

/// Says of each change whom it breaks, and leaves out the members of what came or went as a whole.
fn attach<'f>(
    changes: &mut Vec<Change>,
    findings: impl IntoIterator<Item = &'f Finding>,
    current: &Schema,
    baseline: &Schema,
) -> Vec<Break> {
    let mut others = Vec::new();
    let mut of_old: HashMap<(Element, Sort), Vec<usize>> = HashMap::new();
    let mut of_new: HashMap<(Element, Sort), Vec<usize>> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        let fact = &change.fact;
        match (change.mark, &change.before) {
            (Mark::Removed, _) => of_old.entry((fact.element, fact.sort)).or_default().push(at),
            (_, Some(before)) => {
                of_old.entry((before.element, before.sort)).or_default().push(at);
                of_new.entry((fact.element, fact.sort)).or_default().push(at);
            }
            _ => of_new.entry((fact.element, fact.sort)).or_default().push(at),
        }
    }
    let find = |changes: &[Change], finding: &Finding| {
        let sorts = sorts(finding.rule);
        let about =
            |schema: &Schema, element: Option<Element>, index: &HashMap<(Element, Sort), Vec<usize>>| {
                // What is said of a map's entry is about the map.
                let element = map_field(schema, element?).map_or(element?, Element::Field);
                let all = sorts.iter().find_map(|&sort| index.get(&(element, sort)))?;
                // Of several routes the one that the finding names.
                let named = all.iter().copied().find(|&at| {
                    let fact = changes[at].before.as_ref().unwrap_or(&changes[at].fact);
                    !finding.key.is_empty() && fact.name.ends_with(&finding.key)
                });
                let differs = || all.iter().copied().find(|&at| !changes[at].deltas.is_empty());
                named.or_else(differs).or_else(|| all.first().copied())
            };
        about(baseline, finding.about.baseline, &of_old)
            .or_else(|| about(current, finding.about.current, &of_new))
    };
    for cause in findings {
        let of_cause = find(changes, cause);
        for finding in cause.with_folded() {
            // A consequence is no change of its own, unless there is more to it.
            let own = find(changes, finding).filter(|&at| {
                let change = &changes[at];
                std::ptr::eq(finding, cause)
                    || change.mark != Mark::Changed
                    || !change.deltas.is_empty()
                    || change.renamed_from().is_some()
            });
            let broken = Break {
                rule: finding.rule,
                fingerprint: finding.fingerprint.clone(),
                message: finding.message.clone(),
                audiences: audiences(finding),
            };
            match own.or(of_cause) {
                Some(at) => changes[at].breaks.push(broken),
                None => others.push(broken),
            }
        }
    }
    fold(changes);
    others
}

/// Members go with their type; whom their loss breaks, the loss of the type breaks.
fn fold(changes: &mut Vec<Change>) {
    let owner = |it: &Change| (it.mark, it.fact.package.clone(), it.fact.owner.clone());
    let wholes: HashMap<_, usize> =
        changes.iter().enumerate().filter(|(_, it)| it.is_whole()).map(|(at, it)| (owner(it), at)).collect();
    let mut gone = HashSet::new();
    for at in 0..changes.len() {
        let change = &changes[at];
        if change.mark == Mark::Changed || change.fact.sort.is_owner() {
            continue;
        }
        if let Some(&whole) = wholes.get(&owner(change)) {
            let breaks = std::mem::take(&mut changes[at].breaks);
            changes[whole].breaks.extend(breaks);
            changes[whole].members +=
                usize::from(matches!(changes[at].fact.sort, Sort::Field | Sort::Value | Sort::Rpc));
            gone.insert(at);
        }
    }
    // Of an rpc that came or went, so did its access and its routes.
    let rpcs: HashMap<(Mark, Element), usize> = changes
        .iter()
        .enumerate()
        .filter(|(_, it)| it.fact.sort == Sort::Rpc && it.mark != Mark::Changed)
        .map(|(at, it)| ((it.mark, it.fact.element), at))
        .collect();
    for at in 0..changes.len() {
        let change = &changes[at];
        if change.fact.sort == Sort::Policy
            && let Some(&rpc) = rpcs.get(&(change.mark, change.fact.element))
            && !gone.contains(&at)
        {
            let breaks = std::mem::take(&mut changes[at].breaks);
            changes[rpc].breaks.extend(breaks);
            gone.insert(at);
        }
    }
    let mut at = 0;
    changes.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    for change in changes.iter_mut() {
        change.breaks.sort_by(|a, b| (a.rule, &a.fingerprint).cmp(&(b.rule, &b.fingerprint)));
        change.breaks.dedup();
    }
}

/// The facts that findings of a rule are about, the likeliest first.
fn sorts(rule: &str) -> &'static [Sort] {
    if rule.starts_with("ROUTE_") {
        return &[Sort::Route, Sort::Rpc, Sort::Field, Sort::Service, Sort::File];
    }
    if rule.starts_with("POLICY_") {
        return &[Sort::Policy, Sort::Field, Sort::Rpc, Sort::Service, Sort::File];
    }
    if rule.starts_with("ERROR_") {
        return &[Sort::Error, Sort::Value, Sort::Enum, Sort::File];
    }
    &[
        Sort::Field,
        Sort::Extension,
        Sort::Value,
        Sort::Oneof,
        Sort::Rpc,
        Sort::Message,
        Sort::Enum,
        Sort::Service,
        Sort::File,
    ]
}

fn audiences(finding: &Finding) -> Vec<Audience> {
    let mut all: Vec<Audience> = finding.impact.iter().map(|it| it.audience).collect();
    all.sort_unstable();
    all.dedup();
    all
}
