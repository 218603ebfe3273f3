//! An error gets no new placeholders.

use super::catalogs::{TEXTS, for_each, placeholders_of};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_PLACEHOLDER_NO_ADD",
    categories: &["ERROR"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "errors get no new placeholders",
    breaks: &[
        (
            Audience::Source,
            "the constructor of the error gets a parameter: every place that makes the error must name a value",
        ),
        (Audience::Json, "clients with a text of their own do not show the value"),
    ],
    why: "Callers lose nothing, so this is a warning: the service's own code does not compile before each place that makes the error has the value. Other services that share the catalogue are in the same position.",
    help: "supply the value wherever the error is made, or leave the placeholder out",
    bad: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
-     texts: { locale: "en" text: "device {id} is gone" }
+     texts: { locale: "en" text: "device {id} of {tenant} is gone" }
    }];"#,
    good: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
      texts: { locale: "en" text: "device {id} is gone" }
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        let before = placeholders_of(reason.old);
        for name in placeholders_of(reason.new).into_iter().filter(|name| !before.contains(name)) {
            let what = format!("has the new placeholder `{{{name}}}`");
            reason
                .report(out, TEXTS, &what, ("none", name))
                .sides(&[Side::Rebuild])
                .labels(format!("new: `{{{name}}}`"), "was without");
        }
    });
}
