//! Extensions: what may be extended in proto3, numbers used twice, what message sets take, JSON names.

use std::collections::HashMap;

use super::Faults;
use crate::model::element::{Cardinality, Element, Field, FieldId, Kind};

/// The messages that proto3 files may extend: custom options.
const OPTIONS: &str = "google.protobuf.";

pub(super) fn check(faults: &mut Faults<'_>) {
    let schema = faults.schema();
    let mut numbers: HashMap<(&str, i32), FieldId> = HashMap::new();
    for (id, field) in schema.fields() {
        let Some(extendee) = field.extendee.as_deref() else { continue };
        let element = Element::Field(id);
        let extendee = extendee.trim_start_matches('.');
        if faults.is_proto3(field.place.file) && !is_options(extendee) {
            faults.add(
                element,
                &[2],
                format!("`{}` extends `{extendee}`; proto3 files can extend options only", field.full_name),
                "use `syntax = \"proto2\"` for this file",
            );
        }
        if let Some(first) = numbers.insert((extendee, field.number), id) {
            let first = &schema.field(first).full_name;
            faults.add(
                element,
                &[3],
                format!(
                    "the number {} of `{extendee}` is already taken by the extension `{first}`",
                    field.number
                ),
                "choose another number",
            );
        }
        let set = schema.find_message(extendee).map(|id| schema.message(id));
        if set.is_some_and(|set| set.options.message_set_wire_format == Some(true)) && !fits_set(field) {
            faults.add(
                element,
                &[],
                format!("`{}` extends a message set, which takes optional messages only", field.full_name),
                "wrap the value into a message",
            );
        }
        if !field.has_derived_json_name() && !field.json_name.starts_with('[') {
            faults.add(
                element,
                &[10],
                format!("`{}` is an extension, which cannot have a `json_name`", field.full_name),
                "take it out: in JSON an extension stands under its full name in brackets",
            );
        }
    }
}

fn is_options(extendee: &str) -> bool {
    extendee.strip_prefix(OPTIONS).is_some_and(|name| name.ends_with("Options") || name == "FeatureSet")
}

fn fits_set(field: &Field) -> bool {
    matches!(field.kind, Kind::Message(_)) && matches!(field.cardinality, Cardinality::Explicit)
}
