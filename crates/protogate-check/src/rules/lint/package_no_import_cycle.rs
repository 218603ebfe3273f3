//! Packages do not import each other in circles.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use std::collections::{BTreeSet, HashMap, VecDeque};

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_NO_IMPORT_CYCLE",
    categories: &["MINIMAL", "BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "packages do not import each other in circles",
    breaks: &[],
    why: "Several languages make a module of each package, and refuse modules that import each other.",
    help: "move what both need into a package of its own",
    bad: "// acme/a/v1 imports acme/b/v1, and acme/b/v1 imports acme/a/v1",
    good: "// acme/a/v1 and acme/b/v1 import acme/common/v1",
    check: Check::Schema(check),
};

/// Package to the packages that its files import; those without a name are left out.
type Graph<'a> = HashMap<&'a str, BTreeSet<&'a str>>;

fn check(lint: &Lint<'_>, out: &mut Findings) {
    let schema = lint.schema;
    let package_of = |path: &str| schema.find_file(path).map(|id| schema.file(id).package.as_str());
    let mut graph: Graph<'_> = HashMap::new();
    for (_, file) in schema.files().filter(|(_, file)| !file.package.is_empty()) {
        let imports = graph.entry(&file.package).or_default();
        imports.extend(
            file.imports
                .iter()
                .filter_map(|it| package_of(it))
                .filter(|it| !it.is_empty() && *it != file.package),
        );
    }
    let mut known: HashMap<(&str, &str), Option<String>> = HashMap::new();
    for (id, file) in lint.targets().filter(|(_, file)| !file.package.is_empty()) {
        for (import, index) in file.imports.iter().zip(0..) {
            let Some(package) = package_of(import).filter(|it| !it.is_empty() && *it != file.package) else {
                continue;
            };
            let cycle =
                known.entry((&file.package, package)).or_insert_with(|| way(&graph, package, &file.package));
            if let Some(way) = cycle {
                let message =
                    format!("import of `{import}` closes a circle of packages: {} -> {way}", file.package);
                lint.report_statement(out, id, &[3, index], message);
            }
        }
    }
}

/// A shortest way from one package to another: `b -> c -> a`.
fn way<'a>(graph: &Graph<'a>, from: &'a str, to: &str) -> Option<String> {
    let mut came_from: HashMap<&str, &str> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(package) = queue.pop_front() {
        if package == to {
            let mut names = vec![package];
            let mut at = package;
            while let Some(&before) = came_from.get(at) {
                names.push(before);
                at = before;
            }
            names.reverse();
            return Some(names.join(" -> "));
        }
        for &next in graph.get(package).into_iter().flatten() {
            if next != from && !came_from.contains_key(next) {
                came_from.insert(next, package);
                queue.push_back(next);
            }
        }
    }
    None
}
