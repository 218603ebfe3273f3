//! `google/protobuf/api.proto`, `source_context.proto` and `type.proto` for the structs of `prost-types`, so that a message may have
//! fields of these types.
//!
//! Data only, one row per field in the order of the proto file.

use super::error_details::messages;
use super::table::{EnumTable, Field, Fields, Kind, Presence, Shape, Slot, Table, View};

static SYNTAX: EnumTable = EnumTable {
    name: "google.protobuf.Syntax",
    by_name: &[("SYNTAX_PROTO2", 0), ("SYNTAX_PROTO3", 1)],
    by_number: &[(0, "SYNTAX_PROTO2"), (1, "SYNTAX_PROTO3")],
};

static FIELD_KIND: EnumTable = EnumTable {
    name: "google.protobuf.Field.Kind",
    by_name: &[
        ("TYPE_BOOL", 8),
        ("TYPE_BYTES", 12),
        ("TYPE_DOUBLE", 1),
        ("TYPE_ENUM", 14),
        ("TYPE_FIXED32", 7),
        ("TYPE_FIXED64", 6),
        ("TYPE_FLOAT", 2),
        ("TYPE_GROUP", 10),
        ("TYPE_INT32", 5),
        ("TYPE_INT64", 3),
        ("TYPE_MESSAGE", 11),
        ("TYPE_SFIXED32", 15),
        ("TYPE_SFIXED64", 16),
        ("TYPE_SINT32", 17),
        ("TYPE_SINT64", 18),
        ("TYPE_STRING", 9),
        ("TYPE_UINT32", 13),
        ("TYPE_UINT64", 4),
        ("TYPE_UNKNOWN", 0),
    ],
    by_number: &[
        (0, "TYPE_UNKNOWN"),
        (1, "TYPE_DOUBLE"),
        (2, "TYPE_FLOAT"),
        (3, "TYPE_INT64"),
        (4, "TYPE_UINT64"),
        (5, "TYPE_INT32"),
        (6, "TYPE_FIXED64"),
        (7, "TYPE_FIXED32"),
        (8, "TYPE_BOOL"),
        (9, "TYPE_STRING"),
        (10, "TYPE_GROUP"),
        (11, "TYPE_MESSAGE"),
        (12, "TYPE_BYTES"),
        (13, "TYPE_UINT32"),
        (14, "TYPE_ENUM"),
        (15, "TYPE_SFIXED32"),
        (16, "TYPE_SFIXED64"),
        (17, "TYPE_SINT32"),
        (18, "TYPE_SINT64"),
    ],
};

static FIELD_CARDINALITY: EnumTable = EnumTable {
    name: "google.protobuf.Field.Cardinality",
    by_name: &[
        ("CARDINALITY_OPTIONAL", 1),
        ("CARDINALITY_REPEATED", 3),
        ("CARDINALITY_REQUIRED", 2),
        ("CARDINALITY_UNKNOWN", 0),
    ],
    by_number: &[
        (0, "CARDINALITY_UNKNOWN"),
        (1, "CARDINALITY_OPTIONAL"),
        (2, "CARDINALITY_REQUIRED"),
        (3, "CARDINALITY_REPEATED"),
    ],
};

messages! {
    prost_types::SourceContext: "google.protobuf.SourceContext" {
        0: file_name, "file_name", "fileName", 1, One, Implicit, Kind::String, one;
    }
    prost_types::Type: "google.protobuf.Type" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: fields, "fields", "fields", 2, List, Implicit, Kind::Message(prost_types::Field::table_of), list;
        2: oneofs, "oneofs", "oneofs", 3, List, Implicit, Kind::String, list;
        3: options, "options", "options", 4, List, Implicit, Kind::Message(prost_types::Option::table_of), list;
        4: source_context, "source_context", "sourceContext", 5, One, Explicit, Kind::Message(prost_types::SourceContext::table_of), maybe;
        5: syntax, "syntax", "syntax", 6, One, Implicit, Kind::Enum(&SYNTAX), one;
    }
    prost_types::Field: "google.protobuf.Field" {
        0: kind, "kind", "kind", 1, One, Implicit, Kind::Enum(&FIELD_KIND), one;
        1: cardinality, "cardinality", "cardinality", 2, One, Implicit, Kind::Enum(&FIELD_CARDINALITY), one;
        2: number, "number", "number", 3, One, Implicit, Kind::Int32, one;
        3: name, "name", "name", 4, One, Implicit, Kind::String, one;
        4: type_url, "type_url", "typeUrl", 6, One, Implicit, Kind::String, one;
        5: oneof_index, "oneof_index", "oneofIndex", 7, One, Implicit, Kind::Int32, one;
        6: packed, "packed", "packed", 8, One, Implicit, Kind::Bool, one;
        7: options, "options", "options", 9, List, Implicit, Kind::Message(prost_types::Option::table_of), list;
        8: json_name, "json_name", "jsonName", 10, One, Implicit, Kind::String, one;
        9: default_value, "default_value", "defaultValue", 11, One, Implicit, Kind::String, one;
    }
    prost_types::Enum: "google.protobuf.Enum" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: enumvalue, "enumvalue", "enumvalue", 2, List, Implicit, Kind::Message(prost_types::EnumValue::table_of), list;
        2: options, "options", "options", 3, List, Implicit, Kind::Message(prost_types::Option::table_of), list;
        3: source_context, "source_context", "sourceContext", 4, One, Explicit, Kind::Message(prost_types::SourceContext::table_of), maybe;
        4: syntax, "syntax", "syntax", 5, One, Implicit, Kind::Enum(&SYNTAX), one;
    }
    prost_types::EnumValue: "google.protobuf.EnumValue" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: number, "number", "number", 2, One, Implicit, Kind::Int32, one;
        2: options, "options", "options", 3, List, Implicit, Kind::Message(prost_types::Option::table_of), list;
    }
    prost_types::Option: "google.protobuf.Option" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: value, "value", "value", 2, One, Explicit, Kind::Any, maybe;
    }
    prost_types::Api: "google.protobuf.Api" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: methods, "methods", "methods", 2, List, Implicit, Kind::Message(prost_types::Method::table_of), list;
        2: options, "options", "options", 3, List, Implicit, Kind::Message(prost_types::Option::table_of), list;
        3: version, "version", "version", 4, One, Implicit, Kind::String, one;
        4: source_context, "source_context", "sourceContext", 5, One, Explicit, Kind::Message(prost_types::SourceContext::table_of), maybe;
        5: mixins, "mixins", "mixins", 6, List, Implicit, Kind::Message(prost_types::Mixin::table_of), list;
        6: syntax, "syntax", "syntax", 7, One, Implicit, Kind::Enum(&SYNTAX), one;
    }
    prost_types::Method: "google.protobuf.Method" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: request_type_url, "request_type_url", "requestTypeUrl", 2, One, Implicit, Kind::String, one;
        2: request_streaming, "request_streaming", "requestStreaming", 3, One, Implicit, Kind::Bool, one;
        3: response_type_url, "response_type_url", "responseTypeUrl", 4, One, Implicit, Kind::String, one;
        4: response_streaming, "response_streaming", "responseStreaming", 5, One, Implicit, Kind::Bool, one;
        5: options, "options", "options", 6, List, Implicit, Kind::Message(prost_types::Option::table_of), list;
        6: syntax, "syntax", "syntax", 7, One, Implicit, Kind::Enum(&SYNTAX), one;
    }
    prost_types::Mixin: "google.protobuf.Mixin" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: root, "root", "root", 2, One, Implicit, Kind::String, one;
    }
}
