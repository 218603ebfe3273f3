//! Files say their syntax.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::Schema;
use protogate_schema::model::element::{FileId, Provenance, Syntax};

pub(super) static RULE: Rule = Rule {
    id: "SYNTAX_SPECIFIED",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "files have a syntax or edition statement",
    breaks: &[],
    why: "A file without one is proto2, which few people expect.",
    help: "add a syntax statement as the first statement of the file",
    bad: "package acme.v1;",
    good: r#"syntax = "proto3";

package acme.v1;"#,
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    if is_unspecified(lint.schema, id) {
        lint.report_file(out, id, "the file has no syntax statement, so it is proto2".to_owned());
    }
}

/// Whether the source of a file has no syntax statement.
pub(super) fn is_unspecified(schema: &Schema, id: FileId) -> bool {
    match schema.file(id).provenance {
        Provenance::Image { syntax_unspecified, .. } => syntax_unspecified,
        Provenance::Source => {
            // Whether the statement is written is known from the source info only.
            schema.file(id).syntax == Syntax::Proto2
                && schema.span_at(id, &[12]).is_none()
                && schema.span_at(id, &[]).is_some()
        }
    }
}
