//! Stable packages do not build on unstable ones.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::package_version::PackageVersion::{self, Stable, Unstable};
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "STABLE_PACKAGE_NO_IMPORT_UNSTABLE",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "stable packages do not import unstable ones",
    breaks: &[],
    why: "What a stable package imports is part of its promise, and an unstable package promises nothing.",
    help: "import a stable version, or mark the importing package unstable",
    bad: r#"package acme.v1;

import "acme/lab/v1alpha1/probe.proto";"#,
    good: r#"package acme.v1;

import "acme/lab/v1/probe.proto";"#,
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    let file = lint.schema.file(id);
    if PackageVersion::of(&file.package) != Some(Stable) {
        return;
    }
    for (import, index) in file.imports.iter().zip(0..) {
        let Some(imported) = lint.schema.find_file(import).map(|id| lint.schema.file(id)) else { continue };
        if !imported.is_import && PackageVersion::of(&imported.package) == Some(Unstable) {
            let message = format!(
                "stable package `{}` imports `{import}` of the unstable package `{}`",
                file.package, imported.package
            );
            lint.report_statement(out, id, &[3, index], message);
        }
    }
}
