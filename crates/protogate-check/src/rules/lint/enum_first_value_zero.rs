//! The first value of an enum is zero.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_FIRST_VALUE_ZERO",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the first value of an enum is zero",
    breaks: &[],
    why: "The first value is the default in proto2, and zero is the default in proto3; when they are not the same, the two read each other wrongly.",
    help: "put the value with number 0 first",
    bad: r#"enum Kind {
  KIND_RACK = 1;
}"#,
    good: r#"enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_RACK = 1;
}"#,
    check: Check::Enum(check),
};

fn check(lint: &Lint<'_>, id: EnumId, out: &mut Findings) {
    let Some(&first) = lint.schema.enumeration(id).values.first() else { return };
    let value = lint.schema.value(first);
    if value.number != 0 {
        let message = format!("first value `{}` has number {} instead of 0", value.name, value.number);
        lint.report(out, Element::Value(first), &[2], message);
    }
}
