//! Packages end with a version.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::package_version::PackageVersion;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_VERSION_SUFFIX",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "packages end with a version",
    breaks: &[],
    why: "A package without a version has no room for a next one: an incompatible change has nowhere to go.",
    help: "add a version as last component, such as `v1`",
    bad: "package acme.device;",
    good: "package acme.device.v1;",
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    let package = &lint.schema.file(id).package;
    if !package.is_empty() && PackageVersion::of(package).is_none() {
        let message = format!("package `{package}` has no version, as in `{package}.v1`");
        lint.report_statement(out, id, &[2], message);
    }
}
