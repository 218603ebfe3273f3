//! An error keeps the placeholders of its texts.

use super::catalogs::{TEXTS, for_each, placeholders_of};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_PLACEHOLDER_NO_DELETE",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "errors keep their placeholders",
    breaks: &[
        (
            Audience::Json,
            "clients that format a text of their own, or read the value, do not find it in the metadata",
        ),
        (Audience::Source, "the constructor of the error loses a parameter"),
    ],
    why: "The values of placeholders travel in the metadata of `google.rpc.ErrorInfo`. Front ends put them into texts of their own, and programs read them: which field was wrong, which device is gone. A placeholder that is in no text any more is in no answer either.",
    help: "keep the placeholder in at least one text",
    bad: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
-     texts: { locale: "en" text: "device {id} is gone" }
+     texts: { locale: "en" text: "the device is gone" }
    }];"#,
    good: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
      texts: { locale: "en" text: "there is no device {id}" }
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        let now = placeholders_of(reason.new);
        for name in placeholders_of(reason.old).into_iter().filter(|name| !now.contains(name)) {
            let what = format!("lost the placeholder `{{{name}}}`");
            reason
                .report(out, TEXTS, &what, (name, "none"))
                .sides(&[Side::OldClientNewServer, Side::Rebuild])
                .labels(format!("no `{{{name}}}`"), "was here");
        }
    });
}
