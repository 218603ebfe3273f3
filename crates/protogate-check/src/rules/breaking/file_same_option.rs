//! The rules `FILE_SAME_<OPTION>`: file options that decide what generated code is called keep their values.
//!
//! One table, because the rules differ by a datum only. Setting an option to its default is not a change. Options that are not
//! listed, custom ones included, are never compared.

use protogate_schema::model::element::FileId;
use protogate_schema::model::options::FileOptions;
use protogate_schema::pair::{Pair, Pairs};

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};

/// A rule for one option: id, option, its number in `FileOptions`, whom a change hurts, examples, effective value.
macro_rules! option_rule {
    ($id:literal, $option:literal, $number:literal, $how:literal, $bad:expr, $good:expr, $read:expr) => {
        Rule {
            id: $id,
            categories: &["FILE", "PACKAGE"],
            severity: Severity::Deny,
            since: "0.1.0",
            summary: concat!("files keep their option `", $option, "`"),
            breaks: &[(Audience::Source, $how)],
            why: concat!("The option `", $option, "` decides what generated code looks like. Programs that use the code stop compiling when it changes."),
            help: concat!("keep the value of `", $option, "`"),
            bad: $bad,
            good: $good,
            check: Check::FilePair(|pairs, pair, out| compare(pairs, pair, out, $option, $number, $read)),
        }
    };
}

pub(super) static RULES: [Rule; 16] = [
    option_rule!(
        "FILE_SAME_CC_ENABLE_ARENAS",
        "cc_enable_arenas",
        31,
        "C++ programs that rely on arenas change",
        "+ option cc_enable_arenas = false;",
        "  // cc_enable_arenas as it was: not set, which means true",
        |options| options.cc_enable_arenas.unwrap_or(true).to_string()
    ),
    option_rule!(
        "FILE_SAME_CC_GENERIC_SERVICES",
        "cc_generic_services",
        16,
        "generated C++ service classes come or go",
        "+ option cc_generic_services = true;",
        "  // cc_generic_services as it was: not set, which means false",
        |options| options.cc_generic_services.unwrap_or(false).to_string()
    ),
    option_rule!(
        "FILE_SAME_CSHARP_NAMESPACE",
        "csharp_namespace",
        37,
        "generated C# moves to another namespace",
        r#"- option csharp_namespace = "acme";
+ option csharp_namespace = "other";"#,
        r#"  option csharp_namespace = "acme";"#,
        |options| options.csharp_namespace.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_GO_PACKAGE",
        "go_package",
        11,
        "generated Go moves to another import path",
        r#"- option go_package = "acme";
+ option go_package = "other";"#,
        r#"  option go_package = "acme";"#,
        |options| options.go_package.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_JAVA_GENERIC_SERVICES",
        "java_generic_services",
        17,
        "generated Java service classes come or go",
        "+ option java_generic_services = true;",
        "  // java_generic_services as it was: not set, which means false",
        |options| options.java_generic_services.unwrap_or(false).to_string()
    ),
    option_rule!(
        "FILE_SAME_JAVA_MULTIPLE_FILES",
        "java_multiple_files",
        10,
        "generated Java classes move in or out of the outer class",
        "+ option java_multiple_files = true;",
        "  // java_multiple_files as it was: not set, which means false",
        |options| options.java_multiple_files.unwrap_or(false).to_string()
    ),
    option_rule!(
        "FILE_SAME_JAVA_OUTER_CLASSNAME",
        "java_outer_classname",
        8,
        "the outer class of generated Java is named otherwise",
        r#"- option java_outer_classname = "acme";
+ option java_outer_classname = "other";"#,
        r#"  option java_outer_classname = "acme";"#,
        |options| options.java_outer_classname.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_JAVA_PACKAGE",
        "java_package",
        1,
        "generated Java moves to another package",
        r#"- option java_package = "acme";
+ option java_package = "other";"#,
        r#"  option java_package = "acme";"#,
        |options| options.java_package.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_OBJC_CLASS_PREFIX",
        "objc_class_prefix",
        36,
        "generated Objective-C classes are named otherwise",
        r#"- option objc_class_prefix = "acme";
+ option objc_class_prefix = "other";"#,
        r#"  option objc_class_prefix = "acme";"#,
        |options| options.objc_class_prefix.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_OPTIMIZE_FOR",
        "optimize_for",
        9,
        "generated C++ and Java change between full and lite runtime",
        "+ option optimize_for = LITE_RUNTIME;",
        "  // optimize_for as it was: not set, which means SPEED",
        |options| mode(options.optimize_for)
    ),
    option_rule!(
        "FILE_SAME_PHP_CLASS_PREFIX",
        "php_class_prefix",
        40,
        "generated PHP classes are named otherwise",
        r#"- option php_class_prefix = "acme";
+ option php_class_prefix = "other";"#,
        r#"  option php_class_prefix = "acme";"#,
        |options| options.php_class_prefix.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_PHP_METADATA_NAMESPACE",
        "php_metadata_namespace",
        44,
        "generated PHP metadata moves to another namespace",
        r#"- option php_metadata_namespace = "acme";
+ option php_metadata_namespace = "other";"#,
        r#"  option php_metadata_namespace = "acme";"#,
        |options| options.php_metadata_namespace.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_PHP_NAMESPACE",
        "php_namespace",
        41,
        "generated PHP moves to another namespace",
        r#"- option php_namespace = "acme";
+ option php_namespace = "other";"#,
        r#"  option php_namespace = "acme";"#,
        |options| options.php_namespace.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_PY_GENERIC_SERVICES",
        "py_generic_services",
        18,
        "generated Python service classes come or go",
        "+ option py_generic_services = true;",
        "  // py_generic_services as it was: not set, which means false",
        |options| options.py_generic_services.unwrap_or(false).to_string()
    ),
    option_rule!(
        "FILE_SAME_RUBY_PACKAGE",
        "ruby_package",
        45,
        "generated Ruby moves to another module",
        r#"- option ruby_package = "acme";
+ option ruby_package = "other";"#,
        r#"  option ruby_package = "acme";"#,
        |options| options.ruby_package.clone().unwrap_or_default()
    ),
    option_rule!(
        "FILE_SAME_SWIFT_PREFIX",
        "swift_prefix",
        39,
        "generated Swift types are named otherwise",
        r#"- option swift_prefix = "acme";
+ option swift_prefix = "other";"#,
        r#"  option swift_prefix = "acme";"#,
        |options| options.swift_prefix.clone().unwrap_or_default()
    ),
];

fn compare(
    pairs: &Pairs<'_>,
    pair: Pair<FileId>,
    out: &mut Findings,
    option: &str,
    number: i32,
    read: fn(&FileOptions) -> String,
) {
    let (old, new) = (pairs.baseline.file(pair.baseline), pairs.current.file(pair.current));
    if old.raw_options == new.raw_options {
        return;
    }
    let (before, now) = (read(&old.options), read(&new.options));
    if before == now {
        return;
    }
    out.report(
        At::statement(pairs.current, pair.current, &[8, number]),
        &new.path,
        format!("option `{option}` of file `{}` changed: `{before}` -> `{now}`", new.path),
    )
    .against(At::statement(pairs.baseline, pair.baseline, &[8, number]))
    .labels("", format!("was `{before}`"))
    .key(&before);
}

fn mode(optimize_for: Option<i32>) -> String {
    match optimize_for {
        None | Some(1) => "SPEED".to_owned(),
        Some(2) => "CODE_SIZE".to_owned(),
        Some(3) => "LITE_RUNTIME".to_owned(),
        Some(other) => other.to_string(),
    }
}
