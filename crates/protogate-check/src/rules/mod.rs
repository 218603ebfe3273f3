//! All rules: one file each under `breaking/`, `lint/`, `contract/` and `history/`, small families that differ by a datum in one table.
//!
//! A rule is registered by one line in the list of its folder.

use std::sync::LazyLock;

use crate::rule::Rule;

pub(crate) use contract::Answers as RouteAnswers;

mod breaking;
mod contract;
pub(crate) mod history;
mod lint;
pub(crate) mod waiver;

static ALL: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut all: Vec<&Rule> = breaking::all()
        .chain(contract::all())
        .chain(history::all())
        .chain(lint::all())
        .chain(waiver::all())
        .collect();
    all.sort_unstable_by_key(|rule| rule.id);
    all
});

pub use lint::notes;

/// All rules, sorted by id.
pub(crate) fn all() -> &'static [&'static Rule] {
    &ALL
}

/// The rule with this id.
pub(crate) fn find(id: &str) -> Option<&'static Rule> {
    let index = ALL.binary_search_by_key(&id, |rule| rule.id).ok()?;
    Some(ALL[index])
}
