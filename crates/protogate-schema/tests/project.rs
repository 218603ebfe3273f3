//! The parts of `protogate.toml` that other crates own: sections as types, and errors with places.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use protogate_schema::project::{Baseline, ProtoSection};
use protogate_schema::{ErrorKind, Project};
use serde::Deserialize;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Gate {
    #[default]
    Deny,
    Warn,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Breaking {
    r#use: Vec<String>,
    ignore_unstable_packages: bool,
    gate: Gate,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    rule: String,
    reason: String,
}

fn parse(text: &str) -> Project {
    Project::parse(text, "protogate.toml", Path::new("service")).unwrap()
}

const TEXT: &str = r#"[proto]
roots = ["./proto/", "third_party"]
exclude = ["proto/lab"]

[baseline]
file = "proto/baseline.binpb"

[breaking]
use = ["FILE"]
gate = "warn"

[[waiver]]
rule = "A"
reason = "b"

[[waiver]]
rule = "C"
reason = "d"
"#;

#[test]
fn sections_are_read() {
    let project = parse(TEXT);
    assert_eq!(project.dir(), Path::new("service"));
    assert_eq!(
        project.proto(),
        &ProtoSection {
            roots: vec!["proto".into(), "third_party".into()],
            exclude: vec![PathBuf::from("proto/lab")]
        }
    );
    assert_eq!(project.baseline(), &Baseline::File("service/proto/baseline.binpb".into()));
    let breaking: Breaking = project.section("breaking").unwrap();
    assert_eq!((breaking.r#use, breaking.gate), (vec!["FILE".to_owned()], Gate::Warn));
    let waivers: Vec<Waiver> = project.section("waiver").unwrap();
    assert_eq!(waivers.len(), 2);
    assert_eq!(project.section::<Breaking>("lint").unwrap(), Breaking::default());
}

#[test]
fn the_baseline_has_four_forms() {
    let baseline = |text: &str| parse(text).baseline().clone();
    assert_eq!(baseline(""), Baseline::Unset);
    assert_eq!(baseline("[baseline]"), Baseline::Unset);
    assert_eq!(baseline("[baseline]\nnone = true"), Baseline::None);
    assert_eq!(baseline("[baseline]\ngit = \"main\""), Baseline::Git("main".to_owned()));
}

#[test]
fn faults_of_sections_have_places() {
    for (text, line, column, message, help) in [
        (
            "[breaking]\nuse = []\nusee = 1\n",
            3,
            1,
            "`usee` is no known key of `[breaking]`",
            "did you mean `use`?",
        ),
        (
            "[breaking]\ngate = \"wran\"\n",
            2,
            8,
            "`wran` is no known value of `[breaking]`",
            "did you mean `warn`?",
        ),
        (
            "[breaking]\nignore_unstable_packages = 3\n",
            2,
            28,
            "invalid type: integer `3`, expected a boolean",
            "",
        ),
        ("breaking = 3\n", 1, 12, "invalid type: integer `3`, expected struct Breaking", ""),
    ] {
        let error = parse(text).section::<Breaking>("breaking").unwrap_err();
        let found = &error.diagnostics()[0];
        assert_eq!(found.message, message);
        let place = found.span.map(|it| (it.start_line, it.start_column));
        assert_eq!(
            (found.path.as_deref(), place),
            (Some("protogate.toml"), Some((line, column))),
            "{message}"
        );
        assert_eq!(found.help.as_deref().unwrap_or(""), help);
        assert_eq!(error.source_text("protogate.toml"), Some(text));
    }
    let error = parse("[[waiver]]\nrule = \"A\"\nreason = \"\"\n[[waiver]]\nrule = \"B\"\n")
        .section::<Vec<Waiver>>("waiver")
        .unwrap_err();
    assert!(error.to_string().contains("missing field `reason`"), "{error}");
    assert_eq!(error.diagnostics()[0].span.map(|it| it.start_line), Some(4));
    let error = parse(TEXT).section_error("breaking", "`FIEL` is no rule");
    assert_eq!(error.to_string(), "protogate.toml:8:2: `FIEL` is no rule");
}

#[test]
fn without_a_file_the_folder_is_the_root() {
    let dir = tempfile::tempdir().unwrap();
    let project = Project::discover(dir.path()).unwrap();
    assert_eq!(project.proto().roots, [PathBuf::from(".")]);
    assert_eq!((project.file(), project.baseline()), (None, &Baseline::Unset));
    std::fs::write(dir.path().join("protogate.toml"), TEXT).unwrap();
    let project = Project::discover(dir.path()).unwrap();
    assert_eq!(project.file(), Some(dir.path().join("protogate.toml")));
    std::fs::write(dir.path().join("protogate.toml"), b"x = \"\xFF\"").unwrap();
    let error = Project::discover(dir.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("offset 5"), "{error}");
}

#[test]
fn the_file_is_the_one_that_was_given_and_tables_have_places() {
    let text = "[[waiver]]\nrule = \"A\"\n\n[[waiver]]\nrule = \"B\"\n";
    let project = Project::parse(text, "conf/other.toml", std::path::Path::new("conf")).unwrap();
    assert_eq!(project.file(), Some("conf/other.toml".into()));
    let lines: Vec<_> = project.table_places("waiver").iter().map(|it| it.start_line).collect();
    assert_eq!(lines, [1, 4]);
    assert_eq!(project.table_places("lint"), []);
}
