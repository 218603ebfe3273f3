//! One cause, one finding: grouping over `fixtures/breaking`, and the renames of `fixtures/report/renames`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use jiff::civil::date;
use protogate_check::report::{Format, View, render, summary};
use protogate_check::{BreakingConfig, Finding, Group, Report, Severity, Waivers, check_breaking, rules};
use protogate_fixture::{Case, case, cases};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

fn load(case: &Case, side: &str) -> Schema {
    let files = case.files(side, "proto");
    compile(files.into_iter().map(|(path, text)| Source::new(path, text)).collect()).unwrap()
}

fn everything() -> BreakingConfig {
    let breaking = rules().iter().filter(|rule| rule.group() == Group::Breaking);
    BreakingConfig { r#use: breaking.map(|rule| rule.id.to_owned()).collect(), ..Default::default() }
}

fn check(baseline: &str, current: &str, config: &BreakingConfig) -> Report {
    let schema = |text: &str| {
        compile(vec![Source::new("a.proto", format!("syntax = \"proto3\"; package a; {text}"))]).unwrap()
    };
    check_breaking(&schema(current), &schema(baseline), config).unwrap()
}

fn all(report: &Report) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = report.all().collect();
    all.sort_by_key(|it| (it.fingerprint.clone(), it.message.clone(), it.position()));
    all
}

#[test]
fn grouping_loses_nothing() {
    let mut folded = 0;
    for case in cases("breaking") {
        let flat = check_breaking(&load(&case, "current"), &load(&case, "baseline"), &everything()).unwrap();
        let grouped = flat.clone().group();
        let bare = |report: &Report| {
            let alone = |it: &Finding| {
                let mut it = it.clone();
                it.folded.clear();
                it
            };
            all(report).into_iter().map(alone).collect::<Vec<_>>()
        };
        assert_eq!(bare(&flat), bare(&grouped), "{}", case.name);
        assert_eq!(flat.has_denied(), grouped.has_denied(), "{}", case.name);
        assert_eq!(flat.count(Severity::Deny), grouped.count(Severity::Deny), "{}", case.name);
        assert!(grouped.findings.iter().all(|it| it.folded.iter().all(|below| below.folded.is_empty())));
        let twice = grouped.clone().group();
        assert_eq!(twice.findings, grouped.findings, "{}: grouping again changes nothing", case.name);
        folded += flat.findings.len() - grouped.findings.len();
    }
    assert!(folded > 100, "{folded} folded");
}

#[test]
fn renames_are_one_finding_each() {
    let case = case("report", "renames");
    let (baseline, current) = (load(&case, "baseline"), load(&case, "current"));
    let report = check_breaking(&current, &baseline, &BreakingConfig::default()).unwrap().group();
    let view = View {
        current: Some(&current),
        baseline: Some(&baseline),
        baseline_name: "v1.4.0",
        ..View::default()
    };
    let mut text = String::new();
    render(Format::Text, &report, &view, &mut text).unwrap();
    text.push_str(&summary(&report, &view));
    text.push('\n');
    case.check("expected.txt", &text);
    for (format, name) in [
        (Format::Json, "expected.json"),
        (Format::Sarif, "expected.sarif"),
        (Format::Junit, "expected.junit.xml"),
        (Format::GithubActions, "expected.github.txt"),
        (Format::GitlabCodeQuality, "expected.gitlab.json"),
        (Format::Rdjsonl, "expected.rdjsonl"),
        (Format::Markdown, "expected.md"),
    ] {
        let mut out = String::new();
        render(format, &report, &view, &mut out).unwrap();
        case.check(name, &out);
    }
}

const DEVICE: &str = "message Device { string id = 1; int32 rev = 2; } message Site { Device d = 1; repeated Device more = 2; }";
const MACHINE: &str = "message Machine { string id = 1; int32 rev = 2; } message Site { Machine d = 1; repeated Machine more = 2; }";

fn waive(report: &mut Report, fingerprint: &str) {
    let mut table: toml::Table =
        format!("waiver = [{{ rule = {fingerprint:?}, reason = \"agreed\" }}]").parse().unwrap();
    let waivers: Waivers = table.remove("waiver").unwrap().try_into().unwrap();
    waivers.apply(report, date(2026, 11, 22));
}

/// The verdict must not depend on grouping: a waiver reaches from a cause to its consequences in either case, and not the other way.
#[test]
fn waivers_count_the_same_with_and_without_grouping() {
    let flat = check(DEVICE, MACHINE, &BreakingConfig::default());
    let grouped = flat.clone().group();
    assert_eq!((flat.findings.len(), grouped.findings.len()), (3, 1), "{:?}", grouped.findings);
    assert_eq!(grouped.findings[0].rule, "MESSAGE_NO_DELETE");
    assert_eq!(grouped.findings[0].folded.len(), 2);
    for fingerprint in flat.findings.iter().map(|it| it.fingerprint.clone()) {
        let (mut flat, mut grouped) = (flat.clone(), grouped.clone());
        waive(&mut flat, &fingerprint);
        waive(&mut grouped, &fingerprint);
        assert_eq!(flat.has_denied(), grouped.has_denied(), "{fingerprint}");
        assert_eq!(flat.count(Severity::Deny), grouped.count(Severity::Deny), "{fingerprint}");
        let waived =
            |report: &Report| report.waived.iter().map(|it| it.finding.with_folded().count()).sum::<usize>();
        assert_eq!(waived(&flat), waived(&grouped), "{fingerprint}");
        let expected = if fingerprint.starts_with("MESSAGE_NO_DELETE@") { 3 } else { 1 };
        assert_eq!(waived(&flat), expected, "{fingerprint}");
    }
}

#[test]
fn a_denied_consequence_of_a_warning_fails() {
    let config = BreakingConfig {
        severity: [("MESSAGE_NO_DELETE".to_owned(), Severity::Warn)].into(),
        ..BreakingConfig::default()
    };
    let report = check(DEVICE, MACHINE, &config).group();
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].severity, Severity::Warn);
    assert!(report.has_denied());
    assert_eq!((report.count(Severity::Deny), report.count(Severity::Warn)), (2, 1));
}

#[test]
fn what_only_looks_alike_is_no_rename() {
    // A type that changed in most of its fields, and one that is used no more.
    let report = check(
        "message A { string x = 1; int32 y = 2; } message M { A a = 1; }",
        "message B { bytes p = 4; bool q = 5; } message M { B a = 1; }",
        &BreakingConfig::default(),
    );
    assert!(report.findings.iter().all(|it| it.because.is_none()), "{:?}", report.findings);
    assert_eq!(report.findings.len(), report.group().findings.len());
}

#[test]
fn the_guess_is_the_same_every_time() {
    let old: String = (0..20).map(|it| format!("message A{it} {{ int32 x = 1; int32 y = 2; }} ")).collect();
    let new: String = (0..20).map(|it| format!("message B{it} {{ int32 x = 1; int32 y = 2; }} ")).collect();
    let because = || {
        let report = check(&old, &new, &BreakingConfig::default());
        report.findings.into_iter().map(|it| it.because).collect::<Vec<_>>()
    };
    let first = because();
    assert!(first.iter().all(Option::is_some));
    for _ in 0..5 {
        assert_eq!(because(), first);
    }
}
