//! Files keep their package.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FileId;
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FILE_SAME_PACKAGE",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "files keep their package",
    breaks: &[
        (Audience::Wire, "gRPC paths and `Any` type URLs change"),
        (Audience::Source, "every generated name moves to another module"),
    ],
    why: "The package is part of every full name in the file, and full names are what gRPC paths, `Any` and generated modules are made of.",
    help: "keep the package; put the new one into a new file",
    bad: r#"- package acme.v1;
+ package acme.v2;"#,
    good: "  package acme.v1;",
    check: Check::FilePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FileId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.file(pair.baseline), pairs.current.file(pair.current));
    if old.package == new.package {
        return;
    }
    out.report(
        At::statement(pairs.current, pair.current, &[2]),
        &new.path,
        format!("package of file `{}` changed: `{}` -> `{}`", new.path, old.package, new.package),
    )
    .against(At::statement(pairs.baseline, pair.baseline, &[2]))
    .labels("", format!("was `{}`", old.package))
    .key(&old.package);
}
