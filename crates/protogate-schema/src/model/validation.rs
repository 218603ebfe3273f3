//! The rules of `buf.validate` on fields, oneofs and messages, as facts: which rule, with which value.
//!
//! Read from option bytes by tables of field numbers, because the 22 rule messages of protovalidate differ in little but the type of
//! their values. A fact carries the name that all of them share (`gte`, `max_len`, `in`), so that whoever compares or judges rules
//! needs no case per type. What the tables do not know (rules that a project defines itself, and those of newer versions) is kept
//! as bytes: a change of it is still seen. Nothing is evaluated here.

use std::fmt;

use super::wire::{Fields, Value, packed_numbers};

/// Number of `buf.validate.message`, `.oneof` and `.field` in their options messages.
pub const EXTENSION: i32 = 1159;
/// Number of `buf.validate.predefined` in `FieldOptions`.
pub const PREDEFINED: i32 = 1160;
/// Rules for items of items of items are not read below this depth; nothing sensible is that deep.
const DEPTH: usize = 16;

/// The type that a set of rules is for: the member of `FieldRules.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names are protovalidate's own")]
pub enum RulesKind {
    Float,
    Double,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum,
    Repeated,
    Map,
    Any,
    Duration,
    FieldMask,
    Timestamp,
}

/// How the value of a rule is encoded, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Float,
    Double,
    Signed,
    Unsigned,
    Zigzag,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    Text,
    Bytes,
    /// `google.protobuf.Duration`.
    Span,
    /// `google.protobuf.Timestamp`.
    Moment,
    /// `google.protobuf.FieldMask`.
    Paths,
}

type Row = (u32, &'static str, Form);

impl RulesKind {
    const ALL: [(Self, u32, &'static str); 22] = [
        (Self::Float, 1, "float"),
        (Self::Double, 2, "double"),
        (Self::Int32, 3, "int32"),
        (Self::Int64, 4, "int64"),
        (Self::Uint32, 5, "uint32"),
        (Self::Uint64, 6, "uint64"),
        (Self::Sint32, 7, "sint32"),
        (Self::Sint64, 8, "sint64"),
        (Self::Fixed32, 9, "fixed32"),
        (Self::Fixed64, 10, "fixed64"),
        (Self::Sfixed32, 11, "sfixed32"),
        (Self::Sfixed64, 12, "sfixed64"),
        (Self::Bool, 13, "bool"),
        (Self::String, 14, "string"),
        (Self::Bytes, 15, "bytes"),
        (Self::Enum, 16, "enum"),
        (Self::Repeated, 18, "repeated"),
        (Self::Map, 19, "map"),
        (Self::Any, 20, "any"),
        (Self::Duration, 21, "duration"),
        (Self::Timestamp, 22, "timestamp"),
        (Self::FieldMask, 28, "field_mask"),
    ];

    /// The member with this number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.iter().find(|it| it.1 == number).map(|it| it.0)
    }

    fn row(self) -> (Self, u32, &'static str) {
        *Self::ALL.iter().find(|it| it.0 == self).unwrap_or(&Self::ALL[0])
    }

    /// Number of the member in `FieldRules`.
    #[must_use]
    pub fn number(self) -> u32 {
        self.row().1
    }

    /// Name of the member: `string`, `repeated`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// Rules for numbers, the floating ones included.
    #[must_use]
    pub fn is_number(self) -> bool {
        self.number() <= 12
    }

    fn rows(self) -> Vec<Row> {
        let ordered = |form: Form, finite: bool, example: u32| {
            let mut rows = vec![
                (1, "const", form),
                (2, "lt", form),
                (3, "lte", form),
                (4, "gt", form),
                (5, "gte", form),
                (6, "in", form),
                (7, "not_in", form),
                (example, "example", form),
            ];
            if finite {
                rows.push((8, "finite", Form::Bool));
            }
            rows
        };
        match self {
            Self::Float => ordered(Form::Float, true, 9),
            Self::Double => ordered(Form::Double, true, 9),
            Self::Int64 => ordered(Form::Signed, false, 9),
            Self::Int32 => ordered(Form::Signed, false, 8),
            Self::Uint32 | Self::Uint64 => ordered(Form::Unsigned, false, 8),
            Self::Sint32 | Self::Sint64 => ordered(Form::Zigzag, false, 8),
            Self::Fixed32 => ordered(Form::Fixed32, false, 8),
            Self::Fixed64 => ordered(Form::Fixed64, false, 8),
            Self::Sfixed32 => ordered(Form::Sfixed32, false, 8),
            Self::Sfixed64 => ordered(Form::Sfixed64, false, 8),
            Self::Bool => vec![(1, "const", Form::Bool), (2, "example", Form::Bool)],
            Self::String => STRING.to_vec(),
            Self::Bytes => BYTES.to_vec(),
            Self::Enum => vec![
                (1, "const", Form::Signed),
                (2, "defined_only", Form::Bool),
                (3, "in", Form::Signed),
                (4, "not_in", Form::Signed),
                (5, "example", Form::Signed),
            ],
            Self::Repeated => vec![
                (1, "min_items", Form::Unsigned),
                (2, "max_items", Form::Unsigned),
                (3, "unique", Form::Bool),
            ],
            Self::Map => vec![(1, "min_pairs", Form::Unsigned), (2, "max_pairs", Form::Unsigned)],
            Self::Any => vec![(2, "in", Form::Text), (3, "not_in", Form::Text)],
            Self::Duration => vec![
                (2, "const", Form::Span),
                (3, "lt", Form::Span),
                (4, "lte", Form::Span),
                (5, "gt", Form::Span),
                (6, "gte", Form::Span),
                (7, "in", Form::Span),
                (8, "not_in", Form::Span),
                (9, "example", Form::Span),
            ],
            Self::FieldMask => vec![
                (1, "const", Form::Paths),
                (2, "in", Form::Text),
                (3, "not_in", Form::Text),
                (4, "example", Form::Paths),
            ],
            Self::Timestamp => vec![
                (2, "const", Form::Moment),
                (3, "lt", Form::Moment),
                (4, "lte", Form::Moment),
                (5, "gt", Form::Moment),
                (6, "gte", Form::Moment),
                (7, "lt_now", Form::Bool),
                (8, "gt_now", Form::Bool),
                (9, "within", Form::Span),
                (10, "example", Form::Moment),
            ],
        }
    }
}

/// Rules of texts; from `email` on, without `strict` and `example`, members of the oneof `well_known`.
const STRING: &[Row] = &[
    (1, "const", Form::Text),
    (19, "len", Form::Unsigned),
    (2, "min_len", Form::Unsigned),
    (3, "max_len", Form::Unsigned),
    (20, "len_bytes", Form::Unsigned),
    (4, "min_bytes", Form::Unsigned),
    (5, "max_bytes", Form::Unsigned),
    (6, "pattern", Form::Text),
    (7, "prefix", Form::Text),
    (8, "suffix", Form::Text),
    (9, "contains", Form::Text),
    (23, "not_contains", Form::Text),
    (10, "in", Form::Text),
    (11, "not_in", Form::Text),
    (12, "email", Form::Bool),
    (13, "hostname", Form::Bool),
    (14, "ip", Form::Bool),
    (15, "ipv4", Form::Bool),
    (16, "ipv6", Form::Bool),
    (17, "uri", Form::Bool),
    (18, "uri_ref", Form::Bool),
    (21, "address", Form::Bool),
    (22, "uuid", Form::Bool),
    (33, "tuuid", Form::Bool),
    (26, "ip_with_prefixlen", Form::Bool),
    (27, "ipv4_with_prefixlen", Form::Bool),
    (28, "ipv6_with_prefixlen", Form::Bool),
    (29, "ip_prefix", Form::Bool),
    (30, "ipv4_prefix", Form::Bool),
    (31, "ipv6_prefix", Form::Bool),
    (32, "host_and_port", Form::Bool),
    (35, "ulid", Form::Bool),
    (37, "protobuf_fqn", Form::Bool),
    (38, "protobuf_dot_fqn", Form::Bool),
    (24, "well_known_regex", Form::Signed),
    (25, "strict", Form::Bool),
    (34, "example", Form::Text),
];

const BYTES: &[Row] = &[
    (1, "const", Form::Bytes),
    (13, "len", Form::Unsigned),
    (2, "min_len", Form::Unsigned),
    (3, "max_len", Form::Unsigned),
    (4, "pattern", Form::Text),
    (5, "prefix", Form::Bytes),
    (6, "suffix", Form::Bytes),
    (7, "contains", Form::Bytes),
    (8, "in", Form::Bytes),
    (9, "not_in", Form::Bytes),
    (10, "ip", Form::Bool),
    (11, "ipv4", Form::Bool),
    (12, "ipv6", Form::Bool),
    (15, "uuid", Form::Bool),
    (14, "example", Form::Bytes),
];

/// The value of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleValue {
    /// A flag.
    Bool(bool),
    /// A whole number of any width, an enum number, a length or a count.
    Int(i128),
    /// A floating number.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Nanoseconds: a duration.
    Span(i128),
    /// Nanoseconds since 1970: a moment.
    Moment(i128),
    /// Paths of a field mask.
    Paths(Vec<String>),
}

impl fmt::Display for RuleValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::Bytes(value) => write!(f, "\"{}\"", value.escape_ascii()),
            Self::Span(nanos) => write_seconds(f, *nanos),
            Self::Moment(nanos) => {
                write_seconds(f, *nanos)?;
                f.write_str(" after 1970")
            }
            Self::Paths(paths) => write!(f, "\"{}\"", paths.join(",").escape_debug()),
        }
    }
}

fn write_seconds(f: &mut fmt::Formatter<'_>, nanos: i128) -> fmt::Result {
    let (sign, size) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let fraction = format!("{:09}", size % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    write!(f, "{sign}{}{point}{fraction}s", size / 1_000_000_000)
}

/// One rule with its value; a list has one fact for each entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Name: `gte`, `max_len`, `in`.
    pub name: &'static str,
    /// Number in the rules message of its type.
    pub number: u32,
    /// The value.
    pub value: RuleValue,
}

/// An expression in CEL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Expression {
    /// Id, empty for the short form.
    pub id: String,
    /// Text for the caller, empty if the expression makes it.
    pub message: String,
    /// The expression.
    pub source: String,
    /// Written as `cel_expression`, without id and message.
    pub short: bool,
}

/// What one value must fulfil: a field, an item, a key, a map's value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueRules {
    /// It must be there.
    pub required: bool,
    /// `buf.validate.Ignore`: 0 by presence, 1 if zero, 3 always.
    pub ignore: i32,
    /// Expressions, in order: those of `cel_expression` and those of `cel` each count from 0.
    pub expressions: Vec<Expression>,
    /// The type that `facts` are for.
    pub kind: Option<RulesKind>,
    /// Rules, in the order of the bytes.
    pub facts: Vec<Fact>,
    /// Rules of a list's items.
    pub items: Option<Box<Self>>,
    /// Rules of a map's keys.
    pub keys: Option<Box<Self>>,
    /// Rules of a map's values.
    pub values: Option<Box<Self>>,
    /// What is not known: the numbers that lead to it, and its encoded value.
    pub unknown: Vec<(Vec<u32>, Vec<u8>)>,
}

/// Fields of which at most one may be set: an entry of `MessageRules.oneof`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldGroup {
    /// Their names.
    pub fields: Vec<String>,
    /// One must be set.
    pub required: bool,
}

/// What a message must fulfil.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageRules {
    /// Expressions over the whole message.
    pub expressions: Vec<Expression>,
    /// Groups of fields that exclude each other.
    pub groups: Vec<FieldGroup>,
    /// What is not known.
    pub unknown: Vec<(u32, Vec<u8>)>,
}

impl ValueRules {
    /// The rules of a field, from the bytes of its options; `None` if it has none.
    #[must_use]
    pub fn of_field(options: &[u8]) -> Option<Self> {
        let mut rules: Option<Self> = None;
        for bytes in extension(options, EXTENSION) {
            rules.get_or_insert_default().merge(bytes, DEPTH);
        }
        rules
    }

    /// The value of a rule that stands once. As in any encoded message, the last one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RuleValue> {
        self.facts.iter().rev().find(|fact| fact.name == name).map(|fact| &fact.value)
    }

    /// The values of a rule that is a list.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a RuleValue> {
        self.facts.iter().filter(move |fact| fact.name == name).map(|fact| &fact.value)
    }

    /// Whether a flag is on.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some(RuleValue::Bool(true)))
    }

    fn merge(&mut self, bytes: &[u8], depth: usize) {
        for (number, value) in Fields::new(bytes) {
            match (number, value) {
                (25, Value::Number(on)) => self.required = on != 0,
                (27, Value::Number(ignore)) => self.ignore = ignore as i32,
                (23, Value::Bytes(bytes)) => self.expressions.push(Expression::decode(bytes)),
                (29, Value::Bytes(bytes)) => self.expressions.push(Expression::short(bytes)),
                (_, Value::Bytes(bytes)) => match RulesKind::from_number(number) {
                    Some(kind) => self.merge_typed(kind, bytes, depth),
                    None => self.unknown.push((vec![number], encoded(value))),
                },
                _ => self.unknown.push((vec![number], encoded(value))),
            }
        }
    }

    fn merge_typed(&mut self, kind: RulesKind, bytes: &[u8], depth: usize) {
        if self.kind != Some(kind) {
            // A oneof: the last member counts.
            self.kind = Some(kind);
            self.facts.clear();
            (self.items, self.keys, self.values) = (None, None, None);
            self.unknown.retain(|(path, _)| path.len() == 1);
        }
        let rows = kind.rows();
        for (number, value) in Fields::new(bytes) {
            let inner = match (kind, number, value) {
                (RulesKind::Repeated, 4, Value::Bytes(bytes)) => Some((&mut self.items, bytes)),
                (RulesKind::Map, 4, Value::Bytes(bytes)) => Some((&mut self.keys, bytes)),
                (RulesKind::Map, 5, Value::Bytes(bytes)) => Some((&mut self.values, bytes)),
                _ => None,
            };
            if let (Some((inner, bytes)), 1..) = (inner, depth) {
                inner.get_or_insert_default().merge(bytes, depth - 1);
                continue;
            }
            let row = rows.iter().find(|row| row.0 == number);
            let values = row.map(|row| decode(row.2, value)).unwrap_or_default();
            if values.is_empty() {
                self.unknown.push((vec![kind.number(), number], encoded(value)));
            }
            let name = row.map_or("", |row| row.1);
            self.facts.extend(values.into_iter().map(|value| Fact { name, number, value }));
        }
    }
}

impl MessageRules {
    /// The rules of a message, from the bytes of its options; `None` if it has none.
    #[must_use]
    pub fn of_message(options: &[u8]) -> Option<Self> {
        let mut rules: Option<Self> = None;
        for bytes in extension(options, EXTENSION) {
            let rules = rules.get_or_insert_default();
            for (number, value) in Fields::new(bytes) {
                match (number, value) {
                    (3, Value::Bytes(bytes)) => rules.expressions.push(Expression::decode(bytes)),
                    (5, Value::Bytes(bytes)) => rules.expressions.push(Expression::short(bytes)),
                    (4, Value::Bytes(bytes)) => rules.groups.push(FieldGroup::decode(bytes)),
                    _ => rules.unknown.push((number, encoded(value))),
                }
            }
        }
        rules
    }
}

impl FieldGroup {
    fn decode(bytes: &[u8]) -> Self {
        let mut group = Self::default();
        for (number, value) in Fields::new(bytes) {
            match (number, value) {
                (1, Value::Bytes(name)) => group.fields.push(text(name)),
                (2, Value::Number(on)) => group.required = on != 0,
                _ => {}
            }
        }
        group
    }
}

impl Expression {
    fn decode(bytes: &[u8]) -> Self {
        let mut expression = Self::default();
        for (number, value) in Fields::new(bytes) {
            match (number, value) {
                (1, Value::Bytes(bytes)) => expression.id = text(bytes),
                (2, Value::Bytes(bytes)) => expression.message = text(bytes),
                (3, Value::Bytes(bytes)) => expression.source = text(bytes),
                _ => {}
            }
        }
        expression
    }

    fn short(bytes: &[u8]) -> Self {
        Self { source: text(bytes), short: true, ..Self::default() }
    }

    /// The expressions of a rule that a project defines itself, from the bytes of the extension field's options.
    #[must_use]
    pub fn of_predefined(options: &[u8]) -> Vec<Self> {
        extension(options, PREDEFINED)
            .flat_map(Fields::new)
            .filter_map(|(number, value)| match (number, value) {
                (1, Value::Bytes(bytes)) => Some(Self::decode(bytes)),
                _ => None,
            })
            .collect()
    }
}

/// `buf.validate.oneof.required`, from the bytes of a oneof's options.
#[must_use]
pub fn oneof_required(options: &[u8]) -> bool {
    let rules = extension(options, EXTENSION).flat_map(Fields::new);
    rules.filter(|(number, _)| *number == 1).last().is_some_and(|(_, value)| value == Value::Number(1))
}

/// The encoded messages of an extension of an options message; usually one.
fn extension(options: &[u8], number: i32) -> impl Iterator<Item = &[u8]> {
    Fields::new(options).filter_map(move |(it, value)| match value {
        Value::Bytes(bytes) if i64::from(it) == i64::from(number) => Some(bytes),
        _ => None,
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A value as bytes, to compare.
fn encoded(value: Value<'_>) -> Vec<u8> {
    match value {
        Value::Number(value) | Value::Fixed64(value) => value.to_le_bytes().to_vec(),
        Value::Fixed32(value) => value.to_le_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.to_vec(),
    }
}

/// The values of one field; several for a packed list, none if the encoding is not that of the form.
fn decode(form: Form, value: Value<'_>) -> Vec<RuleValue> {
    let one = match (form, value) {
        (Form::Text, Value::Bytes(bytes)) => RuleValue::Text(text(bytes)),
        (Form::Bytes, Value::Bytes(bytes)) => RuleValue::Bytes(bytes.to_vec()),
        (Form::Span, Value::Bytes(bytes)) => RuleValue::Span(nanos(bytes)),
        (Form::Moment, Value::Bytes(bytes)) => RuleValue::Moment(nanos(bytes)),
        (Form::Paths, Value::Bytes(bytes)) => {
            let paths = Fields::new(bytes).filter_map(|(number, value)| match (number, value) {
                (1, Value::Bytes(path)) => Some(text(path)),
                _ => None,
            });
            RuleValue::Paths(paths.collect())
        }
        (Form::Float | Form::Fixed32 | Form::Sfixed32, Value::Bytes(packed)) => {
            let words = packed.chunks_exact(4).filter_map(|it| it.try_into().ok());
            return words.map(|it| word(form, u32::from_le_bytes(it))).collect();
        }
        (Form::Double | Form::Fixed64 | Form::Sfixed64, Value::Bytes(packed)) => {
            let words = packed.chunks_exact(8).filter_map(|it| it.try_into().ok());
            return words.map(|it| double_word(form, u64::from_le_bytes(it))).collect();
        }
        (_, Value::Bytes(packed)) => {
            return packed_numbers(packed).map(|it| varint(form, it)).collect();
        }
        (Form::Float | Form::Fixed32 | Form::Sfixed32, Value::Fixed32(bits)) => word(form, bits),
        (Form::Double | Form::Fixed64 | Form::Sfixed64, Value::Fixed64(bits)) => double_word(form, bits),
        (Form::Signed | Form::Unsigned | Form::Zigzag | Form::Bool, Value::Number(bits)) => {
            varint(form, bits)
        }
        _ => return Vec::new(),
    };
    vec![one]
}

fn word(form: Form, bits: u32) -> RuleValue {
    match form {
        Form::Float => RuleValue::Float(f64::from(f32::from_bits(bits))),
        Form::Sfixed32 => RuleValue::Int(i128::from(bits.cast_signed())),
        _ => RuleValue::Int(i128::from(bits)),
    }
}

fn double_word(form: Form, bits: u64) -> RuleValue {
    match form {
        Form::Double => RuleValue::Float(f64::from_bits(bits)),
        Form::Sfixed64 => RuleValue::Int(i128::from(bits.cast_signed())),
        _ => RuleValue::Int(i128::from(bits)),
    }
}

fn varint(form: Form, bits: u64) -> RuleValue {
    match form {
        Form::Bool => RuleValue::Bool(bits != 0),
        Form::Unsigned => RuleValue::Int(i128::from(bits)),
        Form::Zigzag => RuleValue::Int(i128::from((bits >> 1).cast_signed() ^ -((bits & 1).cast_signed()))),
        _ => RuleValue::Int(i128::from(bits.cast_signed())),
    }
}

fn nanos(bytes: &[u8]) -> i128 {
    let (mut seconds, mut nanos) = (0_i64, 0_i64);
    for (number, value) in Fields::new(bytes) {
        match (number, value) {
            (1, Value::Number(bits)) => seconds = bits.cast_signed(),
            (2, Value::Number(bits)) => nanos = bits.cast_signed(),
            _ => {}
        }
    }
    i128::from(seconds) * 1_000_000_000 + i128::from(nanos)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `(buf.validate.field)` with these bytes of `FieldRules`, as options of a field.
    fn options(rules: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        prost::encoding::bytes::encode(1159, &rules.to_vec(), &mut out);
        out
    }

    #[test]
    fn occurrences_are_merged_and_the_last_type_wins() {
        // `string { min_len: 5 }`, then `string { max_len: 9 }`.
        let both = [options(&[0x72, 2, 0x10, 5]), options(&[0x72, 2, 0x18, 9])].concat();
        let rules = ValueRules::of_field(&both).unwrap();
        assert_eq!((rules.kind, rules.facts.len()), (Some(RulesKind::String), 2));
        assert_eq!(rules.get("max_len"), Some(&RuleValue::Int(9)));
        // `bytes { max_len: 9 }` after that.
        let rules = ValueRules::of_field(&[both, options(&[0x7a, 2, 0x18, 9])].concat()).unwrap();
        assert_eq!((rules.kind, rules.facts.len()), (Some(RulesKind::Bytes), 1));
        assert_eq!(ValueRules::of_field(&[]), None);
    }

    #[test]
    fn numbers_are_read_in_every_encoding() {
        let value =
            |bytes: &[u8], name: &str| ValueRules::of_field(&options(bytes)).unwrap().get(name).cloned();
        // `sint32 { gt: -2 }`, `int64 { lt: -1 }`, `float { gte: 0.5 }`, packed `int32 { in: [1, 2] }`.
        assert_eq!(value(&[0x3a, 2, 0x20, 3], "gt"), Some(RuleValue::Int(-2)));
        let minus_one = [0x22, 11, 0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(value(&minus_one, "lt"), Some(RuleValue::Int(-1)));
        assert_eq!(value(&[0x0a, 5, 0x2d, 0, 0, 0, 0x3f], "gte"), Some(RuleValue::Float(0.5)));
        let packed = ValueRules::of_field(&options(&[0x1a, 4, 0x32, 2, 1, 2])).unwrap();
        assert_eq!(packed.list("in").count(), 2);
    }

    #[test]
    fn what_is_not_known_is_kept() {
        // Field 1161 of the rules for `int32`, and field 99 of all rules.
        let rules = ValueRules::of_field(&options(&[0x1a, 3, 0xc8, 0x48, 1, 0x98, 0x06, 7])).unwrap();
        assert_eq!(
            rules.unknown.iter().map(|it| it.0.clone()).collect::<Vec<_>>(),
            [vec![3, 1161], vec![99]]
        );
        assert!(rules.facts.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = ValueRules::of_field(&bytes);
            let _ = ValueRules::of_field(&options(&bytes));
            let _ = MessageRules::of_message(&options(&bytes));
            let _ = Expression::of_predefined(&bytes);
        }
    }
}
