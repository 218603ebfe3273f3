//! The files of a package agree about an option that decides where generated code goes. One table, because only
//! the option differs.

use crate::finding::Findings;
use crate::lint::FileGroup;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use crate::subject;
use protogate_schema::model::options::FileOptions;
use std::collections::BTreeSet;

pub(super) static RULES: [Rule; 7] = [
    Rule {
        id: "PACKAGE_SAME_GO_PACKAGE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `go_package`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `go_package`, or none",
        bad: r#"// acme/v1/a.proto
option go_package = "a";
// acme/v1/b.proto
option go_package = "b";"#,
        good: r#"// acme/v1/a.proto
option go_package = "a";
// acme/v1/b.proto
option go_package = "a";"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "go_package", 11, |options| options.go_package.clone())
        }),
    },
    Rule {
        id: "PACKAGE_SAME_CSHARP_NAMESPACE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `csharp_namespace`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `csharp_namespace`, or none",
        bad: r#"// acme/v1/a.proto
option csharp_namespace = "a";
// acme/v1/b.proto
option csharp_namespace = "b";"#,
        good: r#"// acme/v1/a.proto
option csharp_namespace = "a";
// acme/v1/b.proto
option csharp_namespace = "a";"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "csharp_namespace", 37, |options| options.csharp_namespace.clone())
        }),
    },
    Rule {
        id: "PACKAGE_SAME_JAVA_PACKAGE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `java_package`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `java_package`, or none",
        bad: r#"// acme/v1/a.proto
option java_package = "a";
// acme/v1/b.proto
option java_package = "b";"#,
        good: r#"// acme/v1/a.proto
option java_package = "a";
// acme/v1/b.proto
option java_package = "a";"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "java_package", 1, |options| options.java_package.clone())
        }),
    },
    Rule {
        id: "PACKAGE_SAME_JAVA_MULTIPLE_FILES",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `java_multiple_files`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `java_multiple_files`, or none",
        bad: r#"// acme/v1/a.proto
option java_multiple_files = true;
// acme/v1/b.proto
option java_multiple_files = false;"#,
        good: r#"// acme/v1/a.proto
option java_multiple_files = true;
// acme/v1/b.proto
option java_multiple_files = true;"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "java_multiple_files", 10, |options| {
                options.java_multiple_files.map(|it| it.to_string())
            })
        }),
    },
    Rule {
        id: "PACKAGE_SAME_PHP_NAMESPACE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `php_namespace`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `php_namespace`, or none",
        bad: r#"// acme/v1/a.proto
option php_namespace = "a";
// acme/v1/b.proto
option php_namespace = "b";"#,
        good: r#"// acme/v1/a.proto
option php_namespace = "a";
// acme/v1/b.proto
option php_namespace = "a";"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "php_namespace", 41, |options| options.php_namespace.clone())
        }),
    },
    Rule {
        id: "PACKAGE_SAME_RUBY_PACKAGE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `ruby_package`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `ruby_package`, or none",
        bad: r#"// acme/v1/a.proto
option ruby_package = "a";
// acme/v1/b.proto
option ruby_package = "b";"#,
        good: r#"// acme/v1/a.proto
option ruby_package = "a";
// acme/v1/b.proto
option ruby_package = "a";"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "ruby_package", 45, |options| options.ruby_package.clone())
        }),
    },
    Rule {
        id: "PACKAGE_SAME_SWIFT_PREFIX",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "the files of a package have the same `swift_prefix`",
        breaks: &[],
        why: "Generated code of one package should stay together; different values tear it apart, and some generators fail.",
        help: "give all files of the package the same `swift_prefix`, or none",
        bad: r#"// acme/v1/a.proto
option swift_prefix = "a";
// acme/v1/b.proto
option swift_prefix = "b";"#,
        good: r#"// acme/v1/a.proto
option swift_prefix = "a";
// acme/v1/b.proto
option swift_prefix = "a";"#,
        check: Check::Package(|lint, group, out| {
            check(lint, group, out, "swift_prefix", 39, |options| options.swift_prefix.clone())
        }),
    },
];

fn check(
    lint: &Lint<'_>,
    group: &FileGroup<'_>,
    out: &mut Findings,
    option: &str,
    number: i32,
    read: fn(&FileOptions) -> Option<String>,
) {
    // The empty text equals unset; unset is a value of its own.
    let values: BTreeSet<String> =
        group.files.iter().map(|(_, file)| read(&file.options).unwrap_or_default()).collect();
    if values.len() < 2 {
        return;
    }
    let some_have_none = if values.contains("") { ", and some files do not set it" } else { "" };
    let set = subject::list(values.iter().map(String::as_str).filter(|value| !value.is_empty()));
    for &(id, _) in &group.files {
        let message = format!(
            "files of package `{}` have different values of `{option}`: {set}{some_have_none}",
            group.name
        );
        lint.report_statement(out, id, &[8, number], message);
    }
}
