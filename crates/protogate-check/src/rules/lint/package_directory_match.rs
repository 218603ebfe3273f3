//! The directory of a file is its package.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::lint::directory;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_DIRECTORY_MATCH",
    categories: &["MINIMAL", "BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "files lie in the directory of their package",
    breaks: &[],
    why: "Many generators and readers look for package `acme.v1` in `acme/v1`.",
    help: "move the file, or correct the package",
    bad: r#"// device.proto
package acme.v1;"#,
    good: r#"// acme/v1/device.proto
package acme.v1;"#,
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    let file = lint.schema.file(id);
    let (actual, expected) = (directory(&file.path), file.package.replace('.', "/"));
    if file.package.is_empty() || actual == expected {
        return;
    }
    let message =
        format!("package `{}` belongs into directory `{expected}`, the file is in `{actual}`", file.package);
    lint.report_statement(out, id, &[2], message);
}
