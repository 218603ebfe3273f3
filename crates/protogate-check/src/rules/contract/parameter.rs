//! Texts of path variables and query parameters: does a field take every text that it took before?
//!
//! A text is read as the JSON string of the field's type, so the types that differ here are those of JSON, not those of the wire:
//! `int32` to `int64` takes more, `int32` to `bool` has the same bytes and refuses `7`.

use protogate_schema::Schema;
use protogate_schema::model::element::{FieldId, Kind};
use protogate_schema::pair::Pairs;

/// What texts a type takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Texts {
    Any,
    /// Whole numbers, both ends inclusive.
    Integer(i128, i128),
    /// Any number; the wider of the two kinds.
    Float {
        double: bool,
    },
    Bool,
    Bytes,
    /// An enum, by its full name: names of its values and numbers.
    Enum(String),
    /// A message with a text form of its own, by its full name.
    Message(String),
}

/// Which texts the new field refuses and the old one took, in words; `None` when there are none.
pub(super) fn refused(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<String> {
    let (before, now) = (texts(pairs.baseline, old), texts(pairs.current, new));
    let takes_all = match (&before, &now) {
        (_, Texts::Any) => true,
        (Texts::Integer(low, high), Texts::Integer(least, most)) => least <= low && high <= most,
        (Texts::Integer(..), Texts::Float { .. }) => true,
        (Texts::Float { double }, Texts::Float { double: now }) => *now || !double,
        // An enum takes any int32 as a number.
        (Texts::Integer(low, high), Texts::Enum(_)) => {
            i128::from(i32::MIN) <= *low && *high <= i128::from(i32::MAX)
        }
        (before, now) => before == now,
    };
    (!takes_all).then(|| format!("{} -> {}", name(&before), name(&now)))
}

fn texts(schema: &Schema, id: FieldId) -> Texts {
    let signed = |bits: u32| Texts::Integer(-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1);
    let unsigned = |bits: u32| Texts::Integer(0, (1_i128 << bits) - 1);
    match schema.field(id).kind {
        Kind::String => Texts::Any,
        Kind::Bytes => Texts::Bytes,
        Kind::Bool => Texts::Bool,
        Kind::Double => Texts::Float { double: true },
        Kind::Float => Texts::Float { double: false },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => signed(32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => signed(64),
        Kind::Uint32 | Kind::Fixed32 => unsigned(32),
        Kind::Uint64 | Kind::Fixed64 => unsigned(64),
        Kind::Enum(id) => Texts::Enum(schema.enumeration(id).full_name.clone()),
        Kind::Message(id) | Kind::Group(id) => {
            let name = schema.message(id).full_name.as_str();
            match name.strip_prefix("google.protobuf.") {
                Some("StringValue") => Texts::Any,
                Some("BytesValue") => Texts::Bytes,
                Some("BoolValue") => Texts::Bool,
                Some("DoubleValue") => Texts::Float { double: true },
                Some("FloatValue") => Texts::Float { double: false },
                Some("Int32Value") => signed(32),
                Some("Int64Value") => signed(64),
                Some("UInt32Value") => unsigned(32),
                Some("UInt64Value") => unsigned(64),
                _ => Texts::Message(name.to_owned()),
            }
        }
    }
}

fn name(texts: &Texts) -> String {
    match texts {
        Texts::Any => "any text".to_owned(),
        Texts::Integer(0, high) => format!("integers up to {high}"),
        Texts::Integer(low, high) => format!("integers from {low} to {high}"),
        Texts::Float { double: true } => "numbers".to_owned(),
        Texts::Float { double: false } => "numbers in the range of `float`".to_owned(),
        Texts::Bool => "`true` and `false`".to_owned(),
        Texts::Bytes => "base64".to_owned(),
        Texts::Enum(name) => format!("values of `{name}`"),
        Texts::Message(name) => format!("texts of `{name}`"),
    }
}
