//! Numbers of deleted enum values stay unused.

use super::taken::{Owner, last_owner, reserved_number, until};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::history::FormerKind;
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

/// Path continuation of a value's number token.
const NUMBER: &[i32] = &[2];

pub(crate) static RULE: Rule = Rule {
    id: "ENUM_NUMBER_REUSED",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "numbers of deleted enum values are not used again",
    breaks: &[(
        Audience::Wire,
        "what was written as the old value, by old programs or into storage, is read as the new one",
    )],
    why: "An enum travels and is stored as its number. A new value under the number of a deleted one turns old records into something that nobody wrote. The baseline remembers every number that it ever promised, reserved ones too. The same value, with its number and name, may come back.",
    help: "take a number that was never used, and reserve the old one: `reserved 2;`",
    bad: r#"  enum State {
    STATE_UNSPECIFIED = 0;
+   STATE_PAUSED = 2;   // number 2 was STATE_DELETED, deleted in 1.3
  }"#,
    good: r#"  enum State {
+   reserved 2;
    STATE_UNSPECIFIED = 0;
+   STATE_PAUSED = 3;
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let (current, history) = (pairs.current, pairs.history());
    if history.is_empty() {
        return;
    }
    for (_, enumeration) in current.enums() {
        let owners: Vec<Owner<'_>> = history.of_scope(&enumeration.full_name).collect();
        if owners.is_empty() {
            continue;
        }
        let old = match pairs.baseline.find(&enumeration.full_name) {
            Some(Element::Enum(id)) => Some(pairs.baseline.enumeration(id)),
            _ => None,
        };
        let mut seen = Vec::new();
        for &id in &enumeration.values {
            let value = current.value(id);
            // Of several names for one number, the first answers.
            if seen.contains(&value.number) {
                continue;
            }
            seen.push(value.number);
            let promised = old.is_some_and(|old| {
                old.values.iter().any(|&it| pairs.baseline.value(it).number == value.number)
            });
            if promised {
                continue;
            }
            let names: Vec<&str> = enumeration
                .values
                .iter()
                .map(|&it| current.value(it))
                .filter(|it| it.number == value.number)
                .map(|it| it.name.as_str())
                .collect();
            let had = owners
                .iter()
                .copied()
                .filter(|(it, _)| it.kind == FormerKind::Value && it.number == value.number);
            let what = format!("value {} `{}` of `{}`", value.number, value.name, enumeration.full_name);
            let element = current.full_name(Element::Value(id));
            let help = format!(
                "take a number that was never used, and reserve the old one: `reserved {};`",
                value.number
            );
            let place = || At::part(current, Element::Value(id), NUMBER);
            let sides = [Side::OldClientNewServer, Side::StoredData];
            if let Some((former, day)) = last_owner(had.clone(), |it| names.contains(&it.name.as_str())) {
                let message =
                    format!("{what} takes the number of `{}`, which was promised{}", former.name, until(day));
                out.report(place(), element, message).sides(&sides).help(help).key(&former.name);
            } else if had.clone().next().is_none()
                && old.is_none_or(|old| old.reserved_ranges.iter().all(|it| !it.contains(value.number)))
                && let Some((_, day)) =
                    reserved_number(&owners, FormerKind::ReservedValueNumbers, value.number)
            {
                let message = format!("{what} takes a number that was reserved{}", until(day));
                out.report(place(), element, message).sides(&sides).help(help).key("reserved");
            }
        }
    }
}
