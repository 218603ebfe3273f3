//! The type of a field in the words of the language: `repeated acme.v1.Tag`, `map of string to int64`.
//!
//! One text for one type: listings show it, and histories compare it. What has no part in the type (presence, defaults, options) is
//! not in it.

use super::element::{Cardinality, Field, Kind};
use super::schema::Schema;

impl Schema {
    /// The type with `repeated` or `map of` before it.
    #[must_use]
    pub fn type_text(&self, field: &Field) -> String {
        let kind = self.kind_text(field);
        match field.cardinality {
            Cardinality::Repeated => format!("repeated {kind}"),
            Cardinality::Map => format!("map of {kind}"),
            _ => kind,
        }
    }

    /// The type alone; of a map, its key and its value: `string to int64`.
    #[must_use]
    pub fn kind_text(&self, field: &Field) -> String {
        let plain = match field.kind {
            Kind::Message(id) | Kind::Group(id) => {
                let message = self.message(id);
                if field.cardinality == Cardinality::Map && message.is_map_entry {
                    let parts: Vec<_> =
                        message.fields.iter().map(|&id| self.kind_text(self.field(id))).collect();
                    return parts.join(" to ");
                }
                let group = if matches!(field.kind, Kind::Group(_)) { "group " } else { "" };
                return format!("{group}{}", message.full_name);
            }
            Kind::Enum(id) => return self.enumeration(id).full_name.clone(),
            Kind::Double => "double",
            Kind::Float => "float",
            Kind::Int64 => "int64",
            Kind::Uint64 => "uint64",
            Kind::Int32 => "int32",
            Kind::Fixed64 => "fixed64",
            Kind::Fixed32 => "fixed32",
            Kind::Bool => "bool",
            Kind::String => "string",
            Kind::Bytes => "bytes",
            Kind::Uint32 => "uint32",
            Kind::Sfixed32 => "sfixed32",
            Kind::Sfixed64 => "sfixed64",
            Kind::Sint32 => "sint32",
            Kind::Sint64 => "sint64",
        };
        plain.to_owned()
    }
}
