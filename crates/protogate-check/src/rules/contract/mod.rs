//! Contract rules: promises made by annotations, which no checker of the wire format knows: routes, paging, resources, errors, policy,
//! validation. One file each; a line below registers it. Breaking rules and lint rules side by side, their category tells which.

use crate::rule::Rule;

mod access;
mod catalogs;
mod paging;
mod parameter;
mod resources;
mod route_change;
mod routes;
macro_rules! register {
    ($($rule:ident,)*) => {
        $(mod $rule;)*
        static ALONE: &[&Rule] = &[$(&$rule::RULE),*];
    };
}

register! {
    error_locale_no_delete,
    error_placeholder_no_add,
    error_placeholder_no_delete,
    error_reason_no_delete,
    error_retryable_no_add,
    error_retryable_no_delete,
    error_same_code,
    error_same_default_locale,
    error_same_domain,
    error_same_grpc_code,
    error_same_http_status,
    error_same_retry_delay,
    operation_same_types,
    page_no_add,
    page_no_delete,
    policy_audit_no_delete,
    policy_no_loosen,
    policy_no_tighten,
    policy_rate_no_cut,
    policy_same_rate_key,
    policy_sensitive_no_delete,
    policy_timeout_no_cut,
    resource_no_delete,
    resource_pattern_no_delete,
    resource_same_first_pattern,
    resource_same_name_field,
    resource_same_reference,
    route_no_delete,
    route_no_narrow,
    route_no_shadow,
    route_same_body,
    route_same_path,
    route_same_query,
    route_same_response_body,
    route_same_variable,
    route_same_verb,
}

/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALONE.iter().copied()
}
