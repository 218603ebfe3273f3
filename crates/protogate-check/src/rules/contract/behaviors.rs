//! `google.api.field_behavior` of a field on both sides.

use protogate_schema::model::element::{Element, FieldId};
use protogate_schema::pair::{Pair, Pairs, Travel};

use crate::finding::{Finding, Findings};
use crate::position::At;
use crate::subject;

/// Number of the option.
const EXTENSION: i32 = 1052;

/// Numbers of `google.api.FieldBehavior`.
pub(super) const OUTPUT_ONLY: i32 = 3;
pub(super) const INPUT_ONLY: i32 = 4;
pub(super) const IMMUTABLE: i32 = 5;
pub(super) const UNORDERED_LIST: i32 = 6;
pub(super) const NON_EMPTY_DEFAULT: i32 = 7;
pub(super) const IDENTIFIER: i32 = 8;

/// Whether the field had the behaviour, and whether it has it.
pub(super) fn change(pairs: &Pairs<'_>, pair: Pair<FieldId>, behavior: i32) -> (bool, bool) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    let has = |options: Option<&protogate_schema::model::options::FieldOptions>| {
        options.is_some_and(|options| options.field_behavior.contains(&behavior))
    };
    (has(old.options.as_deref()), has(new.options.as_deref()))
}

/// Which way the field travels; both for extensions, which may be anywhere.
pub(super) fn travel(pairs: &Pairs<'_>, pair: Pair<FieldId>) -> Travel {
    let field = pairs.current.field(pair.current);
    match field.place.parent {
        Some(message) if !field.is_extension() => pairs.travel(message),
        _ => Travel { requests: true, responses: true },
    }
}

/// Reports a change: the message goes on after the field.
pub(super) fn report<'o>(
    pairs: &Pairs<'_>,
    pair: Pair<FieldId>,
    what: &str,
    out: &'o mut Findings,
) -> &'o mut Finding {
    let at = |schema, id| {
        let element = Element::Field(id);
        At::option(schema, element, &[8, EXTENSION], 2).unwrap_or_else(|| At::decl(schema, element))
    };
    let subject = subject::field(pairs.current, pair.current);
    let element = pairs.current.field(pair.current).full_name.clone();
    out.report(at(pairs.current, pair.current), element, format!("{subject} {what}"))
        .against(at(pairs.baseline, pair.baseline))
        .key(what.to_owned())
}
