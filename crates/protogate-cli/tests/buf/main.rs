//! Configurations in buf's form, flags of buf, protoc plugins: the built binary against buf's, over small workspaces of every form.
//!
//! Both run in the same folder with the same arguments. What is compared is the multiset of rule, path, start and end; where buf says
//! that the input or the configuration is wrong (exit 1), ours must say so as well (exit 2). Runs when `PROTOGATE_BUF` names buf's
//! binary; else a line says that nothing was compared. What differs on purpose is pinned at the end, without buf.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test stops where it fails, and says what it leaves out"
)]

mod both;
mod breaking_cases;
mod lint_cases;
mod plugins;
mod workspaces;

use std::fs;

use both::{buf, compare, git, ours, reference};
use breaking_cases::breaking_cases;
use lint_cases::lint_cases;
use workspaces::{MODULES, NEW_A, NEW_B, TWO, lint_of, modules_of, workspace};

#[test]
fn workspaces_give_what_buf_gives() {
    let Some(buf) = buf() else { return };
    let mut differences = String::new();
    let mut compared = 0;
    for case in lint_cases().into_iter().chain(breaking_cases()) {
        let dir = workspace(&case.files);
        for command in &case.commands {
            compared += 1;
            if let Some(difference) = compare(&buf, dir.path(), command) {
                differences.push_str(&format!("== {}: {command}\n{difference}\n", case.name));
            }
        }
    }
    assert!(compared > 130, "{compared} commands");
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn descriptor_sets_and_revisions_give_what_buf_gives() {
    let Some(buf) = buf() else { return };
    let mut files: Vec<(String, String)> =
        MODULES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.push(("buf.yaml".to_owned(), TWO.to_owned()));
    let dir = workspace(&files);
    let image = |name: &str| {
        let status = reference(&buf, dir.path()).args(["build", "-o", name]).status().unwrap();
        assert!(status.success());
    };
    git(dir.path(), &["init", "-q", "-b", "main"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "one"]);
    image("old.binpb");
    fs::write(dir.path().join("m1/a/v1/a.proto"), NEW_A).unwrap();
    fs::write(dir.path().join("m2/b/v1/b.proto"), NEW_B).unwrap();
    image("new.binpb");
    let mut differences = String::new();
    for (config, commands) in [
        (
            TWO,
            &[
                "lint old.binpb",
                "lint old.binpb --path b/v1/b.proto",
                "lint old.binpb --exclude-path b",
                "lint old.binpb --path nope",
                "breaking new.binpb --against old.binpb",
                "breaking new.binpb --against old.binpb --exclude-imports",
                "breaking new.binpb --against old.binpb --path a",
                "breaking new.binpb --against old.binpb --limit-to-input-files",
                "breaking --against .git#branch=main",
                "breaking --against .git#branch=main --path m2/b/v1/b.proto",
                "breaking --against .git#branch=main --exclude-path m2/b",
                "breaking --against .git#branch=main --limit-to-input-files",
                "breaking m1 --against .git#branch=main,subdir=m1",
                "lint .git#branch=main",
                "lint .git#branch=main,subdir=m2",
            ][..],
        ),
        (
            "version: v2\nlint:\n  use: [COMMENTS]\n  ignore: [a]\nbreaking:\n  use: [WIRE]\n  ignore: [b/v1/c.proto]\n",
            &["lint old.binpb", "breaking new.binpb --against old.binpb"][..],
        ),
        (
            "version: v1\nbreaking:\n  use: [WIRE_JSON]\n",
            &["lint old.binpb", "breaking new.binpb --against old.binpb"][..],
        ),
        ("", &["lint old.binpb", "breaking new.binpb --against old.binpb"][..]),
    ] {
        let file = dir.path().join("buf.yaml");
        if config.is_empty() {
            fs::remove_file(file).unwrap()
        } else {
            fs::write(file, config).unwrap()
        }
        for command in commands {
            if let Some(difference) = compare(&buf, dir.path(), command) {
                differences.push_str(&format!("== {config:?}: {command}\n{difference}\n"));
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn ignore_configuration_is_bufs() {
    let Some(buf) = buf() else { return };
    let case = modules_of("x", TWO);
    let dir = workspace(&case.files);
    let arguments = ["lint", "--error-format", "config-ignore-yaml"];
    let expected = reference(&buf, dir.path()).args(arguments).output().unwrap();
    let actual = ours(dir.path()).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&actual.stdout), String::from_utf8_lossy(&expected.stdout));
}

/// buf compares the first module alone with a descriptor set, and so calls every file of the others deleted or does not look at them.
/// Ours compares every module with its share.
#[test]
fn modules_are_compared_with_their_share_of_a_descriptor_set() {
    let mut files: Vec<(String, String)> =
        MODULES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.push(("buf.yaml".to_owned(), TWO.to_owned()));
    let dir = workspace(&files);
    assert!(ours(dir.path()).args(["build", "-o", "all.binpb"]).status().unwrap().success());
    let same = ours(dir.path()).args(["breaking", "--against", "all.binpb"]).output().unwrap();
    assert_eq!(same.status.code(), Some(0), "{}", String::from_utf8_lossy(&same.stdout));
    fs::remove_file(dir.path().join("m2/b/v1/c.proto")).unwrap();
    fs::write(
        dir.path().join("buf.yaml"),
        "version: v2\nmodules:\n  - path: m1\n  - path: m2\n    breaking:\n      use: [WIRE]\n",
    )
    .unwrap();
    let gone = ours(dir.path()).args(["breaking", "--against", "all.binpb"]).output().unwrap();
    assert_eq!(
        gone.status.code(),
        Some(0),
        "the rules of the module that the file was in have no word for it"
    );
    fs::write(dir.path().join("buf.yaml"), TWO).unwrap();
    let gone = ours(dir.path()).args(["breaking", "--against", "all.binpb"]).output().unwrap();
    let text = String::from_utf8(gone.stdout).unwrap();
    assert_eq!((gone.status.code(), text.matches("FILE_NO_DELETE").count()), (Some(1), 1), "{text}");
}

/// `check` has rules of its own by default, but takes each module's sections as the other commands do.
#[test]
fn check_takes_the_sections_of_each_module() {
    let config = "version: v2\nmodules:\n  - path: m1\n    lint:\n      use: [COMMENT_MESSAGE]\n  - path: m2\n    lint:\n      use: [COMMENT_ENUM]\n";
    let dir = workspace(&modules_of("x", config).files);
    fs::write(dir.path().join("buf.yaml"), config).unwrap();
    let output = ours(dir.path()).args(["check", "--format", "json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let of =
        |path: &str, rule: &str| text.lines().filter(|it| it.contains(path) && it.contains(rule)).count();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!((of("m1/a", "COMMENT_MESSAGE"), of("m2/b/v1/b.proto", "COMMENT_ENUM")), (1, 1), "{text}");
    assert_eq!((of("m2/", "COMMENT_MESSAGE"), of("", "FIELD_LOWER")), (0, 0), "{text}");
}

/// buf runs plugins and policies; here a line says that they are not run.
#[test]
fn plugins_and_policies_are_named_not_run() {
    let config = "version: v2\nplugins:\n  - plugin: buf-plugin-x\npolicies:\n  - policy: strict.yaml\nlint:\n  use: [PACKAGE_DEFINED]\n";
    let dir = workspace(&lint_of("x", config).files);
    let output = ours(dir.path()).arg("lint").output().unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{talk}");
    assert!(
        talk.contains("`buf-plugin-x` is not run") && talk.contains("`strict.yaml` is not run"),
        "{talk}"
    );
}

/// buf refuses `--path` with `breaking` when the two inputs are folders beside each other; here it means the same below both.
#[test]
fn paths_narrow_both_sides() {
    let dir = workspace(&breaking_cases()[0].files);
    let arguments =
        ["breaking", "new", "--against", "old", "--path", "new/m2/b/v1/b.proto", "--format", "json"];
    let output = ours(dir.path()).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.lines().all(|it| it.contains("m2/b/v1/b.proto") || it.contains("duration.proto")), "{text}");
    assert!(text.contains("FIELD_SAME_TYPE") && !text.contains("c.proto"), "{text}");
}
