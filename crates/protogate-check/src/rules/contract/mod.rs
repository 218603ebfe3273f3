//! Contract rules: promises made by annotations, which no checker of the wire format knows: routes, paging, resources, errors, policy,
//! validation. One file each; a line below registers it. Breaking rules and lint rules side by side, their category tells which.

use crate::rule::Rule;

mod access;
mod behaviors;
mod catalogs;
mod constraints;
mod interval;
mod paging;
mod parameter;
mod required;
mod resources;
mod route_change;
mod routes;
mod rule_changes;
mod same_json;

pub(crate) use route_change::Answers;

macro_rules! register {
    ($($rule:ident,)*) => {
        $(mod $rule;)*
        static ALONE: &[&Rule] = &[$(&$rule::RULE),*];
    };
}

register! {
    error_http_status_class,
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
    policy_missing,
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
    validation_immutable_no_add,
    validation_input_only_no_add,
    validation_no_loosen,
    validation_no_tighten,
    validation_output_only_no_add,
    validation_required_no_add,
    validation_required_no_delete,
    validation_same_field_behavior,
    validation_same_rule,
}

/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALONE.iter().copied()
}
