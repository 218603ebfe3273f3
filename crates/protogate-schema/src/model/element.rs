//! The elements of a schema: files, messages, fields, oneofs, enums, values, services, methods, and the ids they refer to each
//! other by.
//!
//! Plain data in arenas. Ids are small indexes into the [`Schema`](crate::Schema) that made them and mean nothing in another.

use bytes::Bytes;

use super::options::{
    EnumOptions, EnumValueOptions, FieldOptions, FileOptions, MessageOptions, MethodOptions, ServiceOptions,
};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// Position in the schema's arena.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A file.
    FileId;
    /// A message, nested ones, map entries and groups included.
    MessageId;
    /// A field of a message, or an extension.
    FieldId;
    /// An enum.
    EnumId;
    /// A value of an enum.
    ValueId;
    /// A service.
    ServiceId;
    /// An rpc.
    MethodId;
}

/// Any element with a place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is the id of that name")]
pub enum Element {
    File(FileId),
    Message(MessageId),
    Field(FieldId),
    Oneof(MessageId, u32),
    Enum(EnumId),
    Value(ValueId),
    Service(ServiceId),
    Method(MethodId),
}

/// Dialect of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `syntax = "proto2"`, or no syntax line.
    Proto2,
    /// `syntax = "proto3"`.
    Proto3,
    /// `edition = "…"`: the number of `google.protobuf.Edition`, such as 1000 for 2023.
    Edition(i32),
}

/// Resolved features of an element: what its dialect says, overridden by the nearest `features` option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features {
    /// `field_presence`: 1 explicit, 2 implicit, 3 legacy required.
    pub field_presence: i32,
    /// `enum_type`: 1 open, 2 closed.
    pub enum_type: i32,
    /// `repeated_field_encoding`: 1 packed, 2 expanded.
    pub repeated_field_encoding: i32,
    /// `utf8_validation`: 2 verify, 3 none.
    pub utf8_validation: i32,
    /// `message_encoding`: 1 length-prefixed, 2 delimited.
    pub message_encoding: i32,
    /// `json_format`: 1 allow, 2 legacy best effort.
    pub json_format: i32,
}

/// How a file came to be known, and with it what can be known of it beyond its descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// Compiled from its source.
    Source,
    /// Read from a descriptor set: only what its writer noted, in buf's extension 8042. Nothing when it noted nothing.
    Image {
        /// The source had no syntax statement.
        syntax_unspecified: bool,
        /// Indexes into `imports` of those that nothing in the file uses.
        unused_imports: Vec<u32>,
    },
}

/// A file of the schema.
#[derive(Debug, Clone)]
pub struct File {
    /// Path relative to its import root, with forward slashes.
    pub path: String,
    /// Package, `""` for none.
    pub package: String,
    /// Dialect.
    pub syntax: Syntax,
    /// Imported only because a target needs it.
    pub is_import: bool,
    /// How it came to be known.
    pub provenance: Provenance,
    /// Imports in source order.
    pub imports: Vec<String>,
    /// Indexes into `imports` of the `public` ones.
    pub public_imports: Vec<u32>,
    /// Top-level messages.
    pub messages: Vec<MessageId>,
    /// Top-level enums.
    pub enums: Vec<EnumId>,
    /// Services.
    pub services: Vec<ServiceId>,
    /// Top-level extensions.
    pub extensions: Vec<FieldId>,
    /// Decoded options.
    pub options: FileOptions,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
    /// Resolved features.
    pub features: Features,
    pub(crate) source_code_info: Bytes,
}

/// Where an element is declared: in a file, or inside a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The enclosing message.
    pub parent: Option<MessageId>,
    /// Position among its siblings of the same kind, as in the descriptor.
    pub index: u32,
}

/// A range of numbers, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberRange {
    /// First number.
    pub start: i32,
    /// Last number.
    pub end: i32,
}

impl NumberRange {
    /// Whether `number` is inside.
    #[must_use]
    pub fn contains(self, number: i32) -> bool {
        self.start <= number && number <= self.end
    }
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Short name.
    pub name: String,
    /// Package and nested name, no leading dot.
    pub full_name: String,
    /// Where it is declared.
    pub place: Place,
    /// Fields in source order.
    pub fields: Vec<FieldId>,
    /// Oneofs in descriptor order: real ones first, then synthetic ones.
    pub oneofs: Vec<Oneof>,
    /// Nested messages.
    pub messages: Vec<MessageId>,
    /// Nested enums.
    pub enums: Vec<EnumId>,
    /// Extensions declared inside.
    pub extensions: Vec<FieldId>,
    /// Extension ranges.
    pub extension_ranges: Vec<NumberRange>,
    /// Reserved ranges.
    pub reserved_ranges: Vec<NumberRange>,
    /// Reserved names.
    pub reserved_names: Vec<String>,
    /// Decoded options.
    pub options: MessageOptions,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
    /// Resolved features.
    pub features: Features,
    /// The synthetic entry of a map field.
    pub is_map_entry: bool,
}

/// A oneof.
#[derive(Debug, Clone)]
pub struct Oneof {
    /// Short name.
    pub name: String,
    /// Made by the compiler for a proto3 `optional` field.
    pub synthetic: bool,
    /// Members in source order.
    pub fields: Vec<FieldId>,
    /// Options as bytes.
    pub raw_options: Bytes,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "names are protobuf's own")]
pub enum Kind {
    Double,
    Float,
    Int64,
    Uint64,
    Int32,
    Fixed64,
    Fixed32,
    Bool,
    String,
    /// A delimited message: a proto2 group, or `message_encoding = DELIMITED`.
    Group(MessageId),
    Message(MessageId),
    Bytes,
    Uint32,
    Enum(EnumId),
    Sfixed32,
    Sfixed64,
    Sint32,
    Sint64,
}

/// How many values a field holds, and whether its absence can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// `repeated`.
    Repeated,
    /// `map<…>`.
    Map,
    /// proto2 `required`, or `LEGACY_REQUIRED`.
    Required,
    /// At most one, absence visible.
    Explicit,
    /// At most one, the default stands for absence.
    Implicit,
}

/// A field, or an extension.
#[derive(Debug, Clone)]
pub struct Field {
    /// Short name.
    pub name: String,
    /// Full name.
    pub full_name: String,
    /// Where it is declared. For a field, `parent` is its message; for an extension the message it is written in, if any.
    pub place: Place,
    /// Number.
    pub number: i32,
    /// Resolved type.
    pub kind: Kind,
    /// Resolved cardinality.
    pub cardinality: Cardinality,
    /// The label is `required` in the descriptor (proto2 only).
    pub label_required: bool,
    /// JSON name: `json_name` if given, else lowerCamel of the name.
    pub json_name: String,
    /// The oneof it belongs to, an index into its message's `oneofs`; synthetic ones too.
    pub oneof: Option<u32>,
    /// Explicit default, as text in the form of `FieldDescriptorProto.default_value`.
    pub default_value: Option<String>,
    /// For an extension: full name of the extended message.
    pub extendee: Option<String>,
    /// Decoded options, boxed because most fields have none.
    pub options: Option<Box<FieldOptions>>,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
    /// Resolved features.
    pub features: Features,
}

impl Field {
    /// Whether the element is an extension.
    #[must_use]
    pub fn is_extension(&self) -> bool {
        self.extendee.is_some()
    }

    /// Whether the JSON name is the one that follows from the name.
    #[must_use]
    pub fn has_derived_json_name(&self) -> bool {
        self.json_name == super::link::json_name(&self.name)
    }

    /// `repeated` or `map`.
    #[must_use]
    pub fn is_list_or_map(&self) -> bool {
        matches!(self.cardinality, Cardinality::Repeated | Cardinality::Map)
    }

    /// Marked as secret by `protogate.v1.field` or `debug_redact`.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.options.as_ref().is_some_and(|options| {
            options.debug_redact.unwrap_or(false)
                || options.policy.as_ref().is_some_and(|policy| policy.sensitive)
        })
    }
}

/// An enum.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Short name.
    pub name: String,
    /// Package and nested name, no leading dot.
    pub full_name: String,
    /// Where it is declared.
    pub place: Place,
    /// Values in source order.
    pub values: Vec<ValueId>,
    /// Reserved ranges.
    pub reserved_ranges: Vec<NumberRange>,
    /// Reserved names.
    pub reserved_names: Vec<String>,
    /// Decoded options.
    pub options: EnumOptions,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
    /// Resolved features.
    pub features: Features,
}

/// A value of an enum.
#[derive(Debug, Clone)]
pub struct Value {
    /// Short name.
    pub name: String,
    /// Number.
    pub number: i32,
    /// The enum.
    pub parent: EnumId,
    /// Position among the values.
    pub index: u32,
    /// Decoded options, boxed because most values have none.
    pub options: Option<Box<EnumValueOptions>>,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Short name.
    pub name: String,
    /// Full name.
    pub full_name: String,
    /// The file.
    pub file: FileId,
    /// Position among the file's services.
    pub index: u32,
    /// Methods in source order.
    pub methods: Vec<MethodId>,
    /// Decoded options.
    pub options: ServiceOptions,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
}

/// An rpc.
#[derive(Debug, Clone)]
pub struct Method {
    /// Short name.
    pub name: String,
    /// Full name, dots only: `acme.v1.Service.Method`.
    pub full_name: String,
    /// The service.
    pub service: ServiceId,
    /// Position among the service's methods.
    pub index: u32,
    /// Request message.
    pub input: MessageId,
    /// Response message.
    pub output: MessageId,
    /// The caller sends a stream.
    pub client_streaming: bool,
    /// The server sends a stream.
    pub server_streaming: bool,
    /// Decoded options.
    pub options: MethodOptions,
    /// Options as bytes, custom ones included.
    pub raw_options: Bytes,
}
