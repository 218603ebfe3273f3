//! Numbers of deleted fields stay unused.

use super::taken::{Owner, last_owner, reserved_number, until};
use crate::breakage;
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::history::FormerKind;
use protogate_schema::model::element::{Element, Field, FieldId};
use protogate_schema::pair::Pairs;

/// Path continuation of a field's number token.
const NUMBER: &[i32] = &[3];

pub(crate) static RULE: Rule = Rule {
    id: "FIELD_NUMBER_REUSED",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "numbers of deleted fields and extensions are not used again",
    breaks: &[(
        Audience::Wire,
        "what was written as the old field, by old programs or into storage, is read as the new one",
    )],
    why: "The deletion was accepted some versions ago, so that the last version alone shows nothing wrong. Messages that were stored since, and programs that were never updated, still write the number with its old meaning. The baseline remembers every number that it ever promised, reserved ones too. The same field, with its number, name and type, may come back.",
    help: "take a number that was never used, and reserve the old one: `reserved 2;`",
    bad: r#"  message Device {
    string id = 1;
+   string label = 2;   // number 2 was `int64 rev`, deleted in 1.3
  }"#,
    good: r#"  message Device {
+   reserved 2;
    string id = 1;
+   string label = 3;
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let (current, history) = (pairs.current, pairs.history());
    if history.is_empty() {
        return;
    }
    for (_, message) in current.messages().filter(|(_, it)| !it.is_map_entry) {
        let owners: Vec<Owner<'_>> = history.of_scope(&message.full_name).collect();
        if owners.is_empty() {
            continue;
        }
        let old = pairs.baseline.find_message(&message.full_name).map(|id| pairs.baseline.message(id));
        for &id in &message.fields {
            let field = current.field(id);
            let promised = old.is_some_and(|old| {
                old.fields.iter().any(|&it| pairs.baseline.field(it).number == field.number)
            });
            if promised {
                continue;
            }
            let had = owners
                .iter()
                .copied()
                .filter(|(it, _)| it.kind == FormerKind::Field && it.number == field.number);
            let text = current.type_text(field);
            let what = format!("field {} `{}` of `{}`", field.number, field.name, message.full_name);
            if let Some(owner) = last_owner(had.clone(), |it| it.name == field.name && it.text == text) {
                report(pairs, id, field, &what, owner, out);
            } else if had.clone().next().is_none()
                && old.is_none_or(|old| old.reserved_ranges.iter().all(|it| !it.contains(field.number)))
                && let Some((_, day)) = reserved_number(&owners, FormerKind::ReservedNumbers, field.number)
            {
                let at = At::part(current, Element::Field(id), NUMBER);
                out.report(
                    at,
                    &field.full_name,
                    format!("{what} takes a number that was reserved{}", until(day)),
                )
                .sides(&[Side::OldClientNewServer, Side::StoredData])
                .help(advice(field))
                .key("reserved");
            }
        }
    }
    for (id, field) in current.fields() {
        let Some(extendee) = &field.extendee else { continue };
        let had = history
            .of_scope(extendee)
            .filter(|(it, _)| it.kind == FormerKind::Extension && it.number == field.number);
        let text = current.type_text(field);
        let owner = last_owner(had, |it| it.name == field.full_name && it.text == text);
        if let Some(owner) = owner
            && !pairs
                .baseline
                .fields()
                .any(|(_, it)| it.extendee.as_ref() == Some(extendee) && it.number == field.number)
        {
            let what = format!("extension {} `{}` of `{extendee}`", field.number, field.full_name);
            report(pairs, id, field, &what, owner, out);
        }
    }
}

fn report(
    pairs: &Pairs<'_>,
    id: FieldId,
    field: &Field,
    what: &str,
    (former, day): Owner<'_>,
    out: &mut Findings,
) {
    let at = At::part(pairs.current, Element::Field(id), NUMBER);
    let message = format!(
        "{what} takes the number of `{}` ({}), which was promised{}",
        former.name,
        former.text,
        until(day)
    );
    let name = if field.is_extension() { &field.full_name } else { &field.name };
    let text = if breakage::is_dropped(pairs, &former.text, field) {
        format!(
            "what was written as `{}` ({}), by old programs or into storage, is dropped as an unknown field, and so is `{name}` by old readers: the types differ on the wire",
            former.name, former.text
        )
    } else {
        format!(
            "what was written as `{}` ({}), by old programs or into storage, is read as `{name}`",
            former.name, former.text
        )
    };
    out.report(at, &field.full_name, message)
        .sides(&[Side::OldClientNewServer, Side::StoredData])
        .impact([(Audience::Wire, text)])
        .help(advice(field))
        .key(format!("{} {}", former.name, former.text));
}

/// Extensions cannot be reserved.
fn advice(field: &Field) -> String {
    if field.is_extension() {
        return "take a number that was never used".to_owned();
    }
    format!("take a number that was never used, and reserve the old one: `reserved {};`", field.number)
}
