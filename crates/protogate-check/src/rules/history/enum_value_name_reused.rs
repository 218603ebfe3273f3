//! Names of deleted enum values stay unused.

use super::taken::{Owner, last_owner, reservation, reserved_name, until};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::history::FormerKind;
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

pub(crate) static RULE: Rule = Rule {
    id: "ENUM_VALUE_NAME_REUSED",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "names of deleted enum values are not used for other numbers",
    breaks: &[
        (Audience::Json, "a name that old programs send, or that was stored, is read as the new value"),
        (Audience::Source, "programs that name the value compile and mean another number"),
    ],
    why: "JSON writes an enum as its name. A deleted value that comes back with another number means two things: one to those who were built before, one to those who were built after. The baseline remembers every name that it ever promised. The same value, with its number and name, may come back.",
    help: "take another name, or give the value its old number",
    bad: r#"  enum State {
    STATE_UNSPECIFIED = 0;
+   STATE_PAUSED = 3;   // STATE_PAUSED was 2, deleted in 1.3
  }"#,
    good: r#"  enum State {
    STATE_UNSPECIFIED = 0;
+   STATE_PAUSED = 2;
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
        for &id in &enumeration.values {
            let value = current.value(id);
            let promised = old
                .is_some_and(|old| old.values.iter().any(|&it| pairs.baseline.value(it).name == value.name));
            if promised {
                continue;
            }
            let had = owners
                .iter()
                .copied()
                .filter(|(it, _)| it.kind == FormerKind::Value && it.name == value.name);
            let what = format!("value {} `{}` of `{}`", value.number, value.name, enumeration.full_name);
            let element = current.full_name(Element::Value(id));
            let place = || At::name(current, Element::Value(id));
            let sides = [Side::OldClientNewServer, Side::StoredData, Side::Rebuild];
            if let Some((former, day)) = last_owner(had.clone(), |it| it.number == value.number) {
                let message = format!(
                    "{what} takes the name of value {}, which was promised{}",
                    former.number,
                    until(day)
                );
                out.report(place(), element, message)
                    .sides(&sides)
                    .help(format!(
                        "take another name, or give `{}` its old number {}",
                        value.name, former.number
                    ))
                    .key(former.number.to_string());
            } else if had.clone().next().is_none()
                && old.is_none_or(|old| !old.reserved_names.contains(&value.name))
                && let Some((_, day)) = reserved_name(&owners, FormerKind::ReservedValueName, &value.name)
            {
                let message = format!("{what} takes a name that was reserved{}", until(day));
                let syntax = current.file(enumeration.place.file).syntax;
                let help = format!(
                    "take another name, and keep the old one reserved: `{}`",
                    reservation(syntax, &value.name)
                );
                out.report(place(), element, message).sides(&sides).help(help).key("reserved");
            }
        }
    }
}
