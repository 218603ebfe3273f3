//! `descriptor.proto` as Rust structs that lose nothing.
//!
//! `prost-types` drops every option that it does not know, and ours are such options; it also knows neither editions nor
//! features. Here options and source info stay raw bytes (slices of the input, not copies) and are decoded where they are
//! needed, by [`crate::model`]. Field numbers are those of `google/protobuf/descriptor.proto`.

use bytes::Bytes;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FileDescriptorSet {
    #[prost(message, repeated, tag = "1")]
    pub(crate) file: Vec<FileDescriptorProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FileDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) package: String,
    #[prost(string, repeated, tag = "3")]
    pub(crate) dependency: Vec<String>,
    #[prost(int32, repeated, packed = "false", tag = "10")]
    pub(crate) public_dependency: Vec<i32>,
    #[prost(int32, repeated, packed = "false", tag = "11")]
    pub(crate) weak_dependency: Vec<i32>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) message_type: Vec<DescriptorProto>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) enum_type: Vec<EnumDescriptorProto>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) service: Vec<ServiceDescriptorProto>,
    #[prost(message, repeated, tag = "7")]
    pub(crate) extension: Vec<FieldDescriptorProto>,
    #[prost(bytes = "bytes", tag = "8")]
    pub(crate) options: Bytes,
    #[prost(bytes = "bytes", tag = "9")]
    pub(crate) source_code_info: Bytes,
    #[prost(string, tag = "12")]
    pub(crate) syntax: String,
    #[prost(int32, tag = "14")]
    pub(crate) edition: i32,
    /// Of buf's images, and ours: no field of `descriptor.proto`.
    #[prost(message, optional, tag = "8042")]
    pub(crate) mark: Option<Mark>,
}

/// What the compiler of a file notes about it: `buf.alpha.image.v1.ImageFileExtension`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(crate) struct Mark {
    #[prost(bool, tag = "1")]
    pub(crate) is_import: bool,
    #[prost(bool, tag = "3")]
    pub(crate) is_syntax_unspecified: bool,
    #[prost(int32, repeated, tag = "4")]
    pub(crate) unused_dependency: Vec<i32>,
}

#[allow(clippy::use_self, reason = "prost names the field's type outside the struct")]
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) field: Vec<FieldDescriptorProto>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) nested_type: Vec<DescriptorProto>,
    #[prost(message, repeated, tag = "4")]
    pub(crate) enum_type: Vec<EnumDescriptorProto>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) extension_range: Vec<Range>,
    #[prost(message, repeated, tag = "6")]
    pub(crate) extension: Vec<FieldDescriptorProto>,
    #[prost(bytes = "bytes", tag = "7")]
    pub(crate) options: Bytes,
    #[prost(message, repeated, tag = "8")]
    pub(crate) oneof_decl: Vec<OneofDescriptorProto>,
    #[prost(message, repeated, tag = "9")]
    pub(crate) reserved_range: Vec<Range>,
    #[prost(string, repeated, tag = "10")]
    pub(crate) reserved_name: Vec<String>,
}

/// A range of numbers; whether `end` is inclusive depends on its owner (exclusive in messages, inclusive in enums).
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Range {
    #[prost(int32, tag = "1")]
    pub(crate) start: i32,
    #[prost(int32, tag = "2")]
    pub(crate) end: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FieldDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) extendee: String,
    #[prost(int32, tag = "3")]
    pub(crate) number: i32,
    #[prost(int32, tag = "4")]
    pub(crate) label: i32,
    #[prost(int32, tag = "5")]
    pub(crate) r#type: i32,
    #[prost(string, tag = "6")]
    pub(crate) type_name: String,
    #[prost(string, optional, tag = "7")]
    pub(crate) default_value: Option<String>,
    #[prost(bytes = "bytes", tag = "8")]
    pub(crate) options: Bytes,
    #[prost(int32, optional, tag = "9")]
    pub(crate) oneof_index: Option<i32>,
    #[prost(string, optional, tag = "10")]
    pub(crate) json_name: Option<String>,
    #[prost(bool, tag = "17")]
    pub(crate) proto3_optional: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct OneofDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) options: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EnumDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) value: Vec<EnumValueDescriptorProto>,
    #[prost(bytes = "bytes", tag = "3")]
    pub(crate) options: Bytes,
    #[prost(message, repeated, tag = "4")]
    pub(crate) reserved_range: Vec<Range>,
    #[prost(string, repeated, tag = "5")]
    pub(crate) reserved_name: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EnumValueDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(int32, tag = "2")]
    pub(crate) number: i32,
    #[prost(bytes = "bytes", tag = "3")]
    pub(crate) options: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ServiceDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) method: Vec<MethodDescriptorProto>,
    #[prost(bytes = "bytes", tag = "3")]
    pub(crate) options: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MethodDescriptorProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) input_type: String,
    #[prost(string, tag = "3")]
    pub(crate) output_type: String,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) options: Bytes,
    #[prost(bool, tag = "5")]
    pub(crate) client_streaming: bool,
    #[prost(bool, tag = "6")]
    pub(crate) server_streaming: bool,
}

/// The comments of a location; paths and spans are read by [`crate::model::span`].
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Location {
    #[prost(string, tag = "3")]
    pub(crate) leading_comments: String,
    #[prost(string, tag = "4")]
    pub(crate) trailing_comments: String,
    #[prost(string, repeated, tag = "6")]
    pub(crate) leading_detached_comments: Vec<String>,
}
