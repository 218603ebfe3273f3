//! Packages are in lower_snake_case.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_LOWER_SNAKE_CASE",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "package names are in lower_snake_case",
    breaks: &[],
    why: "A package becomes a module, a directory and a part of every full name; upper case in it collides on some file systems.",
    help: "rename it as suggested",
    bad: "package acme.deviceAdmin.v1;",
    good: "package acme.device_admin.v1;",
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    let package = &lint.schema.file(id).package;
    let expected = package.split('.').map(names::lower_snake).collect::<Vec<_>>().join(".");
    if *package != expected {
        let message = format!("package `{package}` should be in lower_snake_case: `{expected}`");
        lint.report_statement(out, id, &[2], message);
    }
}
