//! Which project, which files and which folder of a repository a command means, from inside a subfolder and for a single file.
//!
//! Apart from the transcripts because these run all commands in one folder.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const BOOK: &str = "syntax = \"proto3\";\n\npackage acme.v1;\n\nmessage Book {\n  string title = 1;\n}\n";
const SHELF: &str = "syntax = \"proto3\";\n\npackage acme.v1;\n\nmessage Shelf {\n  string name = 1;\n}\n";

fn protogate(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_protogate")).args(args).current_dir(dir).output().unwrap()
}

fn git(dir: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let status = Command::new("git").args(identity).args(args).current_dir(dir).status().unwrap();
    assert!(status.success(), "{args:?}");
}

fn project(dir: &Path) {
    fs::create_dir_all(dir.join("proto/acme/v1")).unwrap();
    fs::write(
        dir.join("protogate.toml"),
        "[proto]\nroots = [\"proto\"]\n\n[baseline]\nfile = \"proto/baseline.binpb\"\n",
    )
    .unwrap();
    fs::write(dir.join("proto/acme/v1/book.proto"), BOOK).unwrap();
    fs::write(dir.join("proto/acme/v1/shelf.proto"), SHELF).unwrap();
}

fn assert_ends(output: &Output, code: i32, out: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(if out.is_empty() { said.is_empty() } else { said.contains(out) }, "{output:?}");
}

#[test]
fn a_file_is_compared_with_its_projects_baseline_wherever_one_stands_and_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    project(dir.path());
    assert_ends(&protogate(dir.path(), &["baseline", "accept"]), 0, "messages");
    let inside = dir.path().join("proto/acme/v1");
    // The other file of the baseline is not missing: nobody asked about it.
    for command in ["check", "breaking"] {
        assert_ends(&protogate(&inside, &[command, "book.proto"]), 0, "");
        assert_ends(&protogate(dir.path(), &[command, "proto/acme/v1/book.proto"]), 0, "");
    }
    fs::write(inside.join("book.proto"), BOOK.replace("string", "int32")).unwrap();
    for command in ["check", "breaking"] {
        assert_ends(&protogate(&inside, &[command, "book.proto"]), 1, "FIELD_SAME_TYPE");
        assert_ends(&protogate(&inside, &[command, "shelf.proto"]), 0, "");
    }
}

#[test]
fn a_revision_stands_for_the_folder_of_the_project() {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("services/books");
    project(&inside);
    fs::create_dir(dir.path().join("other")).unwrap();
    fs::write(dir.path().join("other/x.proto"), "not a proto").unwrap();
    git(dir.path(), &["init", "--quiet", "--initial-branch=main", "."]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "--quiet", "-m", "first"]);
    assert_ends(&protogate(&inside, &["breaking", "--against", ".git#branch=main"]), 0, "");
    assert_ends(
        &protogate(dir.path(), &["breaking", "services/books", "--against", ".git#branch=main"]),
        0,
        "",
    );
    fs::remove_file(inside.join("proto/acme/v1/shelf.proto")).unwrap();
    assert_ends(&protogate(&inside, &["breaking", "--against", ".git#branch=main"]), 1, "FILE_NO_DELETE");
}

#[test]
fn a_bare_branch_is_found_where_only_the_remote_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let first = dir.path().join("first");
    project(&first);
    fs::write(first.join("protogate.toml"), "[proto]\nroots = [\"proto\"]\n\n[baseline]\ngit = \"main\"\n")
        .unwrap();
    git(&first, &["init", "--quiet", "--initial-branch=main", "."]);
    git(&first, &["add", "."]);
    git(&first, &["commit", "--quiet", "-m", "first"]);
    git(dir.path(), &["clone", "--quiet", "first", "second"]);
    let second = dir.path().join("second");
    // As a CI system checks out a change: no branch at all.
    git(&second, &["checkout", "--quiet", "--detach"]);
    git(&second, &["branch", "--quiet", "-D", "main"]);
    assert_ends(&protogate(&second, &["breaking"]), 0, "");
    git(&second, &["update-ref", "-d", "refs/remotes/origin/main"]);
    let output = protogate(&second, &["breaking"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("git fetch origin main:refs/remotes/origin/main"), "{said}");
}

/// A gate that is open because somebody stands in the wrong folder is no gate.
#[test]
fn a_folder_inside_of_a_project_is_not_checked_without_its_baseline() {
    let dir = tempfile::tempdir().unwrap();
    project(dir.path());
    assert_ends(&protogate(dir.path(), &["baseline", "accept"]), 0, "messages");
    for (from, input, outer) in [(".", "proto", "."), (".", "proto/acme", "."), ("proto/acme", ".", "../..")]
    {
        let output = protogate(&dir.path().join(from), &["check", input]);
        assert_ends(&output, 2, "");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(&format!("`protogate check {outer}`")), "{said}");
    }
    // A folder with a configuration of its own is a project of its own.
    fs::write(dir.path().join("proto/protogate.toml"), "").unwrap();
    assert_ends(&protogate(dir.path(), &["check", "proto"]), 0, "");
    assert_ends(&protogate(dir.path(), &["check"]), 0, "");
}
