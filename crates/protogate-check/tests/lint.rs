//! The lint rules over `fixtures/lint`: expected findings, and agreement with the reference checker.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

mod support;

use protogate_check::{ConfigVersion, Group, LintConfig, check_lint, rules};
use protogate_fixture::{Case, cases};

const EVERYDAY: [&str; 3] = ["STANDARD", "UNARY_RPC", "STABLE_PACKAGE_NO_IMPORT_UNSTABLE"];

/// `lint.toml` of a case, and its `version`.
fn table(case: &Case) -> (toml::Table, ConfigVersion) {
    let mut table: toml::Table =
        if case.has("lint.toml") { case.read("lint.toml").parse().unwrap() } else { toml::Table::new() };
    let version = match table.remove("version") {
        None => ConfigVersion::V2,
        Some(version) if version.as_str() == Some("v1beta1") => ConfigVersion::V1Beta1,
        Some(version) => panic!("{}: version {version}", case.name),
    };
    (table, version)
}

fn config(case: &Case) -> LintConfig {
    let (table, version) = table(case);
    let mut config: LintConfig = table.try_into().unwrap();
    config.version = version;
    if config.r#use.is_empty() {
        config.r#use = EVERYDAY.map(str::to_owned).to_vec();
    }
    config
}

#[test]
fn every_case_is_as_expected() {
    let mut wrong = String::new();
    for case in cases("lint") {
        let findings = check_lint(&support::compile(&case, ""), &config(&case)).unwrap().findings;
        if let Err(difference) = case.compare("expected.txt", &support::lines(&findings)) {
            wrong.push_str(&format!("{difference:#}\n"));
        }
        let rule = case.name.to_uppercase();
        if protogate_check::rule(&rule).is_some() && !findings.iter().any(|finding| finding.rule == rule) {
            wrong.push_str(&format!("{rule} does not fire in the folder of its name\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_a_case() {
    let cases: Vec<String> = cases("lint").into_iter().map(|case| case.name.to_uppercase()).collect();
    let without: Vec<&str> = rules()
        .iter()
        .filter(|rule| rule.group() == Group::Lint && !rule.is_contract())
        .map(|rule| rule.id)
        .filter(|id| *id != "IMPORT_NO_WEAK" && !cases.iter().any(|case| case == id))
        .collect();
    assert!(without.is_empty(), "no folder in fixtures/lint for {without:?}");
}

/// The reference checker on the same inputs. It knows the rules by the same ids.
#[test]
fn the_reference_checker_agrees() {
    let mut wrong = String::new();
    // `tests/protovalidate.rs` compares that case, with the import that it needs.
    for case in cases("lint").into_iter().filter(|case| case.name != "protovalidate") {
        let (mut section, version) = table(&case);
        let mut config = config(&case);
        if version == ConfigVersion::V2 {
            config.r#use = EVERYDAY.iter().chain(&["COMMENTS"]).map(|&name| name.to_owned()).collect();
        }
        section.insert("use".to_owned(), config.r#use.clone().into());
        let name = if version == ConfigVersion::V2 { "v2" } else { "v1beta1" };
        let json = serde_json::json!({ "version": name, "lint": section }).to_string();
        let Some(expected) = support::reference(&case.path(""), &["lint", ".", "--config", &json]) else {
            return;
        };
        let report = check_lint(&support::compile(&case, ""), &config).unwrap();
        let mut actual: Vec<String> = report.findings.iter().map(support::place).collect();
        actual.sort();
        let difference = support::difference(&expected, &actual);
        if !difference.is_empty() {
            wrong.push_str(&format!("{}\n{difference}", case.name));
        }
    }
    assert!(wrong.is_empty(), "`-` only the reference, `+` only ours\n{wrong}");
}
