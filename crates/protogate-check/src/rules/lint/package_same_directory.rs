//! The files of a package lie together.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::lint::{FileGroup, directory};
use crate::rule::{Check, Rule, Severity};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_SAME_DIRECTORY",
    categories: &["MINIMAL", "BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the files of a package lie in one directory",
    breaks: &[],
    why: "Generators that work by directory would make several modules of one package.",
    help: "move the files of the package into one directory",
    bad: r#"// a/device.proto and b/site.proto
package acme.v1;"#,
    good: r#"// acme/v1/device.proto and acme/v1/site.proto
package acme.v1;"#,
    check: Check::Package(check),
};

fn check(lint: &Lint<'_>, group: &FileGroup<'_>, out: &mut Findings) {
    let directories: BTreeSet<&str> = group.files.iter().map(|(_, file)| directory(&file.path)).collect();
    if directories.len() < 2 {
        return;
    }
    let list = directories.into_iter().collect::<Vec<_>>().join(",");
    for &(id, _) in &group.files {
        let message = format!("files of package `{}` lie in several directories: {list}", group.name);
        lint.report_statement(out, id, &[2], message);
    }
}
