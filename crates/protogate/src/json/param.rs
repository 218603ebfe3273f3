//! Path and query parameters: names to fields, texts to values.
//!
//! A name is resolved against the tables before anything is set, so that an ignored parameter leaves no trace. Which fields a binding
//! leaves to the query, and that a singular field is given once, is for the gateway to decide.

use std::fmt;

use super::error::{Error, quote};
use super::read::convert;
use super::table::{Field, Fields, Kind, Presence, Shape, Slot, Table, View};
use super::value::ValueMut;

/// Most parts of a name.
const MAX_PARTS: usize = 64;

/// A resolved name.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Positions in the tables, from the outside in; never empty.
    pub path: Vec<usize>,
    /// The last field.
    pub field: &'static Field,
}

/// Why a name is no parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterError {
    /// There is no such field, or it lies inside of something that is not a plain message.
    Unknown,
    /// There is such a field, but text cannot stand for its type.
    Type,
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown parameter",
            Self::Type => {
                "a message, map or dynamic value cannot be a parameter; name one of its scalar fields, or send it in the content"
            }
        })
    }
}

/// Resolves a query name: JSON or proto names joined by dots.
///
/// # Errors
/// When it names no field that can be a parameter.
pub fn resolve(table: &'static Table, name: &str) -> Result<Parameter, ParameterError> {
    walk(table, name, Table::find)
}

/// Resolves the field path of a path variable: proto names joined by dots.
///
/// # Errors
/// As for [`resolve`].
pub fn resolve_proto(table: &'static Table, name: &str) -> Result<Parameter, ParameterError> {
    walk(table, name, Table::find_proto)
}

fn walk(
    table: &'static Table,
    name: &str,
    find: impl Fn(&Table, &str) -> Option<usize>,
) -> Result<Parameter, ParameterError> {
    let mut table = table;
    let mut path = Vec::new();
    let mut parts = name.split('.').peekable();
    while let Some(part) = parts.next() {
        let index = find(table, part).ok_or(ParameterError::Unknown)?;
        let field = &table.fields[index];
        path.push(index);
        if path.len() > MAX_PARTS {
            break;
        }
        match (parts.peek(), field.kind) {
            (None, kind) if field.shape != Shape::Map && kind.is_parameter() => {
                return Ok(Parameter { path, field });
            }
            (None, _) => return Err(ParameterError::Type),
            (Some(_), Kind::Message(inner)) if field.shape == Shape::One => table = inner(),
            (Some(_), _) => break,
        }
    }
    Err(ParameterError::Unknown)
}

/// Sets or, for a repeated field, adds the value that `text` stands for.
///
/// # Errors
/// When the text does not fit the type, or another member of a oneof on the way is set. The error names the field from `message` on.
pub fn set_parameter(message: &mut dyn Fields, path: &[usize], text: &str) -> Result<(), Error> {
    let Some((&index, rest)) = path.split_first() else {
        return Err(Error::value("the field path is empty"));
    };
    let field = &message.table().fields[index];
    set_step(message, field, index, rest, text).map_err(|error| error.in_known_field(field))
}

fn set_step(
    message: &mut dyn Fields,
    field: &'static Field,
    index: usize,
    rest: &[usize],
    text: &str,
) -> Result<(), Error> {
    if let Presence::Member(oneof) = field.presence
        && let Some(other) = other_member(message, oneof, index)
    {
        return Err(Error::value(format!("`{other}` of the same oneof is given too; give at most one")));
    }
    let place = match message.slot(index) {
        Slot::List(list) if rest.is_empty() => list.push(),
        slot => slot.value().ok_or_else(|| Error::value("the field cannot be set by a parameter"))?,
    };
    match (rest.is_empty(), place) {
        (true, place) => set_text(place, field.kind, text).ok_or_else(|| {
            Error::value(format!("expected {}, found `{}`", expected(field.kind), quote(text)))
        }),
        (false, ValueMut::Message(inner)) => set_parameter(inner, rest, text),
        (false, _) => Err(Error::value("the field is not a message")),
    }
}

/// The member of the oneof that is set, when it is not the one at `index`.
fn other_member(message: &dyn Fields, oneof: u16, index: usize) -> Option<&'static str> {
    let fields = message.table().fields.iter().enumerate();
    let mut others = fields.filter(|(at, field)| *at != index && field.presence == Presence::Member(oneof));
    others.find(|(at, _)| !matches!(message.view(*at), View::Unset)).map(|(_, field)| field.json_name)
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::NullValue => "`NULL_VALUE` or `0`",
        kind => kind.expected(),
    }
}

/// Converts as the JSON string with that text would; bools and enums have no literals here and take words and decimals.
fn set_text(place: ValueMut<'_>, kind: Kind, text: &str) -> Option<()> {
    match (place, kind) {
        (ValueMut::Bool(place), _) => {
            *place = match text {
                "true" => true,
                "false" => false,
                _ => return None,
            }
        }
        (ValueMut::I32(place), Kind::Enum(table)) => {
            *place = table.number(text).or_else(|| <i32 as super::value::MapKey>::parse(text))?;
        }
        (ValueMut::I32(place), Kind::NullValue) => {
            *place = matches!(text, "NULL_VALUE" | "0").then_some(0)?;
        }
        (place, _) => return convert(place, text),
    }
    Some(())
}
