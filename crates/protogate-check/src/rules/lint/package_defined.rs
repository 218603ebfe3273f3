//! Every file says which package it belongs to.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_DEFINED",
    categories: &["MINIMAL", "BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "files have a package",
    breaks: &[],
    why: "Without a package all names are global: they clash with those of others, and generated code has no module.",
    help: "add a package statement that matches the directory",
    bad: r#"syntax = "proto3";

message Device {}"#,
    good: r#"syntax = "proto3";

package acme.v1;

message Device {}"#,
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    if lint.schema.file(id).package.is_empty() {
        lint.report_file(out, id, "the file has no package".to_owned());
    }
}
