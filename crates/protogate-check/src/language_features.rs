//! Features of single languages, such as `features.(pb.cpp).string_type`, read from the raw options.
//!
//! They are extensions of `google.protobuf.FeatureSet`; the schema model resolves only the features that all languages share.

use protogate_schema::Schema;
use protogate_schema::model::element::FieldId;

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
    let mut fields = Fields { bytes };
    while let Some((field, value)) = fields.next() {
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

/// The field numbers at the top of an encoded message.
pub(crate) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    Fields { bytes }.map(|(number, _)| number)
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of an encoded message; ends at the first byte that makes no sense.
struct Fields<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u32, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).ok()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return None,
        };
        Some((number, value))
    }
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(length)?;
        self.bytes = tail;
        Some(head)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, tail) = self.bytes.split_first()?;
            self.bytes = tail;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
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
