//! An id that old configurations name; it checks nothing.

use crate::rule::{Check, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "IMPORT_NO_WEAK",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "imports are not weak (old id, checks nothing)",
    breaks: &[],
    why: "The reference deprecated this rule. The id is accepted so that old configurations keep working.",
    help: "nothing: the rule never fires",
    bad: r#"import weak "acme/v1/site.proto";"#,
    good: r#"import "acme/v1/site.proto";"#,
    check: Check::NeverLint,
};
