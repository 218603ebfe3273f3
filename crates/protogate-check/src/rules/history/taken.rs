//! Who had a number or a name before: the question that all history rules ask.

use protogate_schema::history::{Former, FormerKind};
use protogate_schema::model::element::Syntax;

/// A former owner with the day on which its promise ended.
pub(super) type Owner<'a> = (&'a Former, &'a str);

/// The owner that something new takes the place of: the one that was promised last. `None` when nobody had it, or when one of those who
/// had it is the same as what comes back.
pub(super) fn last_owner<'a>(
    owners: impl Iterator<Item = Owner<'a>>,
    is_same: impl Fn(&Former) -> bool,
) -> Option<Owner<'a>> {
    let mut last: Option<Owner<'a>> = None;
    for owner in owners {
        if is_same(owner.0) {
            return None;
        }
        if last.is_none_or(|last| last.1 <= owner.1) {
            last = Some(owner);
        }
    }
    last
}

/// The reservation that held a number.
pub(super) fn reserved_number<'a>(owners: &[Owner<'a>], kind: FormerKind, number: i32) -> Option<Owner<'a>> {
    let holds = |it: &Former| it.kind == kind && it.number <= number && number <= it.end;
    last_owner(owners.iter().copied().filter(|(it, _)| holds(it)), |_| false)
}

/// The reservation that held a name.
pub(super) fn reserved_name<'a>(owners: &[Owner<'a>], kind: FormerKind, name: &str) -> Option<Owner<'a>> {
    last_owner(owners.iter().copied().filter(|(it, _)| it.kind == kind && it.name == name), |_| false)
}

/// ` until 2026-10-02`, or nothing when the day is not known.
pub(super) fn until(day: &str) -> String {
    if day.is_empty() { String::new() } else { format!(" until {day}") }
}

/// How a name is reserved: quoted, but for editions.
pub(super) fn reservation(syntax: Syntax, name: &str) -> String {
    match syntax {
        Syntax::Edition(_) => format!("reserved {name};"),
        _ => format!("reserved \"{name}\";"),
    }
}
