//! Fields: options that their type has no use for, closed enums in proto3.

use super::Faults;
use crate::model::element::{Cardinality, Element, Enum, Field, FieldId, Kind};
use crate::model::wire::{Fields, Value};

/// Field numbers in `google.protobuf.FieldOptions`.
const LAZY: u32 = 5;
const UNVERIFIED_LAZY: u32 = 15;

pub(super) fn check(faults: &mut Faults<'_>) {
    let schema = faults.schema();
    for (id, field) in schema.fields() {
        closed_enum(faults, id, field);
        let Some(options) = &field.options else {
            if !field.raw_options.is_empty() {
                lazy(faults, id, field);
            }
            continue;
        };
        let element = Element::Field(id);
        let name = &field.full_name;
        if options.packed == Some(true)
            && !(field.cardinality == Cardinality::Repeated && is_packable(field.kind))
        {
            faults.add(
                element,
                &[8, 2],
                format!("`{name}` cannot be packed: only repeated numbers, bools and enums can"),
                "take `packed` out",
            );
        }
        let wide =
            matches!(field.kind, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64);
        // 0 is JS_NORMAL, which changes nothing.
        if options.jstype.is_some_and(|value| value != 0) && !wide {
            faults.add(
                element,
                &[8, 6],
                format!("`{name}` is no 64-bit integer: `jstype` is for those alone"),
                "take `jstype` out",
            );
        }
        lazy(faults, id, field);
    }
}

fn is_packable(kind: Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_))
}

fn lazy(faults: &mut Faults<'_>, id: FieldId, field: &Field) {
    if matches!(field.kind, Kind::Message(_)) {
        return;
    }
    for (number, value) in Fields::new(&field.raw_options) {
        if matches!(number, LAZY | UNVERIFIED_LAZY) && matches!(value, Value::Number(1..)) {
            faults.add(
                Element::Field(id),
                &[8, number as i32],
                format!("`{}` cannot be lazy: only fields of a message type can", field.full_name),
                "take the option out",
            );
        }
    }
}

/// The enum of proto2 keeps unknown numbers out of the field; readers of proto3 count on getting them.
fn closed_enum(faults: &mut Faults<'_>, id: FieldId, field: &Field) {
    let Kind::Enum(used) = field.kind else { return };
    if field.is_extension()
        || !faults.is_proto3(field.place.file)
        || !is_closed(faults.schema().enumeration(used))
    {
        return;
    }
    let schema = faults.schema();
    // The entry of a map stands nowhere: the map does.
    let map = field.place.parent.and_then(|entry| schema.message(entry).place.parent).and_then(|outer| {
        let entry = Kind::Message(field.place.parent?);
        schema.message(outer).fields.iter().copied().find(|&it| schema.field(it).kind == entry)
    });
    let shown = map.unwrap_or(id);
    let (name, used) = (&schema.field(shown).full_name, &schema.enumeration(used).full_name);
    faults.add(
        Element::Field(shown),
        &[6],
        format!("`{name}` uses the closed enum `{used}`, which a proto3 message cannot"),
        "declare the enum in a proto3 file, or the message in a proto2 file",
    );
}

/// Features are resolved: those of a proto2 file say closed as well.
fn is_closed(found: &Enum) -> bool {
    found.features.enum_type == 2
}
