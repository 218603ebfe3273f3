//! How many values a field holds: names of the classes, and the report that three rules share.

use protogate_schema::model::element::{Cardinality, Element, FieldId};
use protogate_schema::pair::{Pair, Pairs};

use crate::finding::Findings;
use crate::position::At;
use crate::subject;

fn name(class: Cardinality) -> &'static str {
    match class {
        Cardinality::Repeated => "repeated",
        Cardinality::Map => "map",
        Cardinality::Required => "required",
        Cardinality::Explicit => "optional with explicit presence",
        Cardinality::Implicit => "optional with implicit presence",
    }
}

/// Reports a field whose class moved from one group to another. Fields of two map entries never do.
pub(crate) fn compare(
    pairs: &Pairs<'_>,
    pair: Pair<FieldId>,
    out: &mut Findings,
    group: fn(Cardinality) -> u8,
) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    if group(old.cardinality) == group(new.cardinality) || in_two_map_entries(pairs, pair) {
        return;
    }
    let (before, now) = (name(old.cardinality), name(new.cardinality));
    let subject = subject::field(pairs.current, pair.current);
    out.report(
        At::decl(pairs.current, Element::Field(pair.current)),
        &new.full_name,
        format!("{subject} changed cardinality: {before} -> {now}"),
    )
    .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
    .labels(format!("now {now}"), format!("was {before}"))
    .key(format!("{before}->{now}"));
}

/// Whether the fields are key or value of a map on both sides.
pub(crate) fn in_two_map_entries(pairs: &Pairs<'_>, pair: Pair<FieldId>) -> bool {
    let entry = |schema: &protogate_schema::Schema, id: FieldId| {
        let field = schema.field(id);
        !field.is_extension() && field.place.parent.is_some_and(|parent| schema.message(parent).is_map_entry)
    };
    entry(pairs.current, pair.current) && entry(pairs.baseline, pair.baseline)
}
