//! Fields stay in their oneof, or outside of any.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_ONEOF",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields stay in their oneof",
    breaks: &[
        (Audience::Wire, "setting one member clears the others: values that were sent together are lost"),
        (Audience::Source, "generated types and accessors change"),
    ],
    why: "Members of a oneof exclude each other. A field that joins one is cleared by its siblings, and one that leaves is not any more; readers that were built before and after disagree about what was sent.",
    help: "leave the field where it was; add a new field inside or outside the oneof",
    bad: r#"-   string text = 1;
+   oneof body {
+     string text = 1;
+   }"#,
    good: r#"    string text = 1;
+   oneof body {
+     string message = 2;
+   }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    if pairs.baseline.field(pair.baseline).is_extension() {
        return;
    }
    let (old, new) = (oneof(pairs.baseline, pair.baseline), oneof(pairs.current, pair.current));
    if old == new {
        return;
    }
    let subject = subject::field(pairs.current, pair.current);
    let message = match (old, new) {
        (Some(old), Some(new)) => format!("{subject} moved from oneof `{old}` to oneof `{new}`"),
        (None, Some(new)) => format!("{subject} moved from outside into oneof `{new}`"),
        (Some(old), None) => format!("{subject} moved from inside oneof `{old}` to outside"),
        (None, None) => return,
    };
    out.report(
        At::decl(pairs.current, Element::Field(pair.current)),
        &pairs.current.field(pair.current).full_name,
        message,
    )
    .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
    .key(format!("{}->{}", old.unwrap_or_default(), new.unwrap_or_default()));
}

/// Name of the oneof that the field belongs to; the synthetic one of an `optional` field is none.
fn oneof(schema: &Schema, id: FieldId) -> Option<&str> {
    let field = schema.field(id);
    let oneof = schema.message(field.place.parent?).oneofs.get(field.oneof? as usize)?;
    (!oneof.synthetic).then_some(oneof.name.as_str())
}
