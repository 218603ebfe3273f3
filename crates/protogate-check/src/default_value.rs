//! Default values of fields as values: which differ, and how they are written.

use std::fmt::Write as _;

use protogate_schema::Schema;
use protogate_schema::model::element::{FieldId, Kind};

/// The default of a singular scalar or enum field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DefaultValue {
    /// Integers and bools.
    Integer(i128),
    /// An enum value: its number, and its name for messages.
    Enum(i128, String),
    /// `float`, widened.
    Single(f64),
    /// `double`.
    Double(f64),
    /// `string`.
    Text(String),
    /// `bytes`.
    Bytes(Vec<u8>),
}

impl DefaultValue {
    /// The explicit default of a field, else its zero; `None` for lists, maps and messages, which have no default.
    pub(crate) fn of(schema: &Schema, id: FieldId) -> Option<Self> {
        let field = schema.field(id);
        if field.is_list_or_map() {
            return None;
        }
        let text = field.default_value.as_deref();
        Some(match field.kind {
            Kind::Message(_) | Kind::Group(_) => return None,
            Kind::String => Self::Text(text.unwrap_or_default().to_owned()),
            Kind::Bytes => Self::Bytes(unescape(text.unwrap_or_default())),
            Kind::Float => Self::Single(f64::from(float(text) as f32)),
            Kind::Double => Self::Double(float(text)),
            Kind::Bool => Self::Integer(i128::from(text == Some("true"))),
            Kind::Enum(id) => {
                let enumeration = schema.enumeration(id);
                let mut values = enumeration.values.iter().map(|&id| schema.value(id));
                // Not set: the first declared value, whatever its number.
                let value = match text {
                    Some(name) => values.find(|value| value.name == name)?,
                    None => values.next()?,
                };
                Self::Enum(i128::from(value.number), format!("{}.{}", enumeration.name, value.name))
            }
            _ => Self::Integer(text.and_then(|text| text.parse().ok()).unwrap_or(0)),
        })
    }

    /// Whether it is what a field without default has.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Integer(value) | Self::Enum(value, _) => *value == 0,
            Self::Single(value) | Self::Double(value) => value.to_bits() == 0,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }

    /// Whether two defaults mean the same, across types: numbers by exact value, texts by bytes.
    pub(crate) fn same(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (self.bytes(), other.bytes()) {
            return a == b;
        }
        match (self, other) {
            (Self::Integer(a) | Self::Enum(a, _), Self::Integer(b) | Self::Enum(b, _)) => a == b,
            (Self::Single(a), Self::Double(b)) | (Self::Double(b), Self::Single(a)) => {
                equal(*a, f64::from(*b as f32))
            }
            (Self::Single(a) | Self::Double(a), Self::Single(b) | Self::Double(b)) => equal(*a, *b),
            (Self::Integer(a) | Self::Enum(a, _), Self::Single(b) | Self::Double(b))
            | (Self::Single(b) | Self::Double(b), Self::Integer(a) | Self::Enum(a, _)) => {
                b.fract() == 0.0 && *b as i128 == *a
            }
            _ => false,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// For messages: `7`, `Kind.KIND_A`, `+Inf`, `"text"`, `0x01 0xff`.
    pub(crate) fn print(&self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            Self::Enum(_, name) => name.clone(),
            Self::Single(value) | Self::Double(value) if value.is_infinite() => {
                if *value > 0.0 {
                    "+Inf".to_owned()
                } else {
                    "-Inf".to_owned()
                }
            }
            Self::Single(value) => (*value as f32).to_string(),
            Self::Double(value) => value.to_string(),
            Self::Text(text) => format!("{text:?}"),
            Self::Bytes(bytes) if bytes.is_empty() => "no bytes".to_owned(),
            Self::Bytes(bytes) => bytes.iter().fold(String::new(), |mut out, byte| {
                let space = if out.is_empty() { "" } else { " " };
                // Writing to a string cannot fail.
                let _ = write!(out, "{space}0x{byte:02x}");
                out
            }),
        }
    }
}

fn equal(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// `inf`, `-inf` and `nan` are what descriptors hold, and what Rust parses.
fn float(text: Option<&str>) -> f64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

/// Undoes the C escapes in which descriptors hold defaults of `bytes`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let Some((&escape, tail)) = rest.split_first() else { break };
        rest = tail;
        let (digits, radix, most) = match escape {
            b'x' | b'X' => (rest, 16, 2),
            b'0'..=b'7' => (&text.as_bytes()[text.len() - rest.len() - 1..], 8, 3),
            b'n' => {
                bytes.push(b'\n');
                continue;
            }
            b'r' => {
                bytes.push(b'\r');
                continue;
            }
            b't' => {
                bytes.push(b'\t');
                continue;
            }
            other => {
                bytes.push(other);
                continue;
            }
        };
        let count = digits.iter().take(most).take_while(|digit| (**digit as char).is_digit(radix)).count();
        let value = digits[..count]
            .iter()
            .fold(0_u32, |value, digit| value * radix + (*digit as char).to_digit(radix).unwrap_or(0));
        bytes.push(value as u8);
        rest = &digits[count..];
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{DefaultValue, unescape};

    #[test]
    fn escapes_of_bytes() {
        assert_eq!(unescape(r#"a\001\377\x41\n\"\\"#), b"a\x01\xffA\n\"\\");
        assert_eq!(unescape("\\"), b"");
    }

    #[test]
    fn numbers_compare_across_types() {
        let single = DefaultValue::Single(f64::from(0.1_f32));
        assert!(single.same(&DefaultValue::Double(0.1)));
        assert!(DefaultValue::Integer(3).same(&DefaultValue::Double(3.0)));
        assert!(!DefaultValue::Integer(3).same(&DefaultValue::Double(3.5)));
        assert!(DefaultValue::Double(f64::NAN).same(&DefaultValue::Single(f64::NAN)));
        assert!(!DefaultValue::Integer(3).same(&DefaultValue::Text("3".to_owned())));
    }
}
