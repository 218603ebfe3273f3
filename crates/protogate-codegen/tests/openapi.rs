//! The documents of `fixtures/codegen` as tools by others see them: `openapi-spec-validator` of PyPI, spectral and redocly of npm.
//!
//! Run with `PROTOGATE_PYTHON` (an interpreter that has the validator) and `PROTOGATE_NODE_MODULES` (a folder that has
//! `@stoplight/spectral-cli` and `@redocly/cli`). A tool that is not there is named.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use protogate_fixture::cases;

fn documents() -> Vec<PathBuf> {
    let all = cases("codegen").into_iter().map(|it| it.path("out").join("protogate.openapi.json"));
    let found: Vec<_> = all.filter(|it| it.exists()).collect();
    assert!(found.len() > 5, "{found:?}");
    found
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?}\n{text}{}", String::from_utf8_lossy(&output.stderr));
}

/// The program of an npm package; `None` if it is not installed, which is said.
fn node_tool(name: &str) -> Option<PathBuf> {
    let modules = std::env::var_os("PROTOGATE_NODE_MODULES").map(PathBuf::from);
    let found = modules.map(|it| it.join(".bin").join(name)).filter(|it| it.exists());
    if found.is_none() {
        eprintln!("note: PROTOGATE_NODE_MODULES has no `{name}`: the documents were not linted with it");
    }
    found
}

#[test]
fn openapi_spec_validator_finds_no_fault() {
    let Some(python) = std::env::var_os("PROTOGATE_PYTHON") else {
        eprintln!("note: PROTOGATE_PYTHON is not set: the documents were not validated");
        return;
    };
    let has = Command::new(&python).args(["-c", "import openapi_spec_validator"]).output().unwrap();
    if !has.status.success() {
        eprintln!("note: the Python of PROTOGATE_PYTHON has no `openapi-spec-validator`");
        return;
    }
    run(Command::new(python).args(["-m", "openapi_spec_validator"]).args(documents()));
}

#[test]
fn spectral_finds_no_error() {
    let Some(spectral) = node_tool("spectral") else { return };
    let rules = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spectral.yaml");
    std::fs::write(&rules, "extends: [\"spectral:oas\"]\n").unwrap();
    run(Command::new(spectral)
        .args(["lint", "--fail-severity=error", "--ruleset"])
        .arg(rules)
        .args(documents()));
}

#[test]
fn redocly_finds_no_error() {
    let Some(redocly) = node_tool("redocly") else { return };
    run(Command::new(redocly)
        .arg("lint")
        .args(documents())
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"));
}
