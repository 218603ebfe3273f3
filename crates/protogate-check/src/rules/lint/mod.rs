//! Lint rules.
use crate::rule::Rule;
/// All of them, in no order.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    std::iter::empty()
}
