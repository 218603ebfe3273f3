//! Breaking rules: promises that a schema keeps towards its baseline. One file each; a line below registers it.

use crate::rule::Rule;

mod deleted;
mod file_same_option;

macro_rules! register {
    ($($rule:ident,)*) => {
        $(mod $rule;)*
        static ALONE: &[&Rule] = &[$(&$rule::RULE),*];
    };
}

register! {
    enum_no_delete,
    enum_same_json_format,
    enum_same_type,
    enum_value_no_delete,
    enum_value_no_delete_unless_name_reserved,
    enum_value_no_delete_unless_number_reserved,
    enum_value_same_name,
    extension_message_no_delete,
    extension_no_delete,
    field_no_delete,
    field_no_delete_unless_name_reserved,
    field_no_delete_unless_number_reserved,
    field_same_cardinality,
    field_same_cpp_string_type,
    field_same_default,
    field_same_java_utf8_validation,
    field_same_json_name,
    field_same_jstype,
    field_same_name,
    field_same_oneof,
    field_same_type,
    field_same_utf8_validation,
    field_wire_compatible_cardinality,
    field_wire_compatible_type,
    field_wire_json_compatible_cardinality,
    field_wire_json_compatible_type,
    file_no_delete,
    file_same_package,
    file_same_syntax,
    message_no_delete,
    message_no_remove_standard_descriptor_accessor,
    message_same_json_format,
    message_same_message_set_wire_format,
    message_same_required_fields,
    oneof_no_delete,
    package_enum_no_delete,
    package_extension_no_delete,
    package_message_no_delete,
    package_no_delete,
    package_service_no_delete,
    reserved_enum_no_delete,
    reserved_message_no_delete,
    rpc_no_delete,
    rpc_same_client_streaming,
    rpc_same_idempotency_level,
    rpc_same_request_type,
    rpc_same_response_type,
    rpc_same_server_streaming,
    service_no_delete,
}

/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALONE.iter().copied().chain(&file_same_option::RULES)
}
