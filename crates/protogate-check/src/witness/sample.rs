//! Sample values: what a writer might well send, the plainest first, then those at which types differ.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Field, FieldId, Kind, MessageId};

use super::json::bounds;
use super::value::{Message, Value, entry};

/// How deep messages inside messages are filled.
const DEPTH: usize = 3;
/// Fields of a sample message.
const FIELDS: usize = 3;

/// Values of a field, with its cardinality.
pub(super) fn of_field(schema: &Schema, field: &Field) -> Vec<Value> {
    if let Some((key, of)) = entry(schema, field) {
        let keys = of_kind(schema, schema.field(key).kind, DEPTH);
        let values = of_kind(schema, schema.field(of).kind, DEPTH);
        let (Some(first_key), Some(first)) = (keys.first().cloned(), values.first().cloned()) else {
            return Vec::new();
        };
        let by_value = values.into_iter().map(|value| (first_key.clone(), value));
        let by_key = keys.iter().skip(1).map(|key| (key.clone(), first.clone()));
        return by_value.chain(by_key).map(|entry| Value::Map(vec![entry])).collect();
    }
    let values = of_kind(schema, field.kind, DEPTH);
    if field.cardinality != Cardinality::Repeated {
        return values;
    }
    let two = values.iter().take(2).cloned().collect::<Vec<_>>();
    let two = if two.len() == 1 { [two.clone(), two].concat() } else { two };
    // Messages twice the same as well: as the entries of a map they have one key.
    let twice =
        values.first().filter(|it| matches!(it, Value::Message(_))).map(|it| vec![it.clone(), it.clone()]);
    let twice: Vec<Vec<Value>> = twice.into_iter().filter(|it| *it != two).collect();
    let rest = values.into_iter().skip(2).map(|value| vec![value]);
    std::iter::once(two).chain(twice).chain(rest).map(Value::List).collect()
}

/// A message that holds this field, and the required ones.
pub(super) fn holding(schema: &Schema, id: MessageId, number: i32, value: Value) -> Message {
    let mut message = required(schema, id, DEPTH);
    message.fields.insert(number, value);
    message
}

/// A message with its required fields and no other.
pub(super) fn required(schema: &Schema, id: MessageId, depth: usize) -> Message {
    let mut message = Message::new(id);
    for field in schema.message(id).fields.iter().map(|&id| schema.field(id)) {
        if field.cardinality == Cardinality::Required
            && let Some(value) = of_kind(schema, field.kind, depth).into_iter().next()
        {
            message.fields.insert(field.number, value);
        }
    }
    message
}

/// Messages of a type: one with its first fields, then one for each field alone.
pub(super) fn of_message(schema: &Schema, id: MessageId) -> Vec<Message> {
    let fields: Vec<FieldId> = schema.message(id).fields.iter().copied().take(16).collect();
    let alone = fields.iter().flat_map(|&field| {
        let field = schema.field(field);
        of_field(schema, field).into_iter().map(|value| holding(schema, id, field.number, value))
    });
    std::iter::once(filled(schema, id, DEPTH)).chain(alone).collect()
}

fn filled(schema: &Schema, id: MessageId, depth: usize) -> Message {
    let mut message = required(schema, id, depth);
    let mut oneofs = Vec::new();
    for field in schema.message(id).fields.iter().map(|&id| schema.field(id)) {
        if message.fields.len() >= FIELDS {
            break;
        }
        let plain = !field.is_list_or_map() && !matches!(field.kind, Kind::Message(_) | Kind::Group(_));
        if !plain || field.oneof.is_some_and(|index| oneofs.contains(&index)) {
            continue;
        }
        oneofs.extend(field.oneof);
        if let Some(value) = of_kind(schema, field.kind, depth).into_iter().next() {
            message.fields.insert(field.number, value);
        }
    }
    message
}

/// A second message: without the first's first field, and with other values, so that merging the two gives what neither is.
fn another(schema: &Schema, first: &Message, depth: usize) -> Option<Message> {
    let mut second = first.clone();
    let fields = schema.message(first.id).fields.iter().map(|&id| schema.field(id));
    let set: Vec<&Field> = fields.filter(|it| first.fields.contains_key(&it.number)).collect();
    for field in &set {
        if let Some(value) = of_kind(schema, field.kind, depth.saturating_sub(1)).into_iter().nth(1) {
            second.fields.insert(field.number, value);
        }
    }
    if let Some(field) = set.first().filter(|it| set.len() > 1 && it.cardinality != Cardinality::Required) {
        second.fields.remove(&field.number);
    }
    (second != *first).then_some(second)
}

/// Single values of a type.
fn of_kind(schema: &Schema, kind: Kind, depth: usize) -> Vec<Value> {
    match kind {
        Kind::Bool => vec![Value::Bool(true)],
        Kind::Float => vec![Value::Float(1.5), Value::Float(f32::NAN)],
        Kind::Double => vec![Value::Double(1.5), Value::Double(1e300), Value::Double(f64::NAN)],
        Kind::String => [&b"text"[..], b"\xc3\xa9", b"7"].map(|it| Value::Text(it.to_vec())).to_vec(),
        Kind::Bytes => [&b"\xff"[..], b"text"].map(|it| Value::Bytes(it.to_vec())).to_vec(),
        Kind::Enum(id) => {
            let values = schema.enumeration(id).values.iter().map(|&id| schema.value(id).number);
            let (first, others): (Vec<i32>, Vec<i32>) = values.partition(|&number| number == 0);
            others.into_iter().chain(first).map(Value::Enum).collect()
        }
        Kind::Message(id) | Kind::Group(id) => {
            let inner = if depth == 0 { Message::new(id) } else { filled(schema, id, depth - 1) };
            let second = another(schema, &inner, depth);
            std::iter::once(inner).chain(second).map(Value::Message).collect()
        }
        _ => {
            let (low, high) = bounds(kind);
            let numbers = [7, -1, 4_294_967_297, 3_000_000_000, high, low];
            let fitting = numbers.into_iter().filter(|it| *it != 0 && *it >= low && *it <= high);
            fitting.map(Value::Integer).collect()
        }
    }
}
