//! The first pattern of a resource stays the first.

use super::resources::{self, shape};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "RESOURCE_SAME_FIRST_PATTERN",
    categories: &["PAGE"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "the first pattern of a resource stays the first",
    breaks: &[(
        Audience::Source,
        "generated functions that build names by the first pattern build other names",
    )],
    why: "Where a resource has several patterns, generators take the first one for functions and examples without a pattern in their name (AIP-4231). When another one comes first, code that is compiled again builds other names with the same call. Add patterns at the end.",
    help: "put the pattern first again, and add others after it",
    bad: r#"    option (google.api.resource) = {
      type: "inventory.example.com/Device"
+     pattern: "devices/{device}"
      pattern: "sites/{site}/devices/{device}"
    };"#,
    good: r#"    option (google.api.resource) = {
      type: "inventory.example.com/Device"
      pattern: "sites/{site}/devices/{device}"
+     pattern: "devices/{device}"
    };"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let now = resources::all(pairs.current);
    for old in resources::all(pairs.baseline) {
        let Some(new) = resources::counterpart(pairs, &old, &now) else { continue };
        let (Some(was), Some(is)) = (old.descriptor.pattern.first(), new.descriptor.pattern.first()) else {
            continue;
        };
        // A pattern that is gone is reported as such.
        let is_there = new.descriptor.pattern.iter().any(|it| shape(it) == shape(was));
        if shape(was) == shape(is) || !is_there {
            continue;
        }
        out.report(
            resources::at(pairs.current, new.owner),
            resources::element(pairs.current, new),
            format!("resource type `{}` has another first pattern: `{was}` -> `{is}`", old.descriptor.r#type),
        )
        .against(resources::at(pairs.baseline, old.owner))
        .labels(format!("`{is}` comes first"), format!("`{was}` came first"))
        .sides(&[Side::Rebuild])
        .key(format!("{was} -> {is}"));
    }
}
