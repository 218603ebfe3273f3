//! No field is called descriptor; only in configurations of version v1beta1.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, FieldId};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_NO_DESCRIPTOR",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "no field is called `descriptor`",
    breaks: &[],
    why: "Some generators had a method of that name. Later versions of the configuration dropped the rule.",
    help: "rename the field",
    bad: "string descriptor = 1;",
    good: "string description = 1;",
    check: Check::Field(check),
};

fn check(lint: &Lint<'_>, id: FieldId, out: &mut Findings) {
    let name = &lint.schema.field(id).name;
    if name.trim_matches('_').eq_ignore_ascii_case("descriptor") {
        lint.report(out, Element::Field(id), NAME, format!("field is called `{name}`"));
    }
}
