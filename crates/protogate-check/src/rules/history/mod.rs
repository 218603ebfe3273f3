//! History rules: what was promised once does not come back with another meaning.
//!
//! They compare the current schema with what its baseline remembers of promises that ended
//! ([`protogate_schema::history`]). Whatever the baseline still promises is the business of the other rules: a reuse that was accepted is
//! part of the promise and is not reported again.

use crate::rule::Rule;

mod taken;

macro_rules! register {
    ($($rule:ident,)*) => {
        $(pub(crate) mod $rule;)*
        static ALONE: &[&Rule] = &[$(&$rule::RULE),*];
    };
}

register! {
    baseline_history_kept,
    enum_number_reused,
    enum_value_name_reused,
    field_name_reused,
    field_number_reused,
    route_reused,
    rpc_name_reused,
}

/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALONE.iter().copied()
}
