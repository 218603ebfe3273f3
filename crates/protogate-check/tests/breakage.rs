//! Who breaks and how, witnesses, repairs and causes: of every finding in `fixtures/breaking`, against `fixtures/report/breakage`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use protogate_check::{BreakingConfig, Encoding, Finding, Group, Rule, Version, check_breaking, rules};
use protogate_fixture::{Case, case, cases};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

fn load(case: &Case, side: &str) -> Schema {
    let files = case.files(side, "proto");
    compile(files.into_iter().map(|(path, text)| Source::new(path, text)).collect()).unwrap()
}

fn breaking_rules() -> impl Iterator<Item = &'static Rule> {
    rules().iter().copied().filter(|rule| rule.group() == Group::Breaking && !rule.is_contract())
}

fn everything() -> BreakingConfig {
    BreakingConfig { r#use: breaking_rules().map(|rule| rule.id.to_owned()).collect(), ..Default::default() }
}

fn findings(case: &Case) -> Vec<Finding> {
    check_breaking(&load(case, "current"), &load(case, "baseline"), &everything()).unwrap().findings
}

fn describe(finding: &Finding, out: &mut String) {
    writeln!(out, "{}: {}", finding.rule, finding.message).unwrap();
    for impact in &finding.impact {
        writeln!(out, "  {}: {}", impact.audience.label(), impact.text).unwrap();
    }
    let sides: Vec<&str> = finding.sides.iter().map(|side| side.label()).collect();
    writeln!(out, "  between: {}", sides.join(", ")).unwrap();
    if let Some(it) = &finding.witness {
        let writer = if it.writer == Version::Old { "old" } else { "new" };
        let encoding = match it.encoding {
            Encoding::Binary => "bytes",
            Encoding::Json => "JSON",
            Encoding::Http => "HTTP",
        };
        writeln!(out, "  {writer} writes {} {} as {encoding} {}", it.message, it.value, it.data).unwrap();
        writeln!(out, "    old reads {}\n    new reads {}", it.old, it.new).unwrap();
    }
    if let Some(fix) = &finding.fix {
        writeln!(out, "  fix{}: {}", if fix.safe { " (safe)" } else { "" }, fix.title).unwrap();
        for edit in &fix.edits {
            let span = edit.span;
            let place =
                format!("{}:{}-{}:{}", span.start_line, span.start_column, span.end_line, span.end_column);
            writeln!(out, "    {} {place} {:?}", edit.path, edit.text).unwrap();
        }
    }
    if let Some(because) = &finding.because {
        writeln!(out, "  because: {because}").unwrap();
    }
}

#[test]
fn every_finding_says_who_breaks_and_how() {
    let (mut out, mut wrong) = (String::new(), String::new());
    let mut seen = BTreeSet::new();
    for case in cases("breaking") {
        writeln!(out, "## {}\n", case.name).unwrap();
        for finding in findings(&case) {
            describe(&finding, &mut out);
            let compatible = finding.impact.iter().all(|it| it.text.starts_with("compatible on the wire"));
            assert!(!finding.impact.is_empty(), "{}: {finding:?}", case.name);
            assert_eq!(finding.sides.is_empty(), compatible, "{}: {finding:?}", case.name);
            let own = protogate_check::rule(finding.rule).unwrap().breaks;
            let general = finding.impact.iter().find(|it| own.iter().any(|(_, text)| *text == it.text));
            if let Some(impact) = general {
                writeln!(
                    wrong,
                    "{}: {}: no more than the rule says: {}",
                    case.name, finding.rule, impact.text
                )
                .unwrap();
            }
            seen.insert(finding.rule);
        }
        out.push('\n');
    }
    case("report", "breakage").check("expected.txt", &out);
    assert!(wrong.is_empty(), "{wrong}");
    let silent: Vec<&str> = breaking_rules()
        .map(|rule| rule.id)
        .filter(|id| *id != "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT" && !seen.contains(id))
        .collect();
    assert!(silent.is_empty(), "no finding of {silent:?}");
}
