//! The breaking rules over `fixtures/breaking`: expected findings, silence on equal inputs, agreement with the reference checker.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

mod support;

use std::fs;

use protogate_check::{BreakingConfig, Finding, Group, Rule, check_breaking, rules};
use protogate_fixture::{Case, cases};
use protogate_schema::Schema;

fn breaking_rules() -> impl Iterator<Item = &'static Rule> {
    rules().iter().copied().filter(|rule| rule.group() == Group::Breaking && !rule.is_contract())
}

fn everything() -> BreakingConfig {
    BreakingConfig { r#use: breaking_rules().map(|rule| rule.id.to_owned()).collect(), ..Default::default() }
}

fn check(current: &Schema, baseline: &Schema) -> Vec<Finding> {
    check_breaking(current, baseline, &everything()).unwrap().findings
}

#[test]
fn every_case_is_as_expected() {
    let mut wrong = String::new();
    for case in cases("breaking") {
        let (baseline, current) = (support::compile(&case, "baseline"), support::compile(&case, "current"));
        let findings = check(&current, &baseline);
        if let Err(difference) = case.compare("expected.txt", &support::lines(&findings)) {
            wrong.push_str(&format!("{difference:#}\n"));
        }
        let rule = case.name.to_uppercase();
        if protogate_check::rule(&rule).is_some() && !findings.iter().any(|finding| finding.rule == rule) {
            wrong.push_str(&format!("{rule} does not fire in the folder of its name\n"));
        }
        for schema in [&baseline, &current] {
            assert_eq!(support::lines(&check(schema, schema)), "", "{}: equal inputs", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_a_case() {
    let cases: Vec<String> = cases("breaking").into_iter().map(|case| case.name.to_uppercase()).collect();
    let without: Vec<&str> = breaking_rules()
        .map(|rule| rule.id)
        .filter(|id| *id != "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT" && !cases.iter().any(|case| case == id))
        .collect();
    assert!(without.is_empty(), "no folder in fixtures/breaking for {without:?}");
}

/// The reference checker on the same inputs. It knows the rules by the same ids.
#[test]
fn the_reference_checker_agrees() {
    let mut wrong = String::new();
    for case in cases("breaking") {
        let Some(expected) = reference(&case) else { return };
        let (baseline, current) = (support::compile(&case, "baseline"), support::compile(&case, "current"));
        let mut actual: Vec<String> = check(&current, &baseline).iter().map(support::place).collect();
        actual.sort();
        let difference = support::difference(&expected, &actual);
        if !difference.is_empty() {
            wrong.push_str(&format!("{}\n{difference}", case.name));
        }
    }
    assert!(wrong.is_empty(), "`-` only the reference, `+` only ours\n{wrong}");
}

fn reference(case: &Case) -> Option<Vec<String>> {
    let config = r#"{"version":"v2","breaking":{"use":["FILE","PACKAGE","WIRE_JSON","WIRE","CSR"]}}"#;
    let baseline = fs::canonicalize(case.path("baseline")).unwrap();
    let arguments = ["breaking", ".", "--against", baseline.to_str().unwrap(), "--config", config];
    support::reference(&case.path("current"), &arguments)
}
