//! The name of a resource stays in its field.

use super::resources::{self, Owner};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::options::ResourceDescriptor;
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "RESOURCE_SAME_NAME_FIELD",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the name of a resource stays in its field",
    breaks: &[
        (Audience::Wire, "callers find the name of the resource in a field that holds something else"),
        (Audience::Json, "the same"),
        (Audience::Rest, "the same"),
    ],
    why: "Callers and tools read the name of a resource from `name`, or from the field that `name_field` says. When the annotation points at another field, every message looks the same as before and tools take the wrong text for its name.",
    help: "keep `name_field`",
    bad: r#"    option (google.api.resource) = {
      type: "inventory.example.com/Device"
      pattern: "devices/{device}"
+     name_field: "resource_name"
    };"#,
    good: r#"    option (google.api.resource) = {
      type: "inventory.example.com/Device"
      pattern: "devices/{device}"
+     name_field: "name"
    };"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let now = resources::all(pairs.current);
    for old in resources::all(pairs.baseline) {
        let Owner::Message(message) = old.owner else { continue };
        let Some(pair) = pairs.message(message) else { continue };
        let Some(new) =
            now.iter().find(|it| matches!(it.owner, Owner::Message(message) if message == pair.current))
        else {
            continue;
        };
        let (was, is) = (name_field(&old.descriptor), name_field(&new.descriptor));
        let number = |schema: &protogate_schema::Schema, message, name: &str| {
            super::routes::field_named(schema, message, name).map(|id| schema.field(id).number)
        };
        let before = number(pairs.baseline, message, was);
        // The field was renamed, and the annotation with it.
        let is_renamed = before.is_some() && before == number(pairs.current, pair.current, is);
        if was == is || is_renamed {
            continue;
        }
        out.report(
            resources::at(pairs.current, new.owner),
            resources::element(pairs.current, new),
            format!(
                "resource type `{}` has its name in another field: `{was}` -> `{is}`",
                new.descriptor.r#type
            ),
        )
        .against(resources::at(pairs.baseline, old.owner))
        .labels(format!("`{is}` is the name"), format!("`{was}` was the name"))
        .sides(&[Side::OldClientNewServer, Side::NewClientOldServer])
        .key(format!("{was} -> {is}"));
    }
}

fn name_field(descriptor: &ResourceDescriptor) -> &str {
    if descriptor.name_field.is_empty() { "name" } else { &descriptor.name_field }
}
