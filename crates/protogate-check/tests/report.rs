//! Every rendering of one report, and of compile errors, against `fixtures/report`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use jiff::civil::date;
use protogate_check::report::{Format, View, diagnostic, render, summary};
use protogate_check::{BreakingConfig, LintConfig, Waivers, check_breaking, check_lint};
use protogate_fixture::{Case, case};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

const FORMATS: [(Format, &str); 8] = [
    (Format::Json, "expected.json"),
    (Format::Sarif, "expected.sarif"),
    (Format::Junit, "expected.junit.xml"),
    (Format::GithubActions, "expected.github.txt"),
    (Format::GitlabCodeQuality, "expected.gitlab.json"),
    (Format::Msvs, "expected.msvs.txt"),
    (Format::Rdjsonl, "expected.rdjsonl"),
    (Format::Markdown, "expected.md"),
];

fn load(case: &Case, side: &str) -> Schema {
    let files = case.files(side, "proto");
    compile(files.into_iter().map(|(path, text)| Source::new(path, text)).collect()).unwrap()
}

#[test]
fn every_rendering_is_as_expected() {
    let case = case("report", "everything");
    let (baseline, current) = (load(&case, "baseline"), load(&case, "current"));
    let today = date(2026, 11, 22);
    let breaking = check_breaking(&current, &baseline, &BreakingConfig::default()).unwrap();
    let mut report = breaking.merge(check_lint(&current, &LintConfig::default()).unwrap());
    let mut waivers: toml::Table = case.read("waivers.toml").parse().unwrap();
    let mut waivers: Waivers = waivers.remove("waiver").unwrap().try_into().unwrap();
    waivers.path = Some("protogate.toml".to_owned());
    waivers.apply(&mut report, today);
    assert!(report.has_denied());

    let shown = |path: &str| if path.ends_with(".proto") { format!("proto/{path}") } else { path.to_owned() };
    let view = View {
        current: Some(&current),
        baseline: Some(&baseline),
        show_path: &shown,
        baseline_name: "v1.4.0",
        today: Some(today),
        elapsed: Some(std::time::Duration::from_millis(38)),
        ..View::default()
    };
    let mut text = String::new();
    render(Format::Text, &report, &view, &mut text).unwrap();
    text.push_str(&summary(&report, &view));
    text.push('\n');
    case.check("expected.txt", &text);
    assert!(!text.contains('\u{202e}'), "characters that reorder a line are escaped");

    let mut plain = String::new();
    render(Format::Text, &report, &View { frames: false, ..view }, &mut plain).unwrap();
    case.check("expected.plain.txt", &plain);

    for (format, file) in FORMATS {
        let mut out = String::new();
        render(format, &report, &view, &mut out).unwrap();
        case.check(file, &out);
    }
}

#[test]
fn a_baseline_without_sources_shows_its_declarations() {
    let case = case("report", "everything");
    let current = load(&case, "current");
    let baseline =
        Schema::from_descriptor_set(load(&case, "baseline").descriptor_bytes().clone(), None).unwrap();
    let report = check_breaking(&current, &baseline, &BreakingConfig::default()).unwrap();
    let view = View {
        current: Some(&current),
        baseline: Some(&baseline),
        baseline_name: "proto/baseline.binpb",
        ..View::default()
    };
    let mut text = String::new();
    render(Format::Text, &report, &view, &mut text).unwrap();
    case.check("expected.descriptors.txt", &text);
}

#[test]
fn compile_errors_are_as_expected() {
    let case = case("report", "errors");
    let sources = case.files("", "proto").into_iter().map(|(path, text)| Source::new(path, text)).collect();
    let error = compile(sources).unwrap_err();
    let mut out = String::new();
    diagnostic::render(&error, &View::default(), &mut out).unwrap();
    case.check("expected.txt", &out);
    out.clear();
    diagnostic::render(&error, &View { frames: false, ..View::default() }, &mut out).unwrap();
    case.check("expected.plain.txt", &out);
    out.clear();
    diagnostic::render_json(&error, &View::default(), &mut out).unwrap();
    case.check("expected.json", &out);
}

#[test]
fn many_errors_are_counted() {
    let mut text = "syntax = \"proto3\";\nmessage A {\n".to_owned();
    for number in 1..=80 {
        text.push_str(&format!("  Missing{number} f{number} = {number};\n"));
    }
    text.push_str("}\n");
    let error = compile(vec![Source::new("a.proto", text)]).unwrap_err();
    let mut out = String::new();
    diagnostic::render(&error, &View { frames: false, ..View::default() }, &mut out).unwrap();
    assert!(out.lines().count() <= 51, "{out}");
}

#[test]
fn formats_have_names() {
    for name in Format::NAMES {
        assert!(name.parse::<Format>().is_ok(), "{name}");
    }
    assert_eq!("jsno".parse::<Format>().unwrap_err(), "no format `jsno`; did you mean `json`?");
}
