//! Lint rules: style that keeps a schema easy to use and to extend. One file each, or one table for rules that differ by a datum;
//! a line below registers it.

use crate::rule::Rule;

mod used_files;

macro_rules! register {
    (rules { $($rule:ident,)* } tables { $($table:ident,)* }) => {
        $(mod $rule;)*
        $(mod $table;)*
        static ALONE: &[&Rule] = &[$(&$rule::RULE),*];
        static TABLES: &[&[Rule]] = &[$(&$table::RULES),*];
    };
}

register! {
    rules {
        directory_same_package,
        enum_first_value_zero,
        enum_no_allow_alias,
        enum_value_prefix,
        enum_zero_value_suffix,
        field_no_descriptor,
        field_not_required,
        file_lower_snake_case,
        import_no_public,
        import_no_weak,
        import_used,
        package_defined,
        package_directory_match,
        package_lower_snake_case,
        package_no_import_cycle,
        package_same_directory,
        package_version_suffix,
        protovalidate,
        rpc_no_client_streaming,
        rpc_no_server_streaming,
        rpc_request_response_unique,
        rpc_request_standard_name,
        rpc_response_standard_name,
        service_suffix,
        stable_package_no_import_unstable,
        syntax_specified,
    }
    tables {
        comment,
        package_same_option,
        pascal_case,
        snake_case,
    }
}

pub use import_used::notes;

/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALONE.iter().copied().chain(TABLES.iter().copied().flatten())
}
