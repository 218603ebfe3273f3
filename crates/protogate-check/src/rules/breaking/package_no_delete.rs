//! A package keeps at least one file.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::FileId;
use protogate_schema::pair::Pairs;
use std::collections::{BTreeMap, HashSet};

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_NO_DELETE",
    categories: &["PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "packages are not deleted",
    breaks: &[
        (Audience::Source, "generated code loses a whole module"),
        (Audience::Wire, "`Any` type URLs and gRPC paths that start with the package are unknown"),
    ],
    why: "A package is the first part of every full name in it. gRPC paths, `Any` type URLs and generated modules are made of it.",
    help: "keep a file of the package with its types, marked `deprecated`",
    bad: r#"- package acme.v1;
+ package acme.v2;"#,
    good: r#"  package acme.v1;   // kept in its own file
+ package acme.v2;   // in a new file"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let current: HashSet<&str> = pairs.current.files().map(|(_, file)| file.package.as_str()).collect();
    // The first file of the package in alphabetical order stands for it.
    let mut gone: BTreeMap<&str, FileId> = BTreeMap::new();
    for (id, file) in pairs.baseline.files().filter(|(_, file)| !current.contains(file.package.as_str())) {
        let first = gone.entry(&file.package).or_insert(id);
        if file.path < pairs.baseline.file(*first).path {
            *first = id;
        }
    }
    for (package, file) in gone {
        out.report(At::nowhere(), package, format!("package `{package}` was deleted"))
            .against(At::file(pairs.baseline, file));
    }
}
