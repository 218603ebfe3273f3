//! The changes of `buf.validate` rules in a pair of messages: at the message, and at each field that both sides have.
//!
//! What is required is left to rules of its own, because a missing value and a wrong one break different callers.

use protogate_schema::model::element::{Element, FieldId, MessageId};
use protogate_schema::model::validation::{EXTENSION, FieldGroup, MessageRules, ValueRules};
use protogate_schema::pair::{Pair, Pairs};

use super::constraints::{Change, Effect, compare, compare_expressions};
use crate::finding::{Finding, Findings};
use crate::position::At;
use crate::subject;

/// Numbers of `options` in the descriptors of fields and messages.
const FIELD_OPTIONS: i32 = 8;
const MESSAGE_OPTIONS: i32 = 7;

/// Reports the changes with this effect; `what` goes between the subject and the rule.
pub(super) fn report(
    pairs: &Pairs<'_>,
    pair: Pair<MessageId>,
    effect: Effect,
    what: &str,
    out: &mut Findings,
    mut finish: impl FnMut(&mut Finding),
) {
    if are_equal(pairs, pair) {
        return;
    }
    for change in at_message(pairs, pair).iter().filter(|it| it.effect == effect) {
        let (current, baseline) = (Element::Message(pair.current), Element::Message(pair.baseline));
        let name = &pairs.current.message(pair.current).full_name;
        let places = Pair { current, baseline };
        finish(one(pairs, places, MESSAGE_OPTIONS, &format!("message `{name}`"), what, change, out));
    }
    for (_, field) in pairs.fields(pair) {
        let Some(field) = field else { continue };
        for change in at_field(pairs, field).iter().filter(|it| it.effect == effect) {
            let subject = subject::field(pairs.current, field.current);
            let (current, baseline) = (Element::Field(field.current), Element::Field(field.baseline));
            let places = Pair { current, baseline };
            finish(one(pairs, places, FIELD_OPTIONS, &subject, what, change, out));
        }
    }
}

fn one<'o>(
    pairs: &Pairs<'_>,
    places: Pair<Element>,
    options: i32,
    subject: &str,
    what: &str,
    change: &Change,
    out: &'o mut Findings,
) -> &'o mut Finding {
    let mut path = vec![options, EXTENSION];
    path.extend(&change.path);
    let (before, now) = (&change.before, &change.now);
    let at = |schema, element| At::within_option(schema, element, &path);
    out.report(
        at(pairs.current, places.current),
        pairs.current.full_name(places.current),
        format!("{subject} {what}: `{}` {} -> {}", change.rule, shown(before), shown(now)),
    )
    .against(at(pairs.baseline, places.baseline))
    .labels(format!("now {now}"), format!("was {before}"))
    .key(format!("{}:{before}->{now}", change.rule))
}

/// A bound in backquotes, so that its sign is not taken for that of the change.
fn shown(value: &str) -> String {
    if value.starts_with(['<', '>']) { format!("`{value}`") } else { value.to_owned() }
}

/// Whether no option of the message and its fields differs: almost always, and quickly seen.
pub(super) fn are_equal(pairs: &Pairs<'_>, pair: Pair<MessageId>) -> bool {
    let (old, new) = (pairs.baseline.message(pair.baseline), pairs.current.message(pair.current));
    let options = |old: FieldId, new: FieldId| {
        let (old, new) = (pairs.baseline.field(old), pairs.current.field(new));
        old.number == new.number && old.raw_options == new.raw_options
    };
    old.fields.len() == new.fields.len()
        && old.raw_options == new.raw_options
        && old.oneofs.iter().map(|it| &it.raw_options).eq(new.oneofs.iter().map(|it| &it.raw_options))
        && old.fields.iter().zip(&new.fields).all(|(&old, &new)| options(old, new))
}

fn at_field(pairs: &Pairs<'_>, pair: Pair<FieldId>) -> Vec<Change> {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    if old.raw_options == new.raw_options {
        return Vec::new();
    }
    let rules = |options: &[u8]| ValueRules::of_field(options);
    compare(rules(&old.raw_options).as_ref(), rules(&new.raw_options).as_ref())
}

fn at_message(pairs: &Pairs<'_>, pair: Pair<MessageId>) -> Vec<Change> {
    let (old, new) = (pairs.baseline.message(pair.baseline), pairs.current.message(pair.current));
    if old.raw_options == new.raw_options {
        return Vec::new();
    }
    let rules = |options: &[u8]| MessageRules::of_message(options).unwrap_or_default();
    let (old, new) = (rules(&old.raw_options), rules(&new.raw_options));
    let mut changes = compare_expressions(&old.expressions, &new.expressions);
    for change in &mut changes {
        // The same lists have other numbers here: `cel` is 3, `cel_expression` 5.
        if let Some(number) = change.path.first_mut() {
            *number = if *number == 29 { 5 } else { 3 };
        }
    }
    groups(&old.groups, &new.groups, &mut changes);
    changes
}

/// Groups of fields that exclude each other: a larger one excludes more.
fn groups(old: &[FieldGroup], new: &[FieldGroup], changes: &mut Vec<Change>) {
    let within = |inner: &FieldGroup, list: &[FieldGroup]| {
        list.iter().any(|outer| inner.fields.iter().all(|it| outer.fields.contains(it)))
    };
    let change = |effect, index: usize, before: String, now: String| Change {
        effect,
        rule: "oneof".to_owned(),
        path: vec![4, index as i32],
        before,
        now,
    };
    let text = |group: &FieldGroup| subject::list(group.fields.iter().map(String::as_str));
    for (index, group) in new.iter().enumerate().filter(|(_, group)| !within(group, old)) {
        changes.push(change(Effect::Less, index, "none".to_owned(), text(group)));
    }
    for (index, group) in old.iter().enumerate().filter(|(_, group)| !within(group, new)) {
        changes.push(change(Effect::More, index, text(group), "none".to_owned()));
    }
}
