//! The contract rules over `fixtures/contract`: expected findings with both places and the advice, silence on equal inputs, silence where
//! no annotation changed.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

mod support;

use std::fmt::Write as _;

use protogate_check::{
    BreakingConfig, Finding, Group, LintConfig, Profile, Rule, Severity, check_breaking, check_lint, rules,
};
use protogate_fixture::{Case, cases};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

fn contract_rules(group: Group) -> impl Iterator<Item = &'static Rule> {
    // What a baseline remembers has tests of its own.
    rules()
        .iter()
        .copied()
        .filter(move |rule| rule.is_contract() && rule.group() == group && rule.categories != ["HISTORY"])
}

fn ids(group: Group) -> Vec<String> {
    contract_rules(group).map(|rule| rule.id.to_owned()).collect()
}

fn breaking(current: &Schema, baseline: &Schema) -> Vec<Finding> {
    let config = BreakingConfig { r#use: ids(Group::Breaking), ..Default::default() };
    check_breaking(current, baseline, &config).unwrap().findings
}

fn lint(case: &Case, current: &Schema) -> Vec<Finding> {
    let mut config: LintConfig = match case.has("lint.toml") {
        true => toml::from_str(&case.read("lint.toml")).unwrap(),
        false => LintConfig::default(),
    };
    config.r#use = ids(Group::Lint);
    check_lint(current, &config).unwrap().findings
}

fn is_lint(case: &Case) -> bool {
    !case.has("baseline")
}

/// What rules decide about a finding: place, id, severity and text, place in the baseline, advice.
fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let mark = if finding.severity == Severity::Deny { "" } else { " (warning)" };
        let _ = writeln!(out, "{}{mark} {}", support::place(finding), finding.message);
        if let Some(against) = &finding.against {
            let span = against.span.map_or_else(String::new, |it| {
                format!(":{}:{}-{}:{}", it.start_line, it.start_column, it.end_line, it.end_column)
            });
            let _ = writeln!(out, "    was {}{span}", against.path);
        }
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "    help: {help}");
        }
    }
    out
}

#[test]
fn every_case_is_as_expected() {
    let mut wrong = String::new();
    for case in cases("contract") {
        let current = support::compile(&case, "current");
        let findings = if is_lint(&case) {
            lint(&case, &current)
        } else {
            let baseline = support::compile(&case, "baseline");
            for schema in [&baseline, &current] {
                assert_eq!(text(&breaking(schema, schema)), "", "{}: equal inputs", case.name);
            }
            breaking(&current, &baseline)
        };
        if let Err(difference) = case.compare("expected.txt", &text(&findings)) {
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
    let cases: Vec<String> = cases("contract").into_iter().map(|case| case.name.to_uppercase()).collect();
    let without: Vec<&str> = [Group::Breaking, Group::Lint]
        .into_iter()
        .flat_map(contract_rules)
        .map(|rule| rule.id)
        .filter(|id| !cases.iter().any(|case| case == id))
        .collect();
    assert!(without.is_empty(), "no folder in fixtures/contract for {without:?}");
}

/// Fingerprints tell the findings of one case apart: one waiver must not cover two of them.
#[test]
fn fingerprints_are_unique() {
    for case in cases("contract").into_iter().filter(|case| !is_lint(case)) {
        let findings = breaking(&support::compile(&case, "current"), &support::compile(&case, "baseline"));
        let mut seen: Vec<&str> = findings.iter().map(|it| it.fingerprint.as_str()).collect();
        seen.sort_unstable();
        let count = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), count, "{}: {seen:?}", case.name);
    }
}

/// A repair that is offered as safe ends its finding, and begins no other.
#[test]
fn safe_fixes_of_routes_repair_them() {
    let mut applied = 0;
    for case in cases("contract").into_iter().filter(|case| case.name.starts_with("route_")) {
        let (current, baseline) = (support::compile(&case, "current"), support::compile(&case, "baseline"));
        let before = breaking(&current, &baseline);
        for finding in before.iter().filter(|it| it.rule.starts_with("ROUTE_")) {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safe) else { continue };
            let files = case.files("current", "proto").into_iter().map(|(path, mut text)| {
                for edit in fix.edits.iter().filter(|edit| edit.path == path) {
                    let (from, to) = (edit.span.start_line as usize, edit.span.end_line as usize);
                    let start = text.split_inclusive('\n').take(from - 1).map(str::len).sum::<usize>();
                    let end = text.split_inclusive('\n').take(to - 1).map(str::len).sum::<usize>();
                    let range =
                        start + edit.span.start_column as usize - 1..end + edit.span.end_column as usize - 1;
                    text.replace_range(range, &edit.text);
                }
                Source::new(path, text)
            });
            let repaired = compile(files.collect())
                .unwrap_or_else(|error| panic!("{}: {}: {error}", case.name, fix.title));
            let after = breaking(&repaired, &baseline);
            let prints = |list: &[Finding]| {
                let mut prints: Vec<String> = list.iter().map(|it| it.fingerprint.clone()).collect();
                prints.sort();
                prints
            };
            let mut expected = prints(&before);
            expected.retain(|it| *it != finding.fingerprint);
            assert_eq!(prints(&after), expected, "{}: {}", case.name, fix.title);
            applied += 1;
        }
    }
    assert!(applied >= 10, "{applied} fixes");
}

/// The contract rules run by default in the profile of `check`, and only there.
#[test]
fn the_profile_decides_when_nothing_is_selected() {
    for rule in rules().iter().filter(|rule| rule.group() != Group::Waiver) {
        let (buf, ours) = (rule.is_default(Profile::Buf), rule.is_default(Profile::Protogate));
        if rule.is_contract() {
            assert!(!buf && ours, "{}", rule.id);
        } else {
            assert_eq!(buf, ours, "{}", rule.id);
        }
    }
}
