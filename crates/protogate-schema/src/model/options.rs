//! The options that rules, generators and the runtime read: the standard ones, and the extensions by their numbers.
//!
//! Decoding an options message with these structs reads extensions without reflection and without generated code of our own.
//! What is not listed stays in the raw bytes of the element. Extension numbers: `google.api.http` 72295728, `google.api.default_host` 1049,
//! `google.api.field_behavior` 1052, `google.api.resource` 1053, `google.api.resource_reference` 1055,
//! `protogate.v1.*` 60430.

use prost_types::Duration;

/// `google.protobuf.FileOptions`.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct FileOptions {
    #[prost(string, optional, tag = "1")]
    pub java_package: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub java_outer_classname: Option<String>,
    #[prost(int32, optional, tag = "9")]
    pub optimize_for: Option<i32>,
    #[prost(bool, optional, tag = "10")]
    pub java_multiple_files: Option<bool>,
    #[prost(string, optional, tag = "11")]
    pub go_package: Option<String>,
    #[prost(bool, optional, tag = "16")]
    pub cc_generic_services: Option<bool>,
    #[prost(bool, optional, tag = "17")]
    pub java_generic_services: Option<bool>,
    #[prost(bool, optional, tag = "18")]
    pub py_generic_services: Option<bool>,
    #[prost(bool, optional, tag = "23")]
    pub deprecated: Option<bool>,
    #[prost(bool, optional, tag = "27")]
    pub java_string_check_utf8: Option<bool>,
    #[prost(bool, optional, tag = "31")]
    pub cc_enable_arenas: Option<bool>,
    #[prost(string, optional, tag = "36")]
    pub objc_class_prefix: Option<String>,
    #[prost(string, optional, tag = "37")]
    pub csharp_namespace: Option<String>,
    #[prost(string, optional, tag = "39")]
    pub swift_prefix: Option<String>,
    #[prost(string, optional, tag = "40")]
    pub php_class_prefix: Option<String>,
    #[prost(string, optional, tag = "41")]
    pub php_namespace: Option<String>,
    #[prost(string, optional, tag = "44")]
    pub php_metadata_namespace: Option<String>,
    #[prost(string, optional, tag = "45")]
    pub ruby_package: Option<String>,
    #[prost(message, optional, tag = "50")]
    pub features: Option<FeatureSet>,
    /// `google.api.resource_definition`.
    #[prost(message, repeated, tag = "1053")]
    pub resource_definitions: Vec<ResourceDescriptor>,
}

/// `google.protobuf.FeatureSet`, as written on one element. 0 means not set.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct FeatureSet {
    #[prost(int32, tag = "1")]
    pub field_presence: i32,
    #[prost(int32, tag = "2")]
    pub enum_type: i32,
    #[prost(int32, tag = "3")]
    pub repeated_field_encoding: i32,
    #[prost(int32, tag = "4")]
    pub utf8_validation: i32,
    #[prost(int32, tag = "5")]
    pub message_encoding: i32,
    #[prost(int32, tag = "6")]
    pub json_format: i32,
}

/// `google.protobuf.MessageOptions`.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct MessageOptions {
    #[prost(bool, optional, tag = "1")]
    pub message_set_wire_format: Option<bool>,
    #[prost(bool, optional, tag = "2")]
    pub no_standard_descriptor_accessor: Option<bool>,
    #[prost(bool, optional, tag = "3")]
    pub deprecated: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub map_entry: Option<bool>,
    #[prost(message, optional, tag = "12")]
    pub features: Option<FeatureSet>,
    /// `google.api.resource`, boxed because few messages have one.
    #[prost(message, optional, boxed, tag = "1053")]
    pub resource: Option<Box<ResourceDescriptor>>,
}

/// `google.protobuf.FieldOptions`, with the extensions that protogate reads.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct FieldOptions {
    #[prost(int32, optional, tag = "1")]
    pub ctype: Option<i32>,
    #[prost(bool, optional, tag = "2")]
    pub packed: Option<bool>,
    #[prost(bool, optional, tag = "3")]
    pub deprecated: Option<bool>,
    #[prost(int32, optional, tag = "6")]
    pub jstype: Option<i32>,
    #[prost(bool, optional, tag = "16")]
    pub debug_redact: Option<bool>,
    #[prost(message, optional, tag = "21")]
    pub features: Option<FeatureSet>,
    /// `google.api.field_behavior`.
    #[prost(int32, repeated, packed = "false", tag = "1052")]
    pub field_behavior: Vec<i32>,
    /// `google.api.resource_reference`.
    #[prost(message, optional, tag = "1055")]
    pub resource_reference: Option<ResourceReference>,
    /// `protogate.v1.field`.
    #[prost(message, optional, tag = "60430")]
    pub policy: Option<FieldPolicy>,
}

/// `protogate.v1.FieldPolicy`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct FieldPolicy {
    /// The value is secret.
    #[prost(bool, tag = "1")]
    pub sensitive: bool,
}

/// `google.protobuf.OneofOptions`.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct OneofOptions {
    #[prost(message, optional, tag = "1")]
    pub features: Option<FeatureSet>,
}

/// `google.protobuf.EnumOptions`, with the extensions that protogate reads.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct EnumOptions {
    #[prost(bool, optional, tag = "2")]
    pub allow_alias: Option<bool>,
    #[prost(bool, optional, tag = "3")]
    pub deprecated: Option<bool>,
    #[prost(message, optional, tag = "7")]
    pub features: Option<FeatureSet>,
    /// `protogate.v1.error_catalog`.
    #[prost(message, optional, tag = "60430")]
    pub error_catalog: Option<RawErrorCatalog>,
}

/// `protogate.v1.ErrorCatalog` as written.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of protogate/v1/annotations.proto")]
pub struct RawErrorCatalog {
    #[prost(string, tag = "1")]
    pub domain: String,
    #[prost(string, tag = "2")]
    pub default_locale: String,
    #[prost(string, repeated, tag = "3")]
    pub locales: Vec<String>,
}

/// `google.protobuf.EnumValueOptions`, with the extensions that protogate reads.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of descriptor.proto")]
pub struct EnumValueOptions {
    #[prost(bool, optional, tag = "1")]
    pub deprecated: Option<bool>,
    /// `protogate.v1.error`.
    #[prost(message, optional, tag = "60430")]
    pub error: Option<RawErrorSpec>,
}

/// `protogate.v1.ErrorSpec` as written.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of protogate/v1/annotations.proto")]
pub struct RawErrorSpec {
    #[prost(string, tag = "1")]
    pub code: String,
    #[prost(string, tag = "2")]
    pub grpc_code: String,
    #[prost(uint32, tag = "3")]
    pub http_status: u32,
    #[prost(bool, tag = "4")]
    pub retryable: bool,
    #[prost(message, optional, tag = "5")]
    pub retry_delay: Option<Duration>,
    #[prost(message, repeated, tag = "6")]
    pub texts: Vec<LocalizedText>,
}

/// `protogate.v1.LocalizedText`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct LocalizedText {
    /// BCP 47 tag.
    #[prost(string, tag = "1")]
    pub locale: String,
    /// The text with `{placeholders}`.
    #[prost(string, tag = "2")]
    pub text: String,
}

/// `google.protobuf.ServiceOptions`, with the extensions that protogate reads.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ServiceOptions {
    /// Deprecated as a whole.
    #[prost(bool, optional, tag = "33")]
    pub deprecated: Option<bool>,
    /// `google.api.default_host`.
    #[prost(string, optional, tag = "1049")]
    pub default_host: Option<String>,
    /// `protogate.v1.default_policy`.
    #[prost(message, optional, tag = "60430")]
    pub default_policy: Option<RawPolicy>,
}

/// `google.protobuf.MethodOptions`, with the extensions that protogate reads.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MethodOptions {
    /// Deprecated.
    #[prost(bool, optional, tag = "33")]
    pub deprecated: Option<bool>,
    /// `IdempotencyLevel`: 0 unknown, 1 no side effects, 2 idempotent.
    #[prost(int32, optional, tag = "34")]
    pub idempotency_level: Option<i32>,
    /// `google.longrunning.operation_info`.
    #[prost(message, optional, tag = "1049")]
    pub operation_info: Option<OperationInfo>,
    /// `google.api.http`.
    #[prost(message, optional, tag = "72295728")]
    pub http: Option<HttpRule>,
    /// `protogate.v1.policy`.
    #[prost(message, optional, tag = "60430")]
    pub policy: Option<RawPolicy>,
}

/// `protogate.v1.MethodPolicy` as written on one element.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of protogate/v1/annotations.proto")]
pub struct RawPolicy {
    #[prost(bool, tag = "1")]
    pub public: bool,
    #[prost(string, repeated, tag = "2")]
    pub roles: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub permissions: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub timeout: Option<Duration>,
    #[prost(message, optional, tag = "5")]
    pub rate_limit: Option<RawRateLimit>,
    #[prost(bool, tag = "6")]
    pub audit: bool,
}

/// `protogate.v1.RateLimit` as written.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of protogate/v1/annotations.proto")]
pub struct RawRateLimit {
    #[prost(double, tag = "1")]
    pub per_second: f64,
    #[prost(uint32, tag = "2")]
    pub burst: u32,
    #[prost(int32, tag = "3")]
    pub key: i32,
}

/// `google.api.ResourceDescriptor`, without what only code generators of one language read.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of google/api/resource.proto")]
pub struct ResourceDescriptor {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, repeated, tag = "2")]
    pub pattern: Vec<String>,
    #[prost(string, tag = "3")]
    pub name_field: String,
}

/// `google.api.ResourceReference`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of google/api/resource.proto")]
pub struct ResourceReference {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, tag = "2")]
    pub child_type: String,
}

/// `google.longrunning.OperationInfo`.
#[derive(Clone, PartialEq, Eq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of google/longrunning/operations.proto")]
pub struct OperationInfo {
    #[prost(string, tag = "1")]
    pub response_type: String,
    #[prost(string, tag = "2")]
    pub metadata_type: String,
}

/// `google.api.HttpRule`.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of google/api/http.proto")]
pub struct HttpRule {
    #[prost(string, tag = "1")]
    pub selector: String,
    #[prost(oneof = "HttpPattern", tags = "2, 3, 4, 5, 6, 8")]
    pub pattern: Option<HttpPattern>,
    #[prost(string, tag = "7")]
    pub body: String,
    #[prost(string, tag = "12")]
    pub response_body: String,
    #[prost(message, repeated, tag = "11")]
    pub additional_bindings: Vec<Self>,
}

/// `google.api.HttpRule.pattern`.
#[derive(Clone, PartialEq, prost::Oneof)]
#[allow(missing_docs, reason = "names and meanings are those of google/api/http.proto")]
pub enum HttpPattern {
    #[prost(string, tag = "2")]
    Get(String),
    #[prost(string, tag = "3")]
    Put(String),
    #[prost(string, tag = "4")]
    Post(String),
    #[prost(string, tag = "5")]
    Delete(String),
    #[prost(string, tag = "6")]
    Patch(String),
    #[prost(message, tag = "8")]
    Custom(CustomHttpPattern),
}

/// `google.api.CustomHttpPattern`.
#[derive(Clone, PartialEq, prost::Message)]
#[allow(missing_docs, reason = "names and meanings are those of google/api/http.proto")]
pub struct CustomHttpPattern {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub path: String,
}
