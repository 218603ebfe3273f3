//! `PROTOVALIDATE` against the reference checker, which wants the imported file beside the sources. What needs an engine for CEL
//! (compiling expressions, trying examples) is not in the case: there we find less.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

mod support;

use std::fs;
use std::path::Path;

use protogate_check::{LintConfig, check_lint};
use protogate_fixture::case;

const IMPORTED: &str = "buf/validate/validate.proto";

#[test]
fn the_reference_checker_finds_the_same_at_the_same_places() {
    let case = case("lint", "protovalidate");
    let config = LintConfig { r#use: vec!["PROTOVALIDATE".to_owned()], ..Default::default() };
    let report = check_lint(&support::compile(&case, ""), &config).unwrap();
    let mut ours: Vec<String> = report.findings.iter().map(support::place).collect();
    ours.sort();
    assert!(ours.len() > 80, "the case has faults of every kind");

    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protovalidate");
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    let mut files = case.files("", "proto");
    files.push((IMPORTED.into(), protogate_schema::bundled::source(IMPORTED).unwrap().to_owned()));
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let config = r#"{"version":"v2","lint":{"use":["PROTOVALIDATE"]}}"#;
    let Some(expected) = support::reference(&dir, &["lint", ".", "--path", "acme", "--config", config])
    else {
        return;
    };
    let difference = support::difference(&expected, &ours);
    assert!(difference.is_empty(), "`-` only the reference, `+` only ours\n{difference}");
}
