//! The history rules over `fixtures/history`: reuse is found, what comes back as it was is not; and whether a baseline forgets.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

mod support;

use protogate_check::{BreakingConfig, Finding, Profile, check_breaking, check_history, rules};
use protogate_fixture::{Case, case, cases};
use protogate_schema::baseline::{self, Committed};
use protogate_schema::history::{History, promised, remembered};
use protogate_schema::{Input, Schema, load};

fn config() -> BreakingConfig {
    BreakingConfig { r#use: vec!["HISTORY".to_owned()], ..BreakingConfig::default() }
}

fn find(current: &Schema, baseline: &Schema) -> Vec<Finding> {
    check_breaking(current, baseline, &config()).unwrap().findings
}

/// The baseline of a case, with the history that accepting it over `before` leaves.
fn baseline_of(case: &Case) -> Schema {
    let (before, baseline) = (support::compile(case, "before"), support::compile(case, "baseline"));
    with_history(&baseline, &History::default().advance(&before, &baseline, "2026-10-02"))
}

fn with_history(schema: &Schema, history: &History) -> Schema {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("baseline.binpb");
    std::fs::write(&path, baseline::encode(schema, history)).unwrap();
    load::load(&Input::parse(path.to_str().unwrap()).unwrap()).unwrap()
}

#[test]
fn every_case_is_as_expected() {
    let mut wrong = String::new();
    for case in cases("history") {
        let (current, baseline) = (support::compile(&case, "current"), baseline_of(&case));
        let findings = find(&current, &baseline);
        if let Err(difference) = case.compare("expected.txt", &support::lines(&findings)) {
            wrong.push_str(&format!("{difference:#}\n"));
        }
        let rule = case.name.to_uppercase();
        assert!(findings.iter().any(|it| it.rule == rule), "{rule} does not fire in the folder of its name");
        let fingerprints: std::collections::HashSet<_> = findings.iter().map(|it| &it.fingerprint).collect();
        assert_eq!(fingerprints.len(), findings.len(), "{rule}: each finding has its own fingerprint");
        assert_eq!(
            find(&current, &support::compile(&case, "baseline")),
            [],
            "{rule}: no history, no finding"
        );
        assert_eq!(
            find(&support::compile(&case, "before"), &baseline),
            [],
            "{rule}: it may come back as it was"
        );
        // Once accepted, the reuse is part of the promise.
        let history = History::of(&baseline).unwrap().advance(&baseline, &current, "2026-10-03");
        assert_eq!(find(&current, &with_history(&current, &history)), [], "{rule}: accepted");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_a_case() {
    let names: Vec<String> = cases("history").into_iter().map(|case| case.name.to_uppercase()).collect();
    let without: Vec<&str> = rules()
        .iter()
        .filter(|rule| rule.categories.contains(&"HISTORY") && rule.id != "BASELINE_HISTORY_KEPT")
        .map(|rule| rule.id)
        .filter(|id| !names.iter().any(|name| name == id))
        .collect();
    assert!(without.is_empty(), "no folder in fixtures/history for {without:?}");
}

#[test]
fn the_category_is_on_with_our_profile_only() {
    let case = case("history", "field_number_reused");
    let (current, baseline) = (support::compile(&case, "current"), baseline_of(&case));
    let reused = |profile| {
        let config = BreakingConfig { profile, ..BreakingConfig::default() };
        let report = check_breaking(&current, &baseline, &config).unwrap();
        report.findings.iter().any(|it| it.rule == "FIELD_NUMBER_REUSED")
    };
    assert!(reused(Profile::Protogate));
    assert!(!reused(Profile::Buf));
}

#[test]
fn a_baseline_that_forgets_is_found() {
    let case = case("history", "field_number_reused");
    let (before, now) = (support::compile(&case, "before"), baseline_of(&case));
    let version = |schema: &Schema| {
        vec![Committed { commit: "0123456789ab".to_owned(), remembered: remembered(schema) }]
    };
    let check = |baseline: &Schema, versions: &[Committed]| {
        check_history(baseline, "proto/baseline.binpb", versions, &config()).unwrap().findings
    };
    assert_eq!(check(&now, &version(&before)), [], "it remembers what it deleted");
    let plain = support::compile(&case, "baseline");
    assert_ne!(promised(&plain), remembered(&now));
    let found = check(&plain, &version(&now));
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!(one.rule, "BASELINE_HISTORY_KEPT");
    assert_eq!(one.element, "proto/baseline.binpb");
    assert!(one.message.contains("commit 0123456789ab"), "{}", one.message);
    assert!(
        one.message.contains("field 2 `rev` of `acme.v1.Device`") && one.message.contains(" more"),
        "{}",
        one.message
    );
    assert!(one.fingerprint.starts_with("BASELINE_HISTORY_KEPT@"));
    let off = BreakingConfig { r#use: vec!["FILE".to_owned()], ..BreakingConfig::default() };
    assert_eq!(check_history(&plain, "x", &version(&now), &off).unwrap().findings, []);
}
