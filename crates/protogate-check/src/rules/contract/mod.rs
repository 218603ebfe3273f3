//! Contract rules: promises made by annotations, which no checker of the wire format knows: routes, paging, resources, errors, policy,
//! validation. One file each; a line below registers it. Breaking rules and lint rules side by side, their category tells which.

use crate::rule::Rule;

macro_rules! register {
    ($($rule:ident,)*) => {
        $(mod $rule;)*
        static ALONE: &[&Rule] = &[$(&$rule::RULE),*];
    };
}

register! {
}

/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALONE.iter().copied()
}
