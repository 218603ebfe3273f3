//! What generated code states about a message: its table of fields, and access to them by position.
//!
//! Tables are static data; the glue is one `match` for reading and one for writing. All algorithms take `&dyn Fields`, so they are
//! compiled once and not per message.

use std::fmt;

use super::any::AnyType;
use super::value::{List, Map, Maybe, Value, ValueMut, ValueRef};

/// A message as a numbered list of fields. Implemented by generated code.
pub trait Fields: Send + Sync {
    /// The table of the type.
    fn table_of() -> &'static Table
    where
        Self: Sized;

    /// The table of this value's type.
    fn table(&self) -> &'static Table;

    /// What the field at `index` of the table holds; [`View::Unset`] for an index outside of it.
    fn view(&self, index: usize) -> View<'_>;

    /// Room for the field at `index`. A member of a oneof becomes the one that is set. [`Slot::Missing`] for an index outside of the
    /// table.
    fn slot(&mut self, index: usize) -> Slot<'_>;
}

impl<M: Fields> Fields for Box<M> {
    fn table_of() -> &'static Table {
        M::table_of()
    }

    fn table(&self) -> &'static Table {
        (**self).table()
    }

    fn view(&self, index: usize) -> View<'_> {
        (**self).view(index)
    }

    fn slot(&mut self, index: usize) -> Slot<'_> {
        (**self).slot(index)
    }
}

impl fmt::Debug for dyn Fields + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields").field("message", &self.table().name).finish_non_exhaustive()
    }
}

/// A type that can be the request or the response of an rpc: every generated message and the well-known types.
pub trait JsonMessage: Value + Default + Send + Sync + 'static {
    /// The form of the type in JSON.
    fn kind() -> Kind;
}

impl<M: Fields + Default + 'static> JsonMessage for M {
    fn kind() -> Kind {
        Kind::Message(M::table_of)
    }
}

/// The static description of a message.
#[derive(Debug)]
pub struct Table {
    /// Full name, such as `acme.v1.Book`.
    pub name: &'static str,
    /// Fields in the order of declaration, which is the order of output.
    pub fields: &'static [Field],
    /// Proto names and JSON names with the position of their field, sorted by name. Empty in small tables and in those written by
    /// hand, where `fields` are searched instead.
    pub names: &'static [(&'static str, u16)],
    /// Types that an `Any` inside the message may hold, sorted by name; the built-in ones need not be listed.
    pub types: &'static [AnyType],
}

impl Table {
    /// The position of the field with this JSON or proto name. A JSON name wins over the same text as a proto name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        if self.names.is_empty() {
            return self
                .fields
                .iter()
                .position(|field| field.json_name == name)
                .or_else(|| self.find_proto(name));
        }
        let at = self.names.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        Some(usize::from(self.names[at].1))
    }

    /// The position of the field with this proto name.
    #[must_use]
    pub fn find_proto(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// The static description of a field.
#[derive(Debug)]
pub struct Field {
    /// Proto name.
    pub name: &'static str,
    /// JSON name.
    pub json_name: &'static str,
    /// Number.
    pub number: u32,
    /// One value, a list or a map.
    pub shape: Shape,
    /// Whether absence can be told from the default.
    pub presence: Presence,
    /// The type of the value, of an element, or of a map's values.
    pub kind: Kind,
    /// Errors do not quote what was given for it.
    pub sensitive: bool,
}

impl Field {
    /// A row of a table written by hand.
    #[must_use]
    pub const fn new(
        name: &'static str,
        json_name: &'static str,
        number: u32,
        shape: Shape,
        presence: Presence,
        kind: Kind,
    ) -> Self {
        Self { name, json_name, number, shape, presence, kind, sensitive: false }
    }

    /// The same field, marked as sensitive.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// A singular field without presence.
    #[must_use]
    pub const fn plain(name: &'static str, json_name: &'static str, number: u32, kind: Kind) -> Self {
        Self::new(name, json_name, number, Shape::One, Presence::Implicit, kind)
    }

    /// A singular field with presence.
    #[must_use]
    pub const fn optional(name: &'static str, json_name: &'static str, number: u32, kind: Kind) -> Self {
        Self::new(name, json_name, number, Shape::One, Presence::Explicit, kind)
    }

    /// A proto2 `required` field.
    #[must_use]
    pub const fn required(name: &'static str, json_name: &'static str, number: u32, kind: Kind) -> Self {
        Self::new(name, json_name, number, Shape::One, Presence::Required, kind)
    }

    /// A member of the oneof with this number.
    #[must_use]
    pub const fn member(
        name: &'static str,
        json_name: &'static str,
        number: u32,
        oneof: u16,
        kind: Kind,
    ) -> Self {
        Self::new(name, json_name, number, Shape::One, Presence::Member(oneof), kind)
    }

    /// A repeated field of elements of `kind`.
    #[must_use]
    pub const fn list(name: &'static str, json_name: &'static str, number: u32, kind: Kind) -> Self {
        Self::new(name, json_name, number, Shape::List, Presence::Implicit, kind)
    }

    /// A map to values of `kind`.
    #[must_use]
    pub const fn map(name: &'static str, json_name: &'static str, number: u32, kind: Kind) -> Self {
        Self::new(name, json_name, number, Shape::Map, Presence::Implicit, kind)
    }
}

/// How many values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// At most one.
    One,
    /// `repeated`.
    List,
    /// `map<…>`.
    Map,
}

/// Whether the absence of a field can be told from its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It cannot: proto3 scalars, lists and maps.
    Implicit,
    /// It can: messages, `optional` scalars, wrappers.
    Explicit,
    /// proto2 `required`.
    Required,
    /// It can, and at most one member of the oneof with this number is set.
    Member(u16),
}

/// The type of a value, as far as JSON is concerned.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names are protobuf's own")]
pub enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Float,
    Double,
    String,
    Bytes,
    Enum(&'static EnumTable),
    NullValue,
    Message(fn() -> &'static Table),
    Timestamp,
    Duration,
    FieldMask,
    Struct,
    Value,
    ListValue,
    Any,
    Empty,
}

impl Kind {
    /// What an input has to be, for error messages.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Bool => "`true` or `false`",
            Self::Int32 => "an integer from -2147483648 to 2147483647",
            Self::Int64 => "an integer from -9223372036854775808 to 9223372036854775807",
            Self::Uint32 => "an integer from 0 to 4294967295",
            Self::Uint64 => "an integer from 0 to 18446744073709551615",
            Self::Float => "a number in the range of a 32-bit float, `NaN`, `Infinity` or `-Infinity`",
            Self::Double => "a number in the range of a 64-bit float, `NaN`, `Infinity` or `-Infinity`",
            Self::String => "a string",
            Self::Bytes => "a base64 string",
            Self::Enum(_) => "the name of an enum value or an integer",
            Self::NullValue => "`null`",
            Self::Message(_) | Self::Struct | Self::Empty | Self::Any => "an object",
            Self::Timestamp => "a time such as `2006-01-02T15:04:05.123Z`, in the years 0001 to 9999",
            Self::Duration => "a duration such as `1.5s`, at most 315576000000 seconds",
            Self::FieldMask => "field paths in lowerCamelCase, joined by commas",
            Self::Value => "a JSON value",
            Self::ListValue => "an array",
        }
    }

    /// The type can be a path or query parameter.
    #[must_use]
    pub fn is_parameter(self) -> bool {
        !matches!(
            self,
            Self::Message(_) | Self::Struct | Self::Value | Self::ListValue | Self::Any | Self::Empty
        )
    }

    /// `null` is a value of the type and does not mean "not set".
    #[must_use]
    pub fn takes_null(self) -> bool {
        matches!(self, Self::Value | Self::NullValue)
    }
}

/// An enum. Implemented by generated code.
pub trait JsonEnum {
    /// Its table.
    const TABLE: &'static EnumTable;
}

/// The static description of an enum.
#[derive(Debug)]
pub struct EnumTable {
    /// Full name.
    pub name: &'static str,
    /// Names and numbers, sorted by name; aliases are separate rows.
    pub by_name: &'static [(&'static str, i32)],
    /// Numbers with their first declared name, sorted by number.
    pub by_number: &'static [(i32, &'static str)],
}

impl EnumTable {
    /// The number of a name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i32> {
        let at = self.by_name.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        Some(self.by_name[at].1)
    }

    /// The first declared name of a number.
    #[must_use]
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        let at = self.by_number.binary_search_by_key(&number, |(known, _)| *known).ok()?;
        Some(self.by_number[at].1)
    }
}

/// What a field holds.
#[allow(missing_debug_implementations, reason = "holds borrowed user data, which may be sensitive")]
pub enum View<'a> {
    /// Nothing: absence is visible.
    Unset,
    /// A value, possibly the default of a field without presence.
    One(ValueRef<'a>),
    /// A list, possibly empty.
    List(&'a dyn List),
    /// A map, possibly empty.
    Map(&'a dyn Map),
}

impl<'a> View<'a> {
    /// Of a field that always holds a value.
    pub fn one<T: Value>(value: &'a T) -> Self {
        Self::One(value.get())
    }

    /// Of an optional field.
    pub fn maybe<T: Value>(value: &'a Option<T>) -> Self {
        value.as_ref().map_or(Self::Unset, |value| Self::One(value.get()))
    }

    /// Of a repeated field.
    pub fn list(value: &'a dyn List) -> Self {
        Self::List(value)
    }

    /// Of a map.
    pub fn map(value: &'a dyn Map) -> Self {
        Self::Map(value)
    }

    /// Whether the field is unset, or holds the default of a field without presence.
    #[must_use]
    pub fn is_default(&self, presence: Presence) -> bool {
        match self {
            Self::Unset => true,
            Self::One(value) => presence == Presence::Implicit && value.is_default(),
            Self::List(list) => list.len() == 0,
            Self::Map(map) => map.len() == 0,
        }
    }
}

/// Room for a field.
#[allow(missing_debug_implementations, reason = "holds borrowed user data, which may be sensitive")]
pub enum Slot<'a> {
    /// The table has no such field.
    Missing,
    /// A value that is always there.
    One(ValueMut<'a>),
    /// An optional value.
    Maybe(&'a mut dyn Maybe),
    /// A list.
    List(&'a mut dyn List),
    /// A map.
    Map(&'a mut dyn Map),
}

impl<'a> Slot<'a> {
    /// Of a field that always holds a value.
    pub fn one<T: Value>(value: &'a mut T) -> Self {
        Self::One(value.get_mut())
    }

    /// Of an optional field.
    pub fn maybe(value: &'a mut dyn Maybe) -> Self {
        Self::Maybe(value)
    }

    /// Of a repeated field.
    pub fn list(value: &'a mut dyn List) -> Self {
        Self::List(value)
    }

    /// Of a map.
    pub fn map(value: &'a mut dyn Map) -> Self {
        Self::Map(value)
    }

    /// The value of a singular field, made if it is unset.
    #[must_use]
    pub fn value(self) -> Option<ValueMut<'a>> {
        match self {
            Self::One(value) => Some(value),
            Self::Maybe(value) => Some(value.get_or_default()),
            Self::Missing | Self::List(_) | Self::Map(_) => None,
        }
    }
}
