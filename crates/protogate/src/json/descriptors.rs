//! `google/protobuf/descriptor.proto` for the structs of `prost-types`, so that a message may have fields of these
//! types.
//!
//! Data only, one row per field in the order of the proto file.

use super::error_details::messages;
use super::table::{EnumTable, Field, Fields, Kind, Presence, Shape, Slot, Table, View};

static FIELD_DESCRIPTOR_PROTO_LABEL: EnumTable = EnumTable {
    name: "google.protobuf.FieldDescriptorProto.Label",
    by_name: &[("LABEL_OPTIONAL", 1), ("LABEL_REPEATED", 3), ("LABEL_REQUIRED", 2)],
    by_number: &[(1, "LABEL_OPTIONAL"), (2, "LABEL_REQUIRED"), (3, "LABEL_REPEATED")],
};

static FIELD_DESCRIPTOR_PROTO_TYPE: EnumTable = EnumTable {
    name: "google.protobuf.FieldDescriptorProto.Type",
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
    ],
    by_number: &[
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

static FILE_OPTIONS_OPTIMIZEMODE: EnumTable = EnumTable {
    name: "google.protobuf.FileOptions.OptimizeMode",
    by_name: &[("CODE_SIZE", 2), ("LITE_RUNTIME", 3), ("SPEED", 1)],
    by_number: &[(1, "SPEED"), (2, "CODE_SIZE"), (3, "LITE_RUNTIME")],
};

static FIELD_OPTIONS_CTYPE: EnumTable = EnumTable {
    name: "google.protobuf.FieldOptions.CType",
    by_name: &[("CORD", 1), ("STRING", 0), ("STRING_PIECE", 2)],
    by_number: &[(0, "STRING"), (1, "CORD"), (2, "STRING_PIECE")],
};

static FIELD_OPTIONS_JSTYPE: EnumTable = EnumTable {
    name: "google.protobuf.FieldOptions.JsType",
    by_name: &[("JS_NORMAL", 0), ("JS_NUMBER", 2), ("JS_STRING", 1)],
    by_number: &[(0, "JS_NORMAL"), (1, "JS_STRING"), (2, "JS_NUMBER")],
};

static METHOD_OPTIONS_IDEMPOTENCYLEVEL: EnumTable = EnumTable {
    name: "google.protobuf.MethodOptions.IdempotencyLevel",
    by_name: &[("IDEMPOTENCY_UNKNOWN", 0), ("IDEMPOTENT", 2), ("NO_SIDE_EFFECTS", 1)],
    by_number: &[(0, "IDEMPOTENCY_UNKNOWN"), (1, "NO_SIDE_EFFECTS"), (2, "IDEMPOTENT")],
};

messages! {
    prost_types::FileDescriptorSet: "google.protobuf.FileDescriptorSet" {
        0: file, "file", "file", 1, List, Implicit, Kind::Message(prost_types::FileDescriptorProto::table_of), list;
    }
    prost_types::FileDescriptorProto: "google.protobuf.FileDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: package, "package", "package", 2, One, Explicit, Kind::String, maybe;
        2: dependency, "dependency", "dependency", 3, List, Implicit, Kind::String, list;
        3: public_dependency, "public_dependency", "publicDependency", 10, List, Implicit, Kind::Int32, list;
        4: weak_dependency, "weak_dependency", "weakDependency", 11, List, Implicit, Kind::Int32, list;
        5: message_type, "message_type", "messageType", 4, List, Implicit, Kind::Message(prost_types::DescriptorProto::table_of), list;
        6: enum_type, "enum_type", "enumType", 5, List, Implicit, Kind::Message(prost_types::EnumDescriptorProto::table_of), list;
        7: service, "service", "service", 6, List, Implicit, Kind::Message(prost_types::ServiceDescriptorProto::table_of), list;
        8: extension, "extension", "extension", 7, List, Implicit, Kind::Message(prost_types::FieldDescriptorProto::table_of), list;
        9: options, "options", "options", 8, One, Explicit, Kind::Message(prost_types::FileOptions::table_of), maybe;
        10: source_code_info, "source_code_info", "sourceCodeInfo", 9, One, Explicit, Kind::Message(prost_types::SourceCodeInfo::table_of), maybe;
        11: syntax, "syntax", "syntax", 12, One, Explicit, Kind::String, maybe;
    }
    prost_types::DescriptorProto: "google.protobuf.DescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: field, "field", "field", 2, List, Implicit, Kind::Message(prost_types::FieldDescriptorProto::table_of), list;
        2: extension, "extension", "extension", 6, List, Implicit, Kind::Message(prost_types::FieldDescriptorProto::table_of), list;
        3: nested_type, "nested_type", "nestedType", 3, List, Implicit, Kind::Message(prost_types::DescriptorProto::table_of), list;
        4: enum_type, "enum_type", "enumType", 4, List, Implicit, Kind::Message(prost_types::EnumDescriptorProto::table_of), list;
        5: extension_range, "extension_range", "extensionRange", 5, List, Implicit, Kind::Message(prost_types::descriptor_proto::ExtensionRange::table_of), list;
        6: oneof_decl, "oneof_decl", "oneofDecl", 8, List, Implicit, Kind::Message(prost_types::OneofDescriptorProto::table_of), list;
        7: options, "options", "options", 7, One, Explicit, Kind::Message(prost_types::MessageOptions::table_of), maybe;
        8: reserved_range, "reserved_range", "reservedRange", 9, List, Implicit, Kind::Message(prost_types::descriptor_proto::ReservedRange::table_of), list;
        9: reserved_name, "reserved_name", "reservedName", 10, List, Implicit, Kind::String, list;
    }
    prost_types::descriptor_proto::ExtensionRange: "google.protobuf.DescriptorProto.ExtensionRange" {
        0: start, "start", "start", 1, One, Explicit, Kind::Int32, maybe;
        1: end, "end", "end", 2, One, Explicit, Kind::Int32, maybe;
        2: options, "options", "options", 3, One, Explicit, Kind::Message(prost_types::ExtensionRangeOptions::table_of), maybe;
    }
    prost_types::descriptor_proto::ReservedRange: "google.protobuf.DescriptorProto.ReservedRange" {
        0: start, "start", "start", 1, One, Explicit, Kind::Int32, maybe;
        1: end, "end", "end", 2, One, Explicit, Kind::Int32, maybe;
    }
    prost_types::ExtensionRangeOptions: "google.protobuf.ExtensionRangeOptions" {
        0: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::FieldDescriptorProto: "google.protobuf.FieldDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: number, "number", "number", 3, One, Explicit, Kind::Int32, maybe;
        2: label, "label", "label", 4, One, Explicit, Kind::Enum(&FIELD_DESCRIPTOR_PROTO_LABEL), maybe;
        3: r#type, "type", "type", 5, One, Explicit, Kind::Enum(&FIELD_DESCRIPTOR_PROTO_TYPE), maybe;
        4: type_name, "type_name", "typeName", 6, One, Explicit, Kind::String, maybe;
        5: extendee, "extendee", "extendee", 2, One, Explicit, Kind::String, maybe;
        6: default_value, "default_value", "defaultValue", 7, One, Explicit, Kind::String, maybe;
        7: oneof_index, "oneof_index", "oneofIndex", 9, One, Explicit, Kind::Int32, maybe;
        8: json_name, "json_name", "jsonName", 10, One, Explicit, Kind::String, maybe;
        9: options, "options", "options", 8, One, Explicit, Kind::Message(prost_types::FieldOptions::table_of), maybe;
        10: proto3_optional, "proto3_optional", "proto3Optional", 17, One, Explicit, Kind::Bool, maybe;
    }
    prost_types::OneofDescriptorProto: "google.protobuf.OneofDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: options, "options", "options", 2, One, Explicit, Kind::Message(prost_types::OneofOptions::table_of), maybe;
    }
    prost_types::EnumDescriptorProto: "google.protobuf.EnumDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: value, "value", "value", 2, List, Implicit, Kind::Message(prost_types::EnumValueDescriptorProto::table_of), list;
        2: options, "options", "options", 3, One, Explicit, Kind::Message(prost_types::EnumOptions::table_of), maybe;
        3: reserved_range, "reserved_range", "reservedRange", 4, List, Implicit, Kind::Message(prost_types::enum_descriptor_proto::EnumReservedRange::table_of), list;
        4: reserved_name, "reserved_name", "reservedName", 5, List, Implicit, Kind::String, list;
    }
    prost_types::enum_descriptor_proto::EnumReservedRange: "google.protobuf.EnumDescriptorProto.EnumReservedRange" {
        0: start, "start", "start", 1, One, Explicit, Kind::Int32, maybe;
        1: end, "end", "end", 2, One, Explicit, Kind::Int32, maybe;
    }
    prost_types::EnumValueDescriptorProto: "google.protobuf.EnumValueDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: number, "number", "number", 2, One, Explicit, Kind::Int32, maybe;
        2: options, "options", "options", 3, One, Explicit, Kind::Message(prost_types::EnumValueOptions::table_of), maybe;
    }
    prost_types::ServiceDescriptorProto: "google.protobuf.ServiceDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: method, "method", "method", 2, List, Implicit, Kind::Message(prost_types::MethodDescriptorProto::table_of), list;
        2: options, "options", "options", 3, One, Explicit, Kind::Message(prost_types::ServiceOptions::table_of), maybe;
    }
    prost_types::MethodDescriptorProto: "google.protobuf.MethodDescriptorProto" {
        0: name, "name", "name", 1, One, Explicit, Kind::String, maybe;
        1: input_type, "input_type", "inputType", 2, One, Explicit, Kind::String, maybe;
        2: output_type, "output_type", "outputType", 3, One, Explicit, Kind::String, maybe;
        3: options, "options", "options", 4, One, Explicit, Kind::Message(prost_types::MethodOptions::table_of), maybe;
        4: client_streaming, "client_streaming", "clientStreaming", 5, One, Explicit, Kind::Bool, maybe;
        5: server_streaming, "server_streaming", "serverStreaming", 6, One, Explicit, Kind::Bool, maybe;
    }
    prost_types::FileOptions: "google.protobuf.FileOptions" {
        0: java_package, "java_package", "javaPackage", 1, One, Explicit, Kind::String, maybe;
        1: java_outer_classname, "java_outer_classname", "javaOuterClassname", 8, One, Explicit, Kind::String, maybe;
        2: java_multiple_files, "java_multiple_files", "javaMultipleFiles", 10, One, Explicit, Kind::Bool, maybe;
        3: java_generate_equals_and_hash, "java_generate_equals_and_hash", "javaGenerateEqualsAndHash", 20, One, Explicit, Kind::Bool, maybe;
        4: java_string_check_utf8, "java_string_check_utf8", "javaStringCheckUtf8", 27, One, Explicit, Kind::Bool, maybe;
        5: optimize_for, "optimize_for", "optimizeFor", 9, One, Explicit, Kind::Enum(&FILE_OPTIONS_OPTIMIZEMODE), maybe;
        6: go_package, "go_package", "goPackage", 11, One, Explicit, Kind::String, maybe;
        7: cc_generic_services, "cc_generic_services", "ccGenericServices", 16, One, Explicit, Kind::Bool, maybe;
        8: java_generic_services, "java_generic_services", "javaGenericServices", 17, One, Explicit, Kind::Bool, maybe;
        9: py_generic_services, "py_generic_services", "pyGenericServices", 18, One, Explicit, Kind::Bool, maybe;
        10: php_generic_services, "php_generic_services", "phpGenericServices", 42, One, Explicit, Kind::Bool, maybe;
        11: deprecated, "deprecated", "deprecated", 23, One, Explicit, Kind::Bool, maybe;
        12: cc_enable_arenas, "cc_enable_arenas", "ccEnableArenas", 31, One, Explicit, Kind::Bool, maybe;
        13: objc_class_prefix, "objc_class_prefix", "objcClassPrefix", 36, One, Explicit, Kind::String, maybe;
        14: csharp_namespace, "csharp_namespace", "csharpNamespace", 37, One, Explicit, Kind::String, maybe;
        15: swift_prefix, "swift_prefix", "swiftPrefix", 39, One, Explicit, Kind::String, maybe;
        16: php_class_prefix, "php_class_prefix", "phpClassPrefix", 40, One, Explicit, Kind::String, maybe;
        17: php_namespace, "php_namespace", "phpNamespace", 41, One, Explicit, Kind::String, maybe;
        18: php_metadata_namespace, "php_metadata_namespace", "phpMetadataNamespace", 44, One, Explicit, Kind::String, maybe;
        19: ruby_package, "ruby_package", "rubyPackage", 45, One, Explicit, Kind::String, maybe;
        20: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::MessageOptions: "google.protobuf.MessageOptions" {
        0: message_set_wire_format, "message_set_wire_format", "messageSetWireFormat", 1, One, Explicit, Kind::Bool, maybe;
        1: no_standard_descriptor_accessor, "no_standard_descriptor_accessor", "noStandardDescriptorAccessor", 2, One, Explicit, Kind::Bool, maybe;
        2: deprecated, "deprecated", "deprecated", 3, One, Explicit, Kind::Bool, maybe;
        3: map_entry, "map_entry", "mapEntry", 7, One, Explicit, Kind::Bool, maybe;
        4: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::FieldOptions: "google.protobuf.FieldOptions" {
        0: ctype, "ctype", "ctype", 1, One, Explicit, Kind::Enum(&FIELD_OPTIONS_CTYPE), maybe;
        1: packed, "packed", "packed", 2, One, Explicit, Kind::Bool, maybe;
        2: jstype, "jstype", "jstype", 6, One, Explicit, Kind::Enum(&FIELD_OPTIONS_JSTYPE), maybe;
        3: lazy, "lazy", "lazy", 5, One, Explicit, Kind::Bool, maybe;
        4: deprecated, "deprecated", "deprecated", 3, One, Explicit, Kind::Bool, maybe;
        5: weak, "weak", "weak", 10, One, Explicit, Kind::Bool, maybe;
        6: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::OneofOptions: "google.protobuf.OneofOptions" {
        0: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::EnumOptions: "google.protobuf.EnumOptions" {
        0: allow_alias, "allow_alias", "allowAlias", 2, One, Explicit, Kind::Bool, maybe;
        1: deprecated, "deprecated", "deprecated", 3, One, Explicit, Kind::Bool, maybe;
        2: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::EnumValueOptions: "google.protobuf.EnumValueOptions" {
        0: deprecated, "deprecated", "deprecated", 1, One, Explicit, Kind::Bool, maybe;
        1: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::ServiceOptions: "google.protobuf.ServiceOptions" {
        0: deprecated, "deprecated", "deprecated", 33, One, Explicit, Kind::Bool, maybe;
        1: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::MethodOptions: "google.protobuf.MethodOptions" {
        0: deprecated, "deprecated", "deprecated", 33, One, Explicit, Kind::Bool, maybe;
        1: idempotency_level, "idempotency_level", "idempotencyLevel", 34, One, Explicit, Kind::Enum(&METHOD_OPTIONS_IDEMPOTENCYLEVEL), maybe;
        2: uninterpreted_option, "uninterpreted_option", "uninterpretedOption", 999, List, Implicit, Kind::Message(prost_types::UninterpretedOption::table_of), list;
    }
    prost_types::UninterpretedOption: "google.protobuf.UninterpretedOption" {
        0: name, "name", "name", 2, List, Implicit, Kind::Message(prost_types::uninterpreted_option::NamePart::table_of), list;
        1: identifier_value, "identifier_value", "identifierValue", 3, One, Explicit, Kind::String, maybe;
        2: positive_int_value, "positive_int_value", "positiveIntValue", 4, One, Explicit, Kind::Uint64, maybe;
        3: negative_int_value, "negative_int_value", "negativeIntValue", 5, One, Explicit, Kind::Int64, maybe;
        4: double_value, "double_value", "doubleValue", 6, One, Explicit, Kind::Double, maybe;
        5: string_value, "string_value", "stringValue", 7, One, Explicit, Kind::Bytes, maybe;
        6: aggregate_value, "aggregate_value", "aggregateValue", 8, One, Explicit, Kind::String, maybe;
    }
    prost_types::uninterpreted_option::NamePart: "google.protobuf.UninterpretedOption.NamePart" {
        0: name_part, "name_part", "namePart", 1, One, Required, Kind::String, one;
        1: is_extension, "is_extension", "isExtension", 2, One, Required, Kind::Bool, one;
    }
    prost_types::SourceCodeInfo: "google.protobuf.SourceCodeInfo" {
        0: location, "location", "location", 1, List, Implicit, Kind::Message(prost_types::source_code_info::Location::table_of), list;
    }
    prost_types::source_code_info::Location: "google.protobuf.SourceCodeInfo.Location" {
        0: path, "path", "path", 1, List, Implicit, Kind::Int32, list;
        1: span, "span", "span", 2, List, Implicit, Kind::Int32, list;
        2: leading_comments, "leading_comments", "leadingComments", 3, One, Explicit, Kind::String, maybe;
        3: trailing_comments, "trailing_comments", "trailingComments", 4, One, Explicit, Kind::String, maybe;
        4: leading_detached_comments, "leading_detached_comments", "leadingDetachedComments", 6, List, Implicit, Kind::String, list;
    }
    prost_types::GeneratedCodeInfo: "google.protobuf.GeneratedCodeInfo" {
        0: annotation, "annotation", "annotation", 1, List, Implicit, Kind::Message(prost_types::generated_code_info::Annotation::table_of), list;
    }
    prost_types::generated_code_info::Annotation: "google.protobuf.GeneratedCodeInfo.Annotation" {
        0: path, "path", "path", 1, List, Implicit, Kind::Int32, list;
        1: source_file, "source_file", "sourceFile", 2, One, Explicit, Kind::String, maybe;
        2: begin, "begin", "begin", 3, One, Explicit, Kind::Int32, maybe;
        3: end, "end", "end", 4, One, Explicit, Kind::Int32, maybe;
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use crate::json::{ReadOptions, WriteOptions, parse, print};

    #[test]
    fn a_descriptor_set_there_and_back() {
        let set = prost_types::FileDescriptorSet::decode(tonic_types::pb::FILE_DESCRIPTOR_SET).unwrap();
        let text = print(&set, WriteOptions::default()).unwrap();
        assert!(String::from_utf8_lossy(&text).contains("\"type\":\"TYPE_STRING\""));
        assert_eq!(parse::<prost_types::FileDescriptorSet>(&text, ReadOptions::default()).unwrap(), set);
    }
}
