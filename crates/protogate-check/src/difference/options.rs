//! Options as text, custom ones included: from their bytes and whatever the schema declares about them.
//!
//! What has facts of its own (routes, policies, errors) is left out. An option whose declaration is not at hand is shown by number.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::OnceLock;

use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};
use protogate_schema::model::element::{Cardinality, Field, FieldId, Kind};
use protogate_schema::model::wire::{Fields, Value, packed_numbers};

use super::facts::Part;
use crate::kind;
use crate::witness;

/// Extensions that rules and the runtime read, beside the standard options.
const READ: &[u32] = &[1049, 1052, 1053, 1055, 1159, 60430, 72_295_728];

/// The declarations of options.
pub(crate) struct Options<'s> {
    schema: &'s Schema,
    extensions: HashMap<(&'s str, u32), FieldId>,
}

impl<'s> Options<'s> {
    pub(crate) fn new(schema: &'s Schema) -> Self {
        let mut extensions = HashMap::new();
        for (id, field) in schema.fields() {
            if let (Some(extendee), Ok(number)) = (&field.extendee, u32::try_from(field.number)) {
                extensions.entry((extendee.as_str(), number)).or_insert(id);
            }
        }
        Self { schema, extensions }
    }

    /// The options of an element as parts of its fact, by number.
    pub(super) fn of(&self, sort: &str, raw: &[u8]) -> Vec<Part> {
        let own = match sort {
            "MethodOptions" => &[72_295_728, 60430][..],
            "ServiceOptions" | "EnumValueOptions" => &[60430],
            _ => &[],
        };
        let parts = self.texts(sort, raw).into_iter().filter(|(number, ..)| !own.contains(number));
        parts
            .map(|(number, name, text)| Part {
                name: format!("option {name}"),
                same: text.clone(),
                text,
                is_promise: number < 1000 || READ.contains(&number),
            })
            .collect()
    }

    /// Number, name as in a source (`deprecated`, `(acme.v1.unit)`) and value as in the text format.
    pub(crate) fn texts(&self, sort: &str, raw: &[u8]) -> Vec<(u32, String, String)> {
        let mut values: BTreeMap<u32, Vec<Value<'_>>> = BTreeMap::new();
        for (number, value) in Fields::new(raw) {
            values.entry(number).or_default().push(value);
        }
        let message = format!("google.protobuf.{sort}");
        values.into_iter().map(|(number, values)| self.text(&message, number, &values)).collect()
    }

    fn text(&self, message: &str, number: u32, values: &[Value<'_>]) -> (u32, String, String) {
        let standard = |schema: &'s Schema| {
            let fields = &schema.message(schema.find_message(message)?).fields;
            let field = fields.iter().map(|&id| schema.field(id));
            field.into_iter().find(|it| u32::try_from(it.number) == Ok(number)).map(|it| (schema, it))
        };
        let found = standard(self.schema)
            .or_else(|| {
                let id = self.extensions.get(&(message, number))?;
                Some((self.schema, self.schema.field(*id)))
            })
            .or_else(|| descriptors().and_then(standard));
        match found {
            Some((schema, field)) => {
                let name =
                    if field.is_extension() { format!("({})", field.full_name) } else { field.name.clone() };
                (number, name, written(schema, field, values))
            }
            None => (number, format!("#{number}"), values.iter().map(raw).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// What `google/protobuf/descriptor.proto` declares, for schemas that do not import it.
fn descriptors() -> Option<&'static Schema> {
    static SCHEMA: OnceLock<Option<Schema>> = OnceLock::new();
    let text = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";";
    SCHEMA.get_or_init(|| compile(vec![Source::new("options.proto", text)]).ok()).as_ref()
}

fn written(schema: &Schema, field: &Field, values: &[Value<'_>]) -> String {
    if let Kind::Message(_) = field.kind
        && field.cardinality != Cardinality::Repeated
    {
        // Written in several parts, they are one message.
        let bytes: Vec<u8> = values
            .iter()
            .filter_map(|it| if let Value::Bytes(it) = it { Some(*it) } else { None })
            .flatten()
            .copied()
            .collect();
        return message(schema, field, &bytes);
    }
    let mut texts = Vec::new();
    for value in values {
        match (field.kind, value) {
            (Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_), _)
            | (_, Value::Number(_) | Value::Fixed32(_) | Value::Fixed64(_)) => {
                texts.push(one(schema, field, value));
            }
            (_, Value::Bytes(packed)) => {
                texts.extend(packed_numbers(packed).map(|it| one(schema, field, &Value::Number(it))));
            }
        }
    }
    match field.cardinality {
        Cardinality::Repeated => format!("[{}]", texts.join(", ")),
        // The last one counts.
        _ => texts.pop().unwrap_or_default(),
    }
}

fn message(schema: &Schema, field: &Field, bytes: &[u8]) -> String {
    let name = kind::type_name(schema, field.kind).unwrap_or_default();
    witness::read_binary(schema, name, bytes).unwrap_or_else(|_| hex(bytes))
}

fn one(schema: &Schema, field: &Field, value: &Value<'_>) -> String {
    match (field.kind, value) {
        (Kind::Bool, Value::Number(it)) => (*it != 0).to_string(),
        (Kind::Enum(id), Value::Number(it)) => {
            let number = *it as i32;
            let mut values = schema.enumeration(id).values.iter().map(|&id| schema.value(id));
            values.find(|it| it.number == number).map_or_else(|| number.to_string(), |it| it.name.clone())
        }
        (Kind::Sint32 | Kind::Sint64, Value::Number(it)) => {
            ((it >> 1) as i64 ^ -((it & 1) as i64)).to_string()
        }
        (Kind::Uint32 | Kind::Uint64, Value::Number(it)) => it.to_string(),
        (Kind::Double, Value::Fixed64(it)) => f64::from_bits(*it).to_string(),
        (Kind::Float, Value::Fixed32(it)) => f32::from_bits(*it).to_string(),
        (Kind::Sfixed64, Value::Fixed64(it)) => (*it as i64).to_string(),
        (Kind::Sfixed32, Value::Fixed32(it)) => (*it as i32).to_string(),
        (Kind::String, Value::Bytes(it)) => format!("{:?}", String::from_utf8_lossy(it)),
        (Kind::Message(_), Value::Bytes(it)) => message(schema, field, it),
        (Kind::Bytes, Value::Bytes(it)) => format!("\"{}\"", it.escape_ascii()),
        _ => raw(value),
    }
}

fn raw(value: &Value<'_>) -> String {
    match value {
        Value::Number(it) => (*it as i64).to_string(),
        Value::Fixed64(it) => it.to_string(),
        Value::Fixed32(it) => it.to_string(),
        Value::Bytes(it) => hex(it),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
