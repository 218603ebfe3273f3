//! What the test files of this crate share: compile a fixture, print findings, run the reference checker.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::process::Command;

use protogate_check::Finding;
use protogate_fixture::Case;
use protogate_schema::Schema;
use protogate_schema::compile::Source;

/// Compiles the `.proto` files below a folder of a case; the folder is the import root.
pub(crate) fn compile(case: &Case, side: &str) -> Schema {
    let files = case.files(side, "proto");
    let sources = files.into_iter().map(|(path, text)| Source::new(path, text)).collect();
    protogate_schema::compile::compile(sources)
        .unwrap_or_else(|error| panic!("{}/{side}: {error}", case.name))
}

/// One line a finding: `path:line:column-line:column RULE`.
pub(crate) fn place(finding: &Finding) -> String {
    let span = finding.position();
    format!(
        "{}:{}:{}-{}:{} {}",
        finding.path.as_deref().unwrap_or("-"),
        span.start_line,
        span.start_column,
        span.end_line,
        span.end_column,
        finding.rule
    )
}

/// One line a finding, with its message.
pub(crate) fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{} {}\n", place(finding), finding.message)).collect()
}

/// What the reference checker prints for a folder, as sorted [`place`] lines; `None`, with a visible note, when
/// `PROTOGATE_BUF` does not name one.
pub(crate) fn reference(dir: &Path, arguments: &[&str]) -> Option<Vec<String>> {
    if std::env::var_os("PROTOGATE_BUF").is_none() {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with the reference checker");
        return None;
    }
    Some(try_reference(dir, arguments).unwrap_or_else(|refused| panic!("{}: {refused}", dir.display())))
}

/// The same where `PROTOGATE_BUF` is known to be set; `Err` is what the reference says when it cannot compile or be run so.
pub(crate) fn try_reference(dir: &Path, arguments: &[&str]) -> Result<Vec<String>, String> {
    let output = Command::new(std::env::var_os("PROTOGATE_BUF").expect("PROTOGATE_BUF is set"))
        .args(arguments)
        .args(["--error-format", "json"])
        .current_dir(dir)
        .env("BUF_CACHE_DIR", std::env::temp_dir().join("protogate-buf-cache"))
        .output()
        .expect("the reference checker runs");
    if !matches!(output.status.code(), Some(0 | 100)) {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut places: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let number = |key: &str| value[key].as_u64().unwrap_or(1);
            format!(
                "{}:{}:{}-{}:{} {}",
                value["path"].as_str().map_or("-".into(), |path| path.replace('\\', "/")),
                number("start_line"),
                number("start_column"),
                number("end_line"),
                number("end_column"),
                value["type"].as_str().unwrap()
            )
        })
        .collect();
    if let Some(compile) = places.iter().find(|place| place.ends_with(" COMPILE")) {
        return Err(format!("{compile} ({} places)", places.len()));
    }
    places.sort();
    Ok(places)
}

/// The lines that only one of two sorted lists has: `-` the reference, `+` ours.
pub(crate) fn difference(reference: &[String], ours: &[String]) -> String {
    let only = |these: &[String], others: &[String], mark: &str| {
        let mut rest = others.to_vec();
        let mut out = String::new();
        for line in these {
            match rest.iter().position(|it| it == line) {
                Some(index) => drop(rest.swap_remove(index)),
                None => out.push_str(&format!("  {mark} {line}\n")),
            }
        }
        out
    };
    only(reference, ours, "-") + &only(ours, reference, "+")
}
