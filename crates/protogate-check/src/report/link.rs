//! Where the page of a rule is on the web.

use crate::rules;

/// The rule's section in the reference; `None` for ids that are no rules.
pub(super) fn of(rule: &str) -> Option<String> {
    rules::find(rule)?;
    let anchor = rule.to_lowercase();
    Some(format!("{}/blob/main/docs/reference/rules.md#{anchor}", env!("CARGO_PKG_REPOSITORY")))
}
