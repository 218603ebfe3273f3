//! The files for other people's CI do what they say: their commands run in a project that is in order and in one that is not.
//!
//! `.pre-commit-hooks.yaml` and `templates/ci` are read as YAML; the commands are taken from them, with the step that installs the
//! command left out.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read the repository and stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saphyr_parser::{Event, Parser};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All scalars of a YAML file in order, keys and values alike; fails on what is no YAML.
fn scalars(path: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    Parser::new_from_str(&text)
        .filter_map(|event| match event.unwrap_or_else(|error| panic!("{path}: {error}")).0 {
            Event::Scalar(text, ..) => Some(text.into_owned()),
            _ => None,
        })
        .collect()
}

/// The shell commands of a file that call protogate.
fn commands(path: &str) -> Vec<String> {
    // A hook's name is its command.
    let mut found: Vec<_> = scalars(path).into_iter().filter(|it| it.starts_with("protogate ")).collect();
    found.dedup();
    assert!(!found.is_empty(), "{path} calls nothing");
    found
}

/// A project with an accepted baseline, in git.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let proto = dir.path().join("proto/acme/v1/thing.proto");
    fs::create_dir_all(proto.parent().unwrap()).unwrap();
    fs::write(&proto, "syntax = \"proto3\";\n\npackage acme.v1;\n\nmessage Thing {\n  string name = 1;\n}\n")
        .unwrap();
    fs::write(
        dir.path().join("protogate.toml"),
        "[proto]\nroots = [\"proto\"]\n\n[baseline]\nfile = \"proto/baseline.binpb\"\n",
    )
    .unwrap();
    assert!(shell(dir.path(), "protogate baseline accept").status.success());
    for command in ["git init -q", "git add .", "git -c user.name=t -c user.email=t@t commit -qm one"] {
        assert!(shell(dir.path(), command).status.success(), "{command}");
    }
    dir
}

fn break_it(dir: &Path) {
    let proto = dir.join("proto/acme/v1/thing.proto");
    let text = fs::read_to_string(&proto).unwrap();
    fs::write(&proto, text.replace("string name", "int32 name")).unwrap();
}

fn shell(dir: &Path, command: &str) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_protogate")).parent().unwrap().to_owned();
    let old = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&old))).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-c", command]).current_dir(dir).env("PATH", path).env_remove("GITHUB_STEP_SUMMARY");
    bash.output().unwrap()
}

#[test]
fn the_workflow_for_github_annotates_and_fails() {
    let commands = commands("templates/ci/github.yml");
    assert_eq!(commands.len(), 2, "{commands:?}");
    let dir = project();
    for command in &commands {
        assert!(shell(dir.path(), command).status.success(), "{command}");
    }
    break_it(dir.path());
    let check = shell(dir.path(), &commands[0]);
    let shown = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(1));
    assert!(shown.starts_with("::error file=proto/acme/v1/thing.proto,line=6,"), "{shown}");
    // The upload needs the file, so findings must not end the step; what is no finding must.
    assert!(shell(dir.path(), &commands[1]).status.success());
    let sarif: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("schema.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "FIELD_SAME_TYPE");
    fs::write(dir.path().join("protogate.toml"), "nonsense").unwrap();
    assert!(!shell(dir.path(), &commands[1]).status.success());
}

#[test]
fn the_job_for_gitlab_reports_and_fails() {
    let commands = commands("templates/ci/gitlab.yml");
    let dir = project();
    assert!(shell(dir.path(), &commands[0]).status.success());
    let report = || fs::read_to_string(dir.path().join("gl-code-quality-report.json")).unwrap();
    assert_eq!(report().trim(), "[]");
    break_it(dir.path());
    assert_eq!(shell(dir.path(), &commands[0]).status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_str(&report()).unwrap();
    assert_eq!(report[0]["check_name"], "FIELD_SAME_TYPE");
    assert_eq!(report[0]["location"]["path"], "proto/acme/v1/thing.proto");
}

#[test]
fn the_hooks_of_pre_commit_pass_and_stop() {
    let commands = commands(".pre-commit-hooks.yaml");
    assert_eq!(commands, ["protogate check", "protogate baseline verify"]);
    let dir = project();
    for command in &commands {
        let output = shell(dir.path(), command);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    break_it(dir.path());
    assert_eq!(shell(dir.path(), &commands[0]).status.code(), Some(1));
}

/// pre-commit itself reads the hook and runs it; its own files are looked for in this repository's last commit.
#[test]
fn pre_commit_runs_the_hook() {
    let Some(python) = std::env::var_os("PROTOGATE_PYTHON") else {
        eprintln!("note: PROTOGATE_PYTHON is not set; pre-commit itself does not run");
        return;
    };
    let python = python.into_string().unwrap();
    // A repository of the hook file alone: the hook's language needs nothing else.
    let hooks = tempfile::tempdir().unwrap();
    fs::copy(root().join(".pre-commit-hooks.yaml"), hooks.path().join(".pre-commit-hooks.yaml")).unwrap();
    for command in ["git init -q", "git add .", "git -c user.name=t -c user.email=t@t commit -qm one"] {
        assert!(shell(hooks.path(), command).status.success(), "{command}");
    }
    let home = tempfile::tempdir().unwrap();
    let run = |dir: &Path| {
        let (home, hooks) = (home.path().display(), hooks.path().display());
        shell(
            dir,
            &format!(
                "PRE_COMMIT_HOME={home} {python} -m pre_commit try-repo {hooks} protogate-check --all-files"
            ),
        )
    };
    let dir = project();
    let output = run(dir.path());
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    break_it(dir.path());
    let output = run(dir.path());
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && shown.contains("FIELD_SAME_TYPE"), "{shown}");
}
