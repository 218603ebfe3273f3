//! Messages: extension ranges and message sets in proto3, ranges that overlap, names reserved twice.

use super::{Faults, overlap, repeated, written};
use crate::model::element::{Element, Message, MessageId};

pub(super) fn check(faults: &mut Faults<'_>) {
    let schema = faults.schema();
    for (id, message) in schema.messages().filter(|(_, message)| !message.is_map_entry) {
        let element = Element::Message(id);
        if faults.is_proto3(message.place.file) && !message.extension_ranges.is_empty() {
            faults.add(
                element,
                &[5, 0],
                format!("`{}` has an extension range, which proto3 does not know", message.full_name),
                "use a field of type `google.protobuf.Any`, or `syntax = \"proto2\"` for this file",
            );
        }
        ranges(faults, element, message);
        if let Some(index) = repeated(&message.reserved_names) {
            faults.add(
                element,
                &[10, index as i32],
                format!("the name `{}` is reserved twice", message.reserved_names[index]),
                "take one of the two out",
            );
        }
        if message.options.message_set_wire_format == Some(true) {
            message_set(faults, id, message);
        }
    }
}

fn ranges(faults: &mut Faults<'_>, element: Element, message: &Message) {
    let reserved = &message.reserved_ranges;
    if let Some((later, earlier)) = overlap(reserved) {
        faults.add(
            element,
            &[9, later as i32],
            format!(
                "the reserved range `{}` overlaps `{}`",
                written(reserved[later]),
                written(reserved[earlier])
            ),
            "each number is reserved once: cut one of the two",
        );
    }
    let extensions = &message.extension_ranges;
    if let Some((later, earlier)) = overlap(extensions) {
        faults.add(
            element,
            &[5, later as i32],
            format!(
                "the extension range `{}` overlaps `{}`",
                written(extensions[later]),
                written(extensions[earlier])
            ),
            "each number belongs to one range: cut one of the two",
        );
    }
    for (range, index) in extensions.iter().zip(0..) {
        if let Some(other) = reserved.iter().find(|it| it.start <= range.end && range.start <= it.end) {
            faults.add(
                element,
                &[5, index],
                format!(
                    "the extension range `{}` overlaps the reserved range `{}`",
                    written(*range),
                    written(*other)
                ),
                "a reserved number can be nobody's extension: cut one of the two",
            );
        }
    }
}

fn message_set(faults: &mut Faults<'_>, id: MessageId, message: &Message) {
    let element = Element::Message(id);
    let why = if faults.is_proto3(message.place.file) {
        "proto3 knows no message sets"
    } else if !message.fields.is_empty() {
        "a message set has extensions only, no fields"
    } else if message.extension_ranges.is_empty() {
        "a message set needs an extension range"
    } else {
        return;
    };
    let help = "take `message_set_wire_format` out: new messages have no use for it";
    faults.add(element, &[7, 1], format!("`{}`: {why}", message.full_name), help);
}
