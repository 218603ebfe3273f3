//! Which witness belongs to a finding: samples are written with one schema and read with the other until one is misread.
//!
//! Rules are known by id here and nowhere else in this folder. A finding without a witness is one whose samples all survive, or one
//! about something that is not on the wire.

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, EnumId, Field, FieldId, Kind, MessageId, MethodId};
use protogate_schema::pair::Pairs;

use super::value::{Message, Value, field_of};
use super::{Encoding, Version, Witness, agree, decode, encode, json, sample};
use crate::default_value::DefaultValue;
use crate::finding::{About, Finding};

/// Bytes of a witness that are shown at most; a longer one helps nobody.
const BYTES: usize = 64;
/// Fields that are looked at to find one that uses an enum.
const FIELDS: usize = 50_000;

/// The witness of a finding of a breaking rule.
pub(crate) fn find(pairs: &Pairs<'_>, finding: &Finding) -> Option<Witness> {
    use Encoding::{Binary, Json};
    let About { current, baseline } = finding.about;
    match (finding.rule, baseline?) {
        ("FIELD_SAME_TYPE" | "FIELD_WIRE_JSON_COMPATIBLE_TYPE", Element::Field(old)) => {
            field(pairs, old, new_field(current)?, &[Binary, Json], false)
        }
        ("FIELD_WIRE_COMPATIBLE_TYPE" | "FIELD_SAME_UTF8_VALIDATION", Element::Field(old)) => {
            field(pairs, old, new_field(current)?, &[Binary], false)
        }
        ("FIELD_SAME_CARDINALITY" | "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", Element::Field(old)) => {
            field(pairs, old, new_field(current)?, &[Binary, Json], true)
        }
        ("FIELD_WIRE_COMPATIBLE_CARDINALITY", Element::Field(old)) => {
            field(pairs, old, new_field(current)?, &[Binary], true)
        }
        ("FIELD_SAME_NAME" | "FIELD_SAME_JSON_NAME", Element::Field(old)) => {
            let new = new_field(current)?;
            field(pairs, old, new, &[Json], false).or_else(|| exchanged(pairs, old, new))
        }
        ("FIELD_NO_DELETE" | "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", Element::Field(old)) => {
            deleted_field(pairs, old, &[Binary, Json])
        }
        ("FIELD_NO_DELETE_UNLESS_NAME_RESERVED", Element::Field(old)) => deleted_field(pairs, old, &[Json]),
        ("FIELD_SAME_ONEOF", Element::Field(old)) => oneof(pairs, old, new_field(current)?),
        ("FIELD_SAME_DEFAULT", Element::Field(old)) => default(pairs, old, new_field(current)?),
        ("ENUM_VALUE_NO_DELETE" | "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", Element::Value(old)) => {
            let value = pairs.baseline.value(old);
            enum_value(pairs, value.parent, value.number, &[Binary, Json], &[Version::Old])
        }
        ("ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED" | "ENUM_VALUE_SAME_NAME", Element::Value(old)) => {
            let value = pairs.baseline.value(old);
            enum_value(pairs, value.parent, value.number, &[Json], &[Version::Old])
        }
        ("ENUM_SAME_TYPE", Element::Enum(old)) => {
            let number = unused(pairs, old)?;
            enum_value(pairs, old, number, &[Binary], &[Version::Old, Version::New])
        }
        ("MESSAGE_SAME_REQUIRED_FIELDS", _) => required(pairs, finding),
        ("RPC_SAME_REQUEST_TYPE", Element::Method(old)) => {
            let new = new_method(current)?;
            let ends = Ends { old: pairs.baseline.method(old).input, new: pairs.current.method(new).input };
            whole(pairs, ends, &[Version::Old, Version::New])
        }
        ("RPC_SAME_RESPONSE_TYPE", Element::Method(old)) => {
            let new = new_method(current)?;
            let ends = Ends { old: pairs.baseline.method(old).output, new: pairs.current.method(new).output };
            whole(pairs, ends, &[Version::New, Version::Old])
        }
        ("RPC_NO_DELETE", Element::Method(old)) => Some(call(pairs, old)),
        ("SERVICE_NO_DELETE" | "PACKAGE_SERVICE_NO_DELETE", Element::Service(old)) => {
            let service = pairs.baseline.service(old);
            // A service that only moved to another file is still called by the same path.
            if pairs.service(old).is_some() {
                return None;
            }
            service.methods.first().map(|&method| call(pairs, method))
        }
        ("FILE_SAME_PACKAGE" | "FILE_NO_DELETE", Element::File(old)) => {
            let services = &pairs.baseline.file(old).services;
            let gone = services.iter().find(|&&id| pairs.service(id).is_none())?;
            pairs.baseline.service(*gone).methods.first().map(|&method| call(pairs, method))
        }
        _ => None,
    }
}

/// The message that is written and read, on both sides.
#[derive(Clone, Copy)]
struct Ends {
    old: MessageId,
    new: MessageId,
}

fn new_field(current: Option<Element>) -> Option<FieldId> {
    match current? {
        Element::Field(id) => Some(id),
        _ => None,
    }
}

fn new_method(current: Option<Element>) -> Option<MethodId> {
    match current? {
        Element::Method(id) => Some(id),
        _ => None,
    }
}

/// The message that holds a field: its own, the extended one, or for key and value of a map the one with the map; and the field's
/// number in there.
fn holder(schema: &Schema, id: FieldId) -> Option<(MessageId, i32)> {
    let field = schema.field(id);
    if let Some(extendee) = &field.extendee {
        return Some((schema.find_message(extendee)?, field.number));
    }
    let parent = field.place.parent?;
    if !schema.message(parent).is_map_entry {
        return Some((parent, field.number));
    }
    let outer = schema.message(parent).place.parent?;
    let mut fields = schema.message(outer).fields.iter().map(|&id| schema.field(id));
    let map = fields.find(|field| field.kind == Kind::Message(parent))?;
    Some((outer, map.number))
}

/// A field on both sides.
fn field(
    pairs: &Pairs<'_>,
    old: FieldId,
    new: FieldId,
    encodings: &[Encoding],
    strict: bool,
) -> Option<Witness> {
    let (old_message, number) = holder(pairs.baseline, old)?;
    let (new_message, new_number) = holder(pairs.current, new)?;
    if number != new_number {
        return None;
    }
    let ends = Ends { old: old_message, new: new_message };
    let samples = |version: Version| {
        let (schema, message) = ends.of(pairs, version);
        let Some(field) = field_of(schema, message, number) else { return Vec::new() };
        let mut values = sample::of_field(schema, field);
        values.extend(no_utf8(field));
        let mut samples: Vec<Message> =
            values.into_iter().map(|value| sample::holding(schema, message, number, value)).collect();
        if strict {
            samples.push(sample::required(schema, message, 1));
        }
        samples
    };
    search(pairs, ends, samples, encodings, &[Version::Old, Version::New], strict)
}

/// A document that both sides read, each into a field of another number.
fn exchanged(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<Witness> {
    let (old_message, number) = holder(pairs.baseline, old)?;
    let (new_message, _) = holder(pairs.current, new)?;
    let field = field_of(pairs.baseline, old_message, number)?;
    let value = sample::of_field(pairs.baseline, field).into_iter().next()?;
    let sample = sample::holding(pairs.baseline, old_message, number, value);
    if !json::is_plain(pairs.baseline, &sample) {
        return None;
    }
    let data = json::text(pairs.baseline, &sample);
    let read = json::read(pairs.current, new_message, &data).ok()?;
    // The field that the value is in now.
    let now = read.fields.keys().find(|it| !sample.fields.contains_key(it))?;
    let before = |number: i32| {
        field_of(pairs.baseline, old_message, number)
            .map_or_else(String::new, |it| format!(", which was `{}`", it.name))
    };
    Some(Witness {
        encoding: Encoding::Json,
        writer: Version::Old,
        message: pairs.baseline.message(old_message).full_name.clone(),
        value: data.clone(),
        old: format!("{data} (in field {number})"),
        new: format!("{data} (in field {now}{})", before(*now)),
        data,
    })
}

/// What a writer may send whose dialect does not look at texts.
fn no_utf8(field: &Field) -> Option<Value> {
    let plain = !field.is_list_or_map() && field.kind == Kind::String;
    (plain && field.features.utf8_validation != 2).then(|| Value::Text(vec![0xff]))
}

fn deleted_field(pairs: &Pairs<'_>, old: FieldId, encodings: &[Encoding]) -> Option<Witness> {
    let (old_message, number) = holder(pairs.baseline, old)?;
    let new = pairs.current.find_message(&pairs.baseline.message(old_message).full_name)?;
    let ends = Ends { old: old_message, new };
    let samples = |_| {
        let Some(field) = field_of(pairs.baseline, old_message, number) else { return Vec::new() };
        let values = sample::of_field(pairs.baseline, field).into_iter();
        values.map(|value| sample::holding(pairs.baseline, old_message, number, value)).collect()
    };
    search(pairs, ends, samples, encodings, &[Version::Old], false)
}

/// Two members that one side can hold together and the other cannot.
fn oneof(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<Witness> {
    let ends = Ends { old: holder(pairs.baseline, old)?.0, new: holder(pairs.current, new)?.0 };
    let number = pairs.baseline.field(old).number;
    let samples = |version: Version| {
        let (schema, message) = ends.of(pairs, version);
        let (other_schema, other_message) = ends.of(pairs, version.other());
        let (Some(field), Some(other)) =
            (field_of(schema, message, number), field_of(other_schema, other_message, number))
        else {
            return Vec::new();
        };
        let Some(oneof) =
            other.oneof.and_then(|index| other_schema.message(other_message).oneofs.get(index as usize))
        else {
            return Vec::new();
        };
        let members = oneof.fields.iter().map(|&id| other_schema.field(id).number);
        let apart = members.filter(|it| *it != number).filter_map(|it| field_of(schema, message, it));
        let apart = apart.filter(|it| it.oneof.is_none() || it.oneof != field.oneof);
        apart
            .filter_map(|second| {
                let mut samples = sample::of_field(schema, field).into_iter();
                let mut sample = sample::holding(schema, message, number, samples.next()?);
                sample.fields.insert(second.number, sample::of_field(schema, second).into_iter().next()?);
                Some(sample)
            })
            .collect()
    };
    search(pairs, ends, samples, &[Encoding::Binary], &[Version::Old, Version::New], false)
}

/// A message without the field: each side fills in its own default.
fn default(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<Witness> {
    let (message, _) = holder(pairs.baseline, old)?;
    let shown = |schema: &Schema, id: FieldId| {
        Some(format!("`{}` is {}", schema.field(id).name, DefaultValue::of(schema, id)?.print()))
    };
    Some(Witness {
        encoding: Encoding::Binary,
        writer: Version::Old,
        message: pairs.baseline.message(message).full_name.clone(),
        value: "{}".to_owned(),
        data: String::new(),
        old: shown(pairs.baseline, old)?,
        new: shown(pairs.current, new)?,
    })
}

/// A value of an enum, in the first field that holds one.
fn enum_value(
    pairs: &Pairs<'_>,
    id: EnumId,
    number: i32,
    encodings: &[Encoding],
    writers: &[Version],
) -> Option<Witness> {
    let name = &pairs.baseline.enumeration(id).full_name;
    let uses = pairs.baseline.fields().take(FIELDS).filter(|(_, field)| {
        field.kind == Kind::Enum(id) && !field.is_list_or_map() && field.extendee.is_none()
    });
    let mut ends = uses.filter_map(|(_, field)| {
        let old = field.place.parent.filter(|&it| !pairs.baseline.message(it).is_map_entry)?;
        let new = pairs.current.find_message(&pairs.baseline.message(old).full_name)?;
        match field_of(pairs.current, new, field.number)?.kind {
            Kind::Enum(now) if pairs.current.enumeration(now).full_name == *name => {
                Some((Ends { old, new }, field.number))
            }
            _ => None,
        }
    });
    let (ends, field) = ends.next()?;
    let samples = |version: Version| {
        let (schema, message) = ends.of(pairs, version);
        vec![sample::holding(schema, message, field, Value::Enum(number))]
    };
    search(pairs, ends, samples, encodings, writers, false)
}

/// A number that no version of an enum declares.
fn unused(pairs: &Pairs<'_>, old: EnumId) -> Option<i32> {
    let new = pairs.enumeration(old)?.current;
    let taken = |number: i32| {
        let old = &pairs.baseline.enumeration(old).values;
        let new = &pairs.current.enumeration(new).values;
        old.iter().any(|&id| pairs.baseline.value(id).number == number)
            || new.iter().any(|&id| pairs.current.value(id).number == number)
    };
    (1..10_000).find(|&number| !taken(number))
}

fn required(pairs: &Pairs<'_>, finding: &Finding) -> Option<Witness> {
    let (old, new) = match (finding.about.baseline?, finding.about.current?) {
        (Element::Message(old), Element::Message(new)) => (old, new),
        (Element::Message(old), Element::Field(new)) => (old, pairs.current.field(new).place.parent?),
        _ => return None,
    };
    let ends = Ends { old, new };
    let samples = |version: Version| {
        let (schema, message) = ends.of(pairs, version);
        vec![sample::required(schema, message, 1)]
    };
    search(pairs, ends, samples, &[Encoding::Binary], &[Version::Old, Version::New], true)
}

/// A message of one type that is read as another.
fn whole(pairs: &Pairs<'_>, ends: Ends, writers: &[Version]) -> Option<Witness> {
    let samples = |version: Version| {
        let (schema, message) = ends.of(pairs, version);
        sample::of_message(schema, message)
    };
    search(pairs, ends, samples, &[Encoding::Binary, Encoding::Json], writers, false)
}

/// A call that no handler is there for any more.
fn call(pairs: &Pairs<'_>, method: MethodId) -> Witness {
    let rpc = pairs.baseline.method(method);
    let service = &pairs.baseline.service(rpc.service).full_name;
    let data = format!("POST /{service}/{}", rpc.name);
    Witness {
        encoding: Encoding::Http,
        writer: Version::Old,
        message: rpc.full_name.clone(),
        value: format!("a call of `{}`", rpc.name),
        data,
        old: "answered".to_owned(),
        new: "grpc-status 12 (UNIMPLEMENTED)".to_owned(),
    }
}

impl Ends {
    fn of<'a>(self, pairs: &Pairs<'a>, version: Version) -> (&'a Schema, MessageId) {
        match version {
            Version::Old => (pairs.baseline, self.old),
            Version::New => (pairs.current, self.new),
        }
    }
}

impl Version {
    fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

fn search(
    pairs: &Pairs<'_>,
    ends: Ends,
    samples: impl Fn(Version) -> Vec<Message>,
    encodings: &[Encoding],
    writers: &[Version],
    strict: bool,
) -> Option<Witness> {
    for &encoding in encodings {
        for &writer in writers {
            let samples = samples(writer);
            let found = samples.iter().find_map(|it| misread(pairs, ends, it, encoding, writer, strict));
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// The witness that a sample is, if its reader misreads it.
fn misread(
    pairs: &Pairs<'_>,
    ends: Ends,
    sample: &Message,
    encoding: Encoding,
    writer: Version,
    strict: bool,
) -> Option<Witness> {
    let (schema, id) = ends.of(pairs, writer);
    let (reader, reader_id) = ends.of(pairs, writer.other());
    let (data, bytes) = match encoding {
        Encoding::Binary => {
            let bytes = encode::encode(schema, sample);
            (hex(&bytes), bytes)
        }
        _ if json::is_plain(schema, sample) => (json::text(schema, sample), Vec::new()),
        _ => return None,
    };
    if bytes.len() > BYTES || data.len() > 4 * BYTES {
        return None;
    }
    let read = |schema: &Schema, id: MessageId| match encoding {
        Encoding::Binary => decode::decode(schema, id, &bytes),
        _ => json::read(schema, id, &data),
    };
    let own = read(schema, id).ok()?;
    // What the writer's own side does not get back is no witness against the other.
    if !agree::messages(schema, sample, schema, &own) {
        return None;
    }
    let other = read(reader, reader_id);
    let shown = match &other {
        Ok(message) if agree::messages(schema, sample, reader, message) => return None,
        // A form of its own: nobody would see the fields.
        Ok(message) if encoding == Encoding::Json && !json::is_plain(reader, message) => return None,
        // A field with another number and the same name is the same to JSON.
        Ok(message) if encoding == Encoding::Json && json::text(reader, message) == data => return None,
        Ok(message) => json::described(reader, message),
        // About another required field, which has its own finding.
        Err(why) if !strict && why.starts_with("the required field") => return None,
        Err(why) => format!("refused: {why}"),
    };
    let own = json::described(schema, &own);
    let (old, new) = if writer == Version::Old { (own.clone(), shown) } else { (shown, own.clone()) };
    Some(Witness {
        encoding,
        writer,
        message: schema.message(id).full_name.clone(),
        value: own,
        data,
        old,
        new,
    })
}

/// Pairs of hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
