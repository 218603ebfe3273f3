//! Reports of schemas whose texts are made to break out: of the terminal, of a workflow log, of XML, of a comment on a pull request.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use std::process::Command;

use protogate_check::report::{Format, View, render, summary};
use protogate_check::{BreakingConfig, Report, check_breaking};
use protogate_fixture::case;
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

/// Escape sequences of both widths, a reordered line, workflow commands, markup of three languages, a mention and a fence.
const HOSTILE: &str = "\u{1b}]8;;http://evil\u{1b}\\\u{9b}31m\u{202e}\n::error::forged%0A::stop-commands::x\r</code></pre><script>alert(1)</script>]]>\
    <img src=x onerror=y> @maintainers [x](http://evil) ```\n# title | cell |";

fn schema(json_name: &str, default: &str) -> Schema {
    let escaped = |text: &str| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let text = format!(
        "syntax = \"proto2\"; package a; message M {{ optional string s = 1 [json_name = \"{}\", default = \"{}\"]; }}",
        escaped(json_name),
        escaped(default)
    );
    compile(vec![Source::new("a/x::y,%0A<b>@me.proto", text)]).unwrap()
}

fn rendered(report: &Report, format: Format, current: &Schema, baseline: &Schema) -> String {
    let view =
        View { current: Some(current), baseline: Some(baseline), baseline_name: HOSTILE, ..View::default() };
    let mut out = String::new();
    render(format, report, &view, &mut out).unwrap();
    out.push_str(&summary(report, &view));
    out.push('\n');
    out
}

fn report() -> (Report, Schema, Schema) {
    let (baseline, current) = (schema(HOSTILE, "x"), schema("plain", HOSTILE));
    let report = check_breaking(&current, &baseline, &BreakingConfig::default()).unwrap().group();
    assert!(report.findings.len() >= 2, "{:?}", report.findings);
    (report, current, baseline)
}

#[test]
fn no_rendering_holds_what_steers_a_terminal() {
    let (report, current, baseline) = report();
    for name in Format::NAMES {
        let out = rendered(&report, name.parse().unwrap(), &current, &baseline);
        let bad =
            out.chars().find(|&c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c));
        assert_eq!(bad, None, "{name}: {out}");
    }
}

#[test]
fn lines_stay_lines() {
    let (report, current, baseline) = report();
    for (name, count) in [("github", 1), ("msvs", 1), ("json", 1), ("rdjsonl", 1)] {
        let out = rendered(&report, name.parse().unwrap(), &current, &baseline);
        assert_eq!(out.lines().count(), report.all().count() * count + 1, "{name}: {out}");
        if name == "github" {
            assert!(
                out.lines().take(report.findings.len()).all(|line| line.starts_with("::error file=")),
                "{out}"
            );
        }
    }
}

#[test]
fn markup_stays_text() {
    let (report, current, baseline) = report();
    for name in ["markdown", "junit"] {
        let out = rendered(&report, name.parse().unwrap(), &current, &baseline);
        // Behind the end is the summary, which is for the terminal.
        let end = if name == "junit" { "</testsuites>" } else { "</details>" };
        let out = out.rsplit_once(end).unwrap().0;
        assert!(!out.contains("<script") && !out.contains("<img") && !out.contains("]]>"), "{name}: {out}");
        if name == "markdown" {
            assert!(
                !out.contains("@maintainers") && !out.contains("```") && !out.contains("\n# title"),
                "{out}"
            );
        }
    }
}

#[test]
fn a_comment_fits() {
    let side = |kind: &str| {
        let fields: String =
            (1..=2000).map(|it| format!("{kind} field_with_a_long_name_{it} = {it}; ")).collect();
        compile(vec![Source::new(
            "a.proto",
            format!("syntax = \"proto3\"; package a; message M {{ {fields} }}"),
        )])
        .unwrap()
    };
    let (baseline, current) = (side("int64"), side("string"));
    let report = check_breaking(&current, &baseline, &BreakingConfig::default()).unwrap();
    let mut out = String::new();
    render(Format::Markdown, &report, &View::default(), &mut out).unwrap();
    let length = out.chars().count();
    assert!(length <= 65_536 && length > 60_000, "{length}");
    assert!(out.contains("more findings do not fit"), "{}", &out[out.len() - 300..]);
}

const VALIDATE: &str = "
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
validator = jsonschema.Draft7Validator(schema)
errors = [f'{name}: {list(e.path)}: {e.message}' for name in sys.argv[2:] for e in validator.iter_errors(json.load(open(name)))]
print('\\n'.join(errors))
sys.exit(bool(errors))
";

/// The expected files of the other tests, against the official schema of SARIF 2.1.0, which is not ours to hand on.
#[test]
fn sarif_is_valid() {
    let variable = |name: &str| {
        let value = std::env::var_os(name);
        if value.is_none() {
            eprintln!("{name} is not set: SARIF is not validated");
        }
        value
    };
    let (Some(schema), Some(python)) = (variable("PROTOGATE_SARIF_SCHEMA"), variable("PROTOGATE_PYTHON"))
    else {
        return;
    };
    let logs = ["everything", "renames"].map(|name| case("report", name).path("expected.sarif"));
    let output = Command::new(python).args(["-c", VALIDATE]).arg(schema).args(logs).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
