//! Patterns of resource names are not taken away.

use super::resources::{self, shape};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "RESOURCE_PATTERN_NO_DELETE",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "patterns of resource names are not deleted or changed",
    breaks: &[
        (
            Audience::Wire,
            "names that callers hold, and that are stored, are no names of the resource any more",
        ),
        (Audience::Json, "the same"),
        (Audience::Rest, "URLs made of such names fail with them"),
        (Audience::Source, "generated functions refuse them, or have other parameters"),
    ],
    why: "A name such as `sites/a/devices/7` is kept by callers, in other resources, in logs and in access rules (AIP-122). The pattern says which names are valid; it is an option, so nothing else sees it change. A variable that gets another name leaves the names as they are and changes the parameters of generated functions: a warning. Further patterns may be added at the end.",
    help: "keep the pattern and add the new one after it",
    bad: r#"    option (google.api.resource) = {
      type: "inventory.example.com/Device"
-     pattern: "sites/{site}/devices/{device}"
+     pattern: "regions/{region}/devices/{device}"
    };"#,
    good: r#"    option (google.api.resource) = {
      type: "inventory.example.com/Device"
      pattern: "sites/{site}/devices/{device}"
+     pattern: "regions/{region}/devices/{device}"
    };"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let now = resources::all(pairs.current);
    for old in resources::all(pairs.baseline) {
        let Some(new) = resources::counterpart(pairs, &old, &now) else { continue };
        // Of a type that is declared in several places, names are valid by any of them.
        let patterns: Vec<&String> = now
            .iter()
            .filter(|it| it.descriptor.r#type == old.descriptor.r#type)
            .flat_map(|it| &it.descriptor.pattern)
            .collect();
        for pattern in old.descriptor.pattern.iter().filter(|it| !patterns.contains(it)) {
            let same = patterns.iter().find(|it| shape(it) == shape(pattern));
            let (what, severity) = match same {
                Some(same) => {
                    (format!("has other variables: `{same}`: names stay as they are"), Severity::Warn)
                }
                None => ("was deleted: its names are not valid any more".to_owned(), Severity::Deny),
            };
            out.report(
                resources::at(pairs.current, new.owner),
                resources::element(pairs.current, new),
                format!("pattern `{pattern}` of resource type `{}` {what}", old.descriptor.r#type),
            )
            .against(resources::at(pairs.baseline, old.owner))
            .labels("", format!("had `{pattern}`"))
            .sides(match same {
                Some(_) => &[Side::Rebuild],
                None => &[Side::OldClientNewServer, Side::StoredData, Side::Rebuild],
            })
            .key(pattern.clone())
            .severity = severity;
        }
    }
}
