//! The JSON mapping of Protocol Buffers over prost structs, driven by generated tables.
//!
//! Generated code gives each message a static [`Table`] and access to its fields by position ([`Fields`]); everything else is
//! here, written once and not generic, so that thousands of messages stay cheap to compile. The same tables serve path and query
//! parameters, PATCH masks and the selection of body fields. There is no serde in it: numbers are read from their text, duplicate
//! keys are refused, and errors name the field.

mod any;
mod base64;
mod descriptors;
mod error;
mod error_details;
mod health;
mod mask;
mod number;
mod options;
mod param;
mod print;
mod read;
mod reader;
mod table;
mod time;
mod types;
mod value;
mod well_known;
mod writer;

pub use any::{AnyType, find_any_type};
pub use error::{Error, ErrorKind};
pub use mask::mask_of;
pub use options::{ReadOptions, Unknown, WriteOptions};
pub use param::{Parameter, ParameterError, resolve, resolve_proto, set_parameter};
pub use print::{print, write_field, write_value};
pub use read::{parse, parse_field, parse_value};
pub use reader::{MAX_DEPTH, Reader, Token};
pub use table::{EnumTable, Field, Fields, JsonEnum, JsonMessage, Kind, Presence, Shape, Slot, Table, View};
pub use value::{BadKey, List, Map, MapKey, Maybe, Value, ValueMut, ValueRef};
pub use writer::Writer;

pub(crate) use base64::parse_base64;
pub(crate) use error::quote;
#[cfg(test)]
pub(crate) use error_details::messages;
pub(crate) use read::types_of;

/// Implements [`Fields::view`] for a member of a oneof. Used by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! __json_member_view {
    ($oneof:expr, $variant:path) => {
        match &$oneof {
            ::core::option::Option::Some($variant(value)) => $crate::json::View::one(value),
            _ => $crate::json::View::Unset,
        }
    };
}

/// Implements [`Fields::slot`] for a member of a oneof: makes it the one that is set. Used by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! __json_member_slot {
    ($oneof:expr, $variant:path) => {{
        if !matches!($oneof, ::core::option::Option::Some($variant(_))) {
            $oneof = ::core::option::Option::Some($variant(::core::default::Default::default()));
        }
        match &mut $oneof {
            ::core::option::Option::Some($variant(value)) => $crate::json::Slot::one(value),
            _ => $crate::json::Slot::Missing,
        }
    }};
}

#[doc(hidden)]
pub use crate::{__json_member_slot as member_slot, __json_member_view as member_view};
