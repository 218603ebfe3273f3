//! Names of deleted fields stay unused.

use super::taken::{Owner, last_owner, reservation, reserved_name, until};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::history::{Former, FormerKind};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

pub(crate) static RULE: Rule = Rule {
    id: "FIELD_NAME_REUSED",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "names of deleted fields are not used for other fields",
    breaks: &[
        (Audience::Json, "a member that old programs send, or that was stored, is read as the new field"),
        (Audience::Rest, "an old parameter is taken for the new one"),
    ],
    why: "JSON has names where the binary encoding has numbers. A new field under an old name reads what was meant for the old one, and field masks, scripts and dashboards that name it go on as if nothing had happened. The baseline remembers every name, and every JSON name, that it ever promised. The same field, with its number, name and type, may come back.",
    help: "take another name, and reserve the old one: `reserved \"rev\";`",
    bad: r#"  message Device {
    string id = 1;
+   string rev = 3;   // `rev` was `int64 rev = 2`, deleted in 1.3
  }"#,
    good: r#"  message Device {
+   reserved "rev";
    string id = 1;
+   string revision_tag = 3;
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
            let has_name = |it: &Former| it.name == field.name || it.json_name == field.json_name;
            let promised = old.is_some_and(|old| {
                old.fields.iter().any(|&it| {
                    let it = pairs.baseline.field(it);
                    it.name == field.name || it.json_name == field.json_name
                })
            });
            if promised {
                continue;
            }
            let had = owners.iter().copied().filter(|(it, _)| it.kind == FormerKind::Field && has_name(it));
            // A field that has its old number is the same field, or a finding of `FIELD_NUMBER_REUSED`.
            let is_number = |it: &Former| it.number == field.number;
            let what = format!("field {} `{}` of `{}`", field.number, field.name, message.full_name);
            let place = || At::name(current, Element::Field(id));
            let syntax = current.file(field.place.file).syntax;
            let advice = |name: &str| {
                format!("take another name, and reserve the old one: `{}`", reservation(syntax, name))
            };
            let sides = [Side::OldClientNewServer, Side::StoredData];
            if let Some((former, day)) = last_owner(had.clone(), is_number) {
                let message = format!(
                    "{what} takes the {} of field {} `{}` ({}), which was promised{}",
                    if former.name == field.name { "name" } else { "JSON name" },
                    former.number,
                    former.name,
                    former.text,
                    until(day)
                );
                let key = format!("{} {}", former.number, former.text);
                out.report(place(), &field.full_name, message)
                    .sides(&sides)
                    .help(advice(&former.name))
                    .key(key);
            } else if had.clone().next().is_none()
                && old.is_none_or(|old| !old.reserved_names.contains(&field.name))
                && let Some((_, day)) = reserved_name(&owners, FormerKind::ReservedName, &field.name)
            {
                let message = format!("{what} takes a name that was reserved{}", until(day));
                out.report(place(), &field.full_name, message)
                    .sides(&sides)
                    .help(advice(&field.name))
                    .key("reserved");
            }
        }
    }
}
