//! Resource types stay declared.

use super::resources::{self, Owner};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "RESOURCE_NO_DELETE",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "resource types are not deleted or renamed",
    breaks: &[
        (Audience::Source, "generated clients lose the functions that build and take apart resource names"),
        (Audience::Operators, "access rules, audit records and references that name the type find nothing"),
    ],
    why: "The type of a resource, such as `inventory.example.com/Device`, is the name under which fields refer to it and under which access rules and records know it (AIP-123). It is written in options only, so no rule about messages and fields sees it change. Moving the declaration between a message and a file is fine.",
    help: "keep the type; a new one belongs on a new message",
    bad: r#"  message Device {
    option (google.api.resource) = {
-     type: "inventory.example.com/Device"
+     type: "inventory.example.com/Machine"
      pattern: "sites/{site}/devices/{device}"
    };
  }"#,
    good: r#"  message Device {
    option (google.api.resource) = {
      type: "inventory.example.com/Device"
      pattern: "sites/{site}/devices/{device}"
+     pattern: "devices/{device}"
    };
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let now = resources::all(pairs.current);
    for old in resources::all(pairs.baseline) {
        let r#type = &old.descriptor.r#type;
        if now.iter().any(|it| it.descriptor.r#type == *r#type) {
            continue;
        }
        // Of a message that is gone, the rules about messages speak; of a file, those about files.
        let successor = match old.owner {
            Owner::Message(id) => {
                let Some(pair) = pairs.message(id) else { continue };
                let same = now
                    .iter()
                    .find(|it| matches!(it.owner, Owner::Message(message) if message == pair.current));
                let at = same.map_or_else(
                    || At::name(pairs.current, Element::Message(pair.current)),
                    |it| resources::at(pairs.current, it.owner),
                );
                (at, same.map(|it| it.descriptor.r#type.clone()))
            }
            Owner::File(id, _) => {
                let Some(pair) = pairs.file(id) else { continue };
                (At::file(pairs.current, pair.current), None)
            }
        };
        let (at, renamed) = successor;
        let what = renamed.map_or_else(|| "was deleted".to_owned(), |new| format!("was renamed to `{new}`"));
        out.report(at, resources::element(pairs.baseline, &old), format!("resource type `{type}` {what}"))
            .against(resources::at(pairs.baseline, old.owner))
            .labels("", "was declared here")
            .sides(&[Side::OldClientNewServer, Side::StoredData, Side::Rebuild])
            .key(r#type.clone());
    }
}
