//! Fields with secrets stay marked.

use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "POLICY_SENSITIVE_NO_DELETE",
    categories: &["POLICY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "sensitive fields stay marked",
    breaks: &[(
        Audience::Operators,
        "the value is written to logs, audit records and traces, where many can read it and where it stays",
    )],
    why: "A value marked with `(protogate.v1.field).sensitive` or `debug_redact` is shown by type and length only. Without the mark, the next log line has it in full. One mark may take the place of the other.",
    help: "keep the mark",
    bad: r#"  message Credentials {
-   string password = 1 [(protogate.v1.field).sensitive = true];
+   string password = 1;
  }"#,
    good: r#"  message Credentials {
    string password = 1 [debug_redact = true];
  }"#,
    check: Check::FieldPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    if !old.is_sensitive() || new.is_sensitive() {
        return;
    }
    let subject = subject::field(pairs.current, pair.current);
    out.report(
        at(pairs.current, pair.current),
        &new.full_name,
        format!("{subject} is not sensitive any more"),
    )
    .against(at(pairs.baseline, pair.baseline))
    .labels("now shown in full", "was sensitive")
    .sides(&[Side::Rebuild]);
}

/// `protogate.v1.field`, else `debug_redact`, else the field.
fn at(schema: &Schema, id: FieldId) -> At {
    let element = Element::Field(id);
    At::option(schema, element, &[8, 60430], 2)
        .or_else(|| At::option(schema, element, &[8, 16], 2))
        .unwrap_or_else(|| At::decl(schema, element))
}
