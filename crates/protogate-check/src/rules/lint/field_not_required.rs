//! Fields are not required.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Cardinality, Element, FieldId};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_NOT_REQUIRED",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields are not required",
    breaks: &[],
    why: "A required field can never be removed: every reader that was built with it refuses messages without it.",
    help: "make the field `optional`, and check it in the service",
    bad: "required string id = 1;",
    good: "optional string id = 1;",
    check: Check::Field(check),
};

fn check(lint: &Lint<'_>, id: FieldId, out: &mut Findings) {
    let field = lint.schema.field(id);
    if field.cardinality == Cardinality::Required {
        lint.report(out, Element::Field(id), NAME, format!("field `{}` is required", field.name));
    }
}
