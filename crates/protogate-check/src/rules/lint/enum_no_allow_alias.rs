//! Enum numbers have one name.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_NO_ALLOW_ALIAS",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enums have no aliases",
    breaks: &[],
    why: "JSON writes one of the names, and which one is up to the implementation.",
    help: "give each value its own number",
    bad: r#"enum Kind {
  option allow_alias = true;
  KIND_UNSPECIFIED = 0;
  KIND_RACK = 1;
  KIND_CABINET = 1;
}"#,
    good: r#"enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_RACK = 1;
  KIND_CABINET = 2;
}"#,
    check: Check::Enum(check),
};

fn check(lint: &Lint<'_>, id: EnumId, out: &mut Findings) {
    let enumeration = lint.schema.enumeration(id);
    if enumeration.options.allow_alias == Some(true) {
        let message = format!("enum `{}` allows aliases", enumeration.name);
        lint.report(out, Element::Enum(id), &[3, 2], message);
    }
}
