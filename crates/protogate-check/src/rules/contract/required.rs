//! What callers have to send: fields, oneofs and groups of fields that are required, by `buf.validate` or `google.api.field_behavior`.
//!
//! The two annotations say the same to a caller, so one in place of the other changes nothing.

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, MessageId};
use protogate_schema::model::validation::{EXTENSION, MessageRules, ValueRules, oneof_required};
use protogate_schema::pair::{Pair, Pairs};

use super::constraints::refuses_zero;
use super::rule_changes::are_equal;
use crate::position::At;
use crate::subject;

/// `google.api.FieldBehavior.REQUIRED`, and the number of the option.
const REQUIRED: i32 = 2;
const FIELD_BEHAVIOR: i32 = 1052;
/// `buf.validate.Ignore.IGNORE_ALWAYS`.
const IGNORE_ALWAYS: i32 = 3;

/// Something that one side demands and the other does not.
#[derive(Debug)]
pub(super) struct Demand {
    /// The field, oneof or message on both sides; a message stands for a field that one of them has not.
    pub(super) places: Pair<At>,
    pub(super) element: String,
    /// Names it, such as ``field 2 `rev` of `acme.v1.Device` ``.
    pub(super) subject: String,
    /// How it came to be demanded; empty for a mark that was set.
    pub(super) how: &'static str,
    /// What tells it from other demands of the element.
    pub(super) key: String,
}

/// What is demanded now and was not before.
pub(super) fn added(pairs: &Pairs<'_>, pair: Pair<MessageId>) -> Vec<Demand> {
    if are_equal(pairs, pair) {
        return Vec::new();
    }
    let mut demands = both(pairs, pair, true);
    let old = pairs.baseline.message(pair.baseline);
    let was = |number: i32| old.fields.iter().any(|&id| pairs.baseline.field(id).number == number);
    for &id in &pairs.current.message(pair.current).fields {
        let field = pairs.current.field(id);
        if was(field.number) {
            continue;
        }
        let rules = ValueRules::of_field(&field.raw_options);
        let how = if is_required(pairs.current, id) {
            "is new and required"
        } else if rules.is_some_and(|rules| refuses_zero(field.cardinality, &rules)) {
            "is new, and its rules refuse a request without it"
        } else {
            continue;
        };
        demands.push(Demand {
            places: Pair {
                current: at_field(pairs.current, id),
                baseline: At::decl(pairs.baseline, Element::Message(pair.baseline)),
            },
            element: field.full_name.clone(),
            subject: subject::field(pairs.current, id),
            how,
            key: String::new(),
        });
    }
    demands
}

/// What was demanded and is not any more.
pub(super) fn removed(pairs: &Pairs<'_>, pair: Pair<MessageId>) -> Vec<Demand> {
    if are_equal(pairs, pair) { Vec::new() } else { both(pairs, pair, false) }
}

/// What both sides have and only one demands: the current side, or the baseline.
fn both(pairs: &Pairs<'_>, pair: Pair<MessageId>, now: bool) -> Vec<Demand> {
    let Pairs { current, baseline, .. } = *pairs;
    let mut demands = Vec::new();
    for (_, field) in pairs.fields(pair) {
        let Some(field) = field else { continue };
        let (is, was) = (is_required(current, field.current), is_required(baseline, field.baseline));
        if is != was && is == now {
            demands.push(Demand {
                places: Pair {
                    current: at_field(current, field.current),
                    baseline: at_field(baseline, field.baseline),
                },
                element: current.field(field.current).full_name.clone(),
                subject: subject::field(current, field.current),
                how: "",
                key: String::new(),
            });
        }
    }
    let (old, new) = (baseline.message(pair.baseline), current.message(pair.current));
    for (oneof, index) in new.oneofs.iter().zip(0..) {
        let before = old.oneofs.iter().zip(0..).find(|(it, _)| it.name == oneof.name);
        let Some((before, old_index)) = before else { continue };
        let (is, was) = (oneof_required(&oneof.raw_options), oneof_required(&before.raw_options));
        if is != was && is == now {
            let element = Element::Oneof(pair.current, index);
            demands.push(Demand {
                places: Pair {
                    current: at(current, element, &[2, EXTENSION, 1]),
                    baseline: at(baseline, Element::Oneof(pair.baseline, old_index), &[2, EXTENSION, 1]),
                },
                element: current.full_name(element),
                subject: format!("oneof `{}` of `{}`", oneof.name, new.full_name),
                how: "",
                key: String::new(),
            });
        }
    }
    let groups = |options: &[u8]| {
        let groups = MessageRules::of_message(options).unwrap_or_default().groups.into_iter();
        groups.filter(|it| it.required).map(|mut it| {
            it.fields.sort_unstable();
            it.fields
        })
    };
    let (wanted, others) = if now { (new, old) } else { (old, new) };
    for group in
        groups(&wanted.raw_options).filter(|it| groups(&others.raw_options).all(|other| other != *it))
    {
        let names = subject::list(group.iter().map(String::as_str));
        demands.push(Demand {
            places: Pair {
                current: at(current, Element::Message(pair.current), &[7, EXTENSION, 4]),
                baseline: at(baseline, Element::Message(pair.baseline), &[7, EXTENSION, 4]),
            },
            element: new.full_name.clone(),
            subject: format!("one of {names} of `{}`", new.full_name),
            how: "",
            key: names,
        });
    }
    demands
}

fn is_required(schema: &Schema, id: FieldId) -> bool {
    let field = schema.field(id);
    let behaviour = field.options.as_ref().is_some_and(|it| it.field_behavior.contains(&REQUIRED));
    behaviour
        || ValueRules::of_field(&field.raw_options)
            .is_some_and(|rules| rules.required && rules.ignore != IGNORE_ALWAYS)
}

/// Where it is marked as required, else the rules, else the field.
fn at_field(schema: &Schema, id: FieldId) -> At {
    let field = schema.field(id);
    let element = Element::Field(id);
    if field.options.as_ref().is_some_and(|it| it.field_behavior.contains(&REQUIRED))
        && let Some(at) = At::option(schema, element, &[8, FIELD_BEHAVIOR], 2)
    {
        return at;
    }
    at(schema, element, &[8, EXTENSION, 25])
}

fn at(schema: &Schema, element: Element, path: &[i32]) -> At {
    At::within_option(schema, element, path)
}
