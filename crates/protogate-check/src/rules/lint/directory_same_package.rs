//! The files of a directory belong together.

use crate::finding::Findings;
use crate::lint::FileGroup;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    id: "DIRECTORY_SAME_PACKAGE",
    categories: &["MINIMAL", "BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the files of a directory have one package",
    breaks: &[],
    why: "Generators that work by directory would mix packages.",
    help: "give the files one package, or move them apart",
    bad: r#"// acme/v1/device.proto
package acme.v1;
// acme/v1/site.proto
package acme.v2;"#,
    good: r#"// acme/v1/device.proto
package acme.v1;
// acme/v2/site.proto
package acme.v2;"#,
    check: Check::Directory(check),
};

fn check(lint: &Lint<'_>, group: &FileGroup<'_>, out: &mut Findings) {
    let packages: BTreeSet<&str> = group.files.iter().map(|(_, file)| file.package.as_str()).collect();
    if packages.len() < 2 {
        return;
    }
    let some_have_none = if packages.contains("") { ", and some files have none" } else { "" };
    let list: Vec<&str> = packages.into_iter().filter(|package| !package.is_empty()).collect();
    let list = list.join(",");
    for &(id, _) in &group.files {
        let message =
            format!("files in directory `{}` have several packages: {list}{some_have_none}", group.name);
        lint.report_statement(out, id, &[2], message);
    }
}
