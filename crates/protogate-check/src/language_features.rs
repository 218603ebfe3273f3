//! Features of single languages, such as `features.(pb.cpp).string_type`, read from the raw options.
//!
//! They are extensions of `google.protobuf.FeatureSet`; the schema model resolves only the features that all languages share.

use protogate_schema::Schema;
use protogate_schema::model::element::FieldId;
use protogate_schema::model::wire::{Fields, Value};

/// `features` in `FieldOptions`, `OneofOptions`, `MessageOptions`, `FileOptions`.
const IN_FIELD: u32 = 21;
const IN_ONEOF: u32 = 1;
const IN_MESSAGE: u32 = 12;
const IN_FILE: u32 = 50;

/// The value of `features.(extension).field` that counts for a field: the nearest one that is written, `None` if none is.
pub(crate) fn resolve(schema: &Schema, id: FieldId, extension: u32, field: u32) -> Option<u64> {
    let it = schema.field(id);
    let of = |options: &[u8], number: u32| read(options, &[number, extension, field]);
    if let Some(own) = of(&it.raw_options, IN_FIELD) {
        return Some(own);
    }
    let mut outer = it.place.parent;
    if let (Some(oneof), Some(parent), false) = (it.oneof, outer, it.is_extension())
        && let Some(oneof) = schema.message(parent).oneofs.get(oneof as usize)
        && let Some(value) = of(&oneof.raw_options, IN_ONEOF)
    {
        return Some(value);
    }
    while let Some(message) = outer {
        let message = schema.message(message);
        if let Some(value) = of(&message.raw_options, IN_MESSAGE) {
            return Some(value);
        }
        outer = message.place.parent;
    }
    of(&schema.file(it.place.file).raw_options, IN_FILE)
}

/// The last varint at a path of field numbers in an encoded message.
fn read(bytes: &[u8], path: &[u32]) -> Option<u64> {
    let (&number, rest) = path.split_first()?;
    let mut found = None;
    for (field, value) in Fields::new(bytes) {
        if field == number {
            found = match value {
                Value::Number(value) if rest.is_empty() => Some(value),
                Value::Bytes(inner) if !rest.is_empty() => read(inner, rest).or(found),
                _ => found,
            };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_nested_number_is_found() {
        // features (21) { [1000] { 2: 3 } }
        let bytes = [0xaa, 0x01, 0x05, 0xc2, 0x3e, 0x02, 0x10, 0x03];
        assert_eq!(read(&bytes, &[21, 1000, 2]), Some(3));
        assert_eq!(read(&bytes, &[21, 1001, 2]), None);
        assert_eq!(read(&bytes[..5], &[21, 1000, 2]), None);
    }
}
