//! Messages into JSON, by table.

use super::any::write_any;
use super::base64::print_base64;
use super::error::{Error, quote};
use super::number;
use super::options::WriteOptions;
use super::read::types_of;
use super::table::{Field, Fields, JsonMessage, Kind, Presence, Shape, View};
use super::time::{print_duration, print_timestamp};
use super::value::{List, Map, ValueRef};
use super::well_known::{print_field_mask, write_dynamic, write_list_value, write_struct};
use super::writer::Writer;

/// Prints a message.
///
/// # Errors
/// When the message holds what JSON cannot express, such as a timestamp out of range.
pub fn print<M: JsonMessage>(message: &M, options: WriteOptions) -> Result<Vec<u8>, Error> {
    let kind = M::kind();
    let mut writer = Writer::new(options, types_of(kind));
    write_value(message.get(), kind, &mut writer)?;
    Ok(writer.into_bytes())
}

/// Prints what the field at `index` holds, alone: `null` for an unset message or `optional`, else the value or its default.
///
/// # Errors
/// As for [`print()`].
pub fn write_field(message: &dyn Fields, index: usize, writer: &mut Writer) -> Result<(), Error> {
    let field = &message.table().fields[index];
    match message.view(index) {
        View::Unset => {
            writer.raw("null");
            Ok(())
        }
        view => write_view(&view, field.kind, writer).map_err(|error| error.in_field(field.json_name)),
    }
}

fn write_view(view: &View<'_>, kind: Kind, writer: &mut Writer) -> Result<(), Error> {
    match view {
        View::Unset => Ok(()),
        View::One(value) => write_value(*value, kind, writer),
        View::List(list) => write_list(*list, kind, writer),
        View::Map(map) => write_map(*map, kind, writer),
    }
}

fn write_list(list: &dyn List, kind: Kind, writer: &mut Writer) -> Result<(), Error> {
    writer.open_array()?;
    for index in 0..list.len() {
        writer.element();
        write_value(list.at(index), kind, writer).map_err(|error| error.in_element(index))?;
    }
    writer.close_array();
    Ok(())
}

fn write_map(map: &dyn Map, kind: Kind, writer: &mut Writer) -> Result<(), Error> {
    writer.open_object()?;
    for (key, value) in map.entries() {
        writer.key(&key);
        write_value(value, kind, writer).map_err(|error| error.in_entry(&key))?;
    }
    writer.close_object();
    Ok(())
}

/// Prints the fields of a message as members of an object that is open already.
pub(crate) fn write_members(value: ValueRef<'_>, writer: &mut Writer) -> Result<(), Error> {
    let ValueRef::Message(message) = value else { return Ok(()) };
    let table = message.table();
    for (index, field) in table.fields.iter().enumerate() {
        let view = message.view(index);
        let has_presence = field.shape == Shape::One && field.presence != Presence::Implicit;
        let print_default = writer.options.always_print_fields_with_no_presence && !has_presence;
        if matches!(view, View::Unset) && writer.options.null_for_unset_messages && is_message(field) {
            writer.key(if writer.options.proto_names { field.name } else { field.json_name });
            writer.raw("null");
            continue;
        }
        if matches!(view, View::Unset) || view.is_default(field.presence) && !print_default {
            continue;
        }
        writer.key(if writer.options.proto_names { field.name } else { field.json_name });
        write_view(&view, field.kind, writer).map_err(|error| error.in_field(field.json_name))?;
    }
    Ok(())
}

/// Whether a field is a singular message outside of a oneof. A wrapper has the kind of what it wraps, and is none.
const fn is_message(field: &Field) -> bool {
    let is_message_kind = matches!(
        field.kind,
        Kind::Message(_)
            | Kind::Timestamp
            | Kind::Duration
            | Kind::FieldMask
            | Kind::Struct
            | Kind::Value
            | Kind::ListValue
            | Kind::Any
            | Kind::Empty
    );
    is_message_kind && matches!(field.shape, Shape::One) && matches!(field.presence, Presence::Explicit)
}

/// Prints one value.
///
/// # Errors
/// As for [`print()`].
pub fn write_value(value: ValueRef<'_>, kind: Kind, writer: &mut Writer) -> Result<(), Error> {
    match value {
        ValueRef::Bool(value) => writer.raw(if value { "true" } else { "false" }),
        ValueRef::I32(value) => write_i32(value, kind, writer),
        ValueRef::I64(value) => writer.raw(&format!("\"{value}\"")),
        ValueRef::U32(value) => writer.raw(&value.to_string()),
        ValueRef::U64(value) => writer.raw(&format!("\"{value}\"")),
        ValueRef::F32(value) => writer.raw(&number::print_float(value)),
        ValueRef::F64(value) => writer.raw(&number::print_double(value)),
        ValueRef::Str(value) => writer.string(value),
        ValueRef::Bytes(value) => writer.string(&print_base64(value)),
        ValueRef::Message(_) => {
            writer.open_object()?;
            write_members(value, writer)?;
            writer.close_object();
        }
        ValueRef::Timestamp(value) => writer.string(&print_timestamp(value).ok_or_else(|| {
            Error::output(format!(
                "the timestamp of {} seconds and {} nanoseconds is outside of the years 0001 to 9999, or its nanoseconds outside of 0 \
                 to 999999999",
                value.seconds, value.nanos
            ))
        })?),
        ValueRef::Duration(value) => writer.string(&print_duration(value).ok_or_else(|| {
            Error::output(format!(
                "the duration of {} seconds and {} nanoseconds is out of range, or its parts have different signs",
                value.seconds, value.nanos
            ))
        })?),
        ValueRef::FieldMask(value) => writer.string(&print_field_mask(value).map_err(|path| {
            Error::output(format!("the path `{}` of the field mask has no lowerCamelCase form", quote(path)))
        })?),
        ValueRef::Struct(value) => return write_struct(value, writer),
        ValueRef::Value(value) => return write_dynamic(value, writer),
        ValueRef::ListValue(value) => return write_list_value(value, writer),
        ValueRef::Any(value) => return write_any(value, writer),
        ValueRef::Empty => writer.raw("{}"),
    }
    Ok(())
}

fn write_i32(value: i32, kind: Kind, writer: &mut Writer) {
    match kind {
        Kind::NullValue => writer.raw("null"),
        Kind::Enum(table) if !writer.options.enum_as_int => match table.name_of(value) {
            Some(name) => writer.string(name),
            None => writer.raw(&value.to_string()),
        },
        _ => writer.raw(&value.to_string()),
    }
}
