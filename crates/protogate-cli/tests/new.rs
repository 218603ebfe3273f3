//! `protogate new` as a process: what is written, what is refused, and that nothing is left behind.
//!
//! That the created projects build and pass their own tests is checked when `RUN_SLOW_TESTS` is set: it compiles two servers.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_protogate")).args(args).current_dir(dir).output().unwrap()
}

fn succeeds(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn fails(dir: &Path, args: &[&str], code: i32, text: &str) {
    let output = run(dir, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(text), "{args:?}: {said}");
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn read(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A contract in three files, two of them imported.
fn contract(dir: &Path) {
    let write = |name: &str, text: &str| {
        let file = dir.join("api/acme/v1").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("types.proto", "syntax = \"proto3\";\npackage acme.v1;\nmessage Book { string name = 1; }\n");
    write(
        "library.proto",
        "syntax = \"proto3\";\npackage acme.v1;\nimport \"acme/v1/types.proto\";\nimport \"protogate/v1/annotations.proto\";\n\
         service Library {\n  rpc GetBook(Book) returns (Book) { option (protogate.v1.policy) = {public: true}; }\n  \
         rpc Watch(Book) returns (stream Book);\n}\n",
    );
}

#[test]
fn a_project_is_complete_and_carries_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let out = succeeds(dir.path(), &["new", "billing-admin"]);
    for text in [
        "created billing-admin/",
        "cd billing-admin && cargo run",
        "http://127.0.0.1:8080",
        "protogate check",
    ] {
        assert!(out.contains(text), "{out}");
    }
    assert_eq!(names(dir.path()), ["billing-admin"], "nothing else is left");
    let project = dir.path().join("billing-admin");
    for file in [
        ".github/workflows/ci.yml",
        ".gitignore",
        ".git/HEAD",
        "Cargo.toml",
        "Dockerfile",
        "README.md",
        "build.rs",
        "dev/hs256.key",
        "proto/baseline.binpb",
        "proto/billing_admin/v1/config.proto",
        "protogate.toml",
        "service.toml",
        "src/main.rs",
        "tests/service.rs",
    ] {
        assert!(project.join(file).is_file(), "{file}");
    }
    assert!(read(&project, "proto/billing_admin/v1/config.proto").contains("package billing_admin.v1;"));
    assert!(read(&project, "Cargo.toml").contains("name = \"billing-admin\""));
    let key = read(&project, "dev/hs256.key");
    assert_eq!(key.trim_end().len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(project.join("dev/hs256.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // The commands that the output names work in it.
    succeeds(&project, &["check"]);
    assert!(succeeds(&project, &["routes"]).contains("/api/v1/config/{key}"));
    assert_eq!(succeeds(&project, &["token", "--role", "admin"]).trim_end().split('.').count(), 3);

    succeeds(dir.path(), &["new", "other", "--no-git"]);
    let other = dir.path().join("other");
    assert!(!other.join(".git").exists());
    assert_ne!(read(&other, "dev/hs256.key"), key, "each project has a key of its own");
}

#[test]
fn the_crates_come_from_the_checkout_or_from_the_registry() {
    let dir = tempfile::tempdir().unwrap();
    succeeds(dir.path(), &["new", "a-one", "--no-git"]);
    let manifest = read(&dir.path().join("a-one"), "Cargo.toml");
    assert!(
        manifest.contains("protogate = { path = ") && dir.path().join("a-one/Cargo.lock").exists(),
        "{manifest}"
    );
    succeeds(dir.path(), &["new", "a-two", "--no-git", "--registry"]);
    let manifest = read(&dir.path().join("a-two"), "Cargo.toml");
    assert!(!manifest.contains("path = "), "{manifest}");
    assert!(manifest.contains(concat!("protogate = \"", env!("CARGO_PKG_VERSION"), "\"")), "{manifest}");
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    assert!(!dir.path().join("a-two/Cargo.lock").exists());
}

#[test]
fn what_exists_and_what_cannot_be_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("taken")).unwrap();
    fails(dir.path(), &["new", "taken"], 2, "`taken` exists already");
    fails(dir.path(), &["new", "other", "--path", "taken"], 2, "`taken` exists already");
    fails(dir.path(), &["new", "match"], 2, "keyword");
    fails(dir.path(), &["new", "deps"], 2, "cargo keeps it");
    fails(dir.path(), &["new", "7up"], 2, "begin with a letter");
    fails(dir.path(), &["new", "tokio"], 2, "depends on a crate");
    fails(dir.path(), &["new", "../up"], 2, "path");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
        fails(dir.path(), &["new", "link"], 2, "`link` exists already");
        fs::remove_file(dir.path().join("link")).unwrap();
    }
    assert_eq!(names(dir.path()), ["taken"], "nothing is left behind");
    assert!(names(&dir.path().join("taken")).is_empty());
}

#[test]
fn a_project_inside_a_repository_gets_none_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        Command::new("git").args(["init", "--quiet"]).current_dir(dir.path()).status().unwrap().success()
    );
    let output = run(dir.path(), &["new", "inner"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("inside a git repository"), "{output:?}");
    assert!(!dir.path().join("inner/.git").exists());
}

#[test]
fn without_git_there_is_a_project_and_a_note() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_protogate"))
        .args(["new", "no-tools"])
        .env("PATH", "")
        .env_remove("CARGO")
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("git is not installed"), "{output:?}");
    assert!(dir.path().join("no-tools/src/main.rs").exists());
}

#[test]
fn an_own_contract_gets_a_file_for_each_rpc_and_keeps_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    contract(dir.path());
    let output = run(dir.path(), &["new", "library", "--no-git", "--proto", "api/acme/v1/library.proto"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("1 of 2 rpcs have no policy") && said.contains("acme.v1.Library.Watch"), "{said}");
    let project = dir.path().join("library");
    assert!(project.join("proto/acme/v1/types.proto").is_file(), "imports come along");
    assert!(!project.join("proto/protogate").exists(), "what is bundled does not");
    assert_eq!(names(&project.join("src/handlers/library")), ["get_book.rs", "watch.rs"]);
    assert!(read(&project, "README.md").contains("An rpc without a policy is denied to everybody"));
    assert!(!read(&project, "service.toml").contains("[app]"));
    succeeds(&project, &["check"]);

    // A new rpc: its file is added, what the user wrote is left alone.
    let proto = read(&project, "proto/acme/v1/library.proto");
    let grown = proto.replace("rpc Watch", "rpc DropBook(Book) returns (Book);\n  rpc Watch");
    fs::write(project.join("proto/acme/v1/library.proto"), grown).unwrap();
    fs::write(project.join("src/handlers/library/get_book.rs"), "// mine\n").unwrap();
    let out = succeeds(&project, &["generate", "--handlers"]);
    assert!(out.contains("drop_book.rs") && !out.contains("get_book.rs"), "{out}");
    assert_eq!(read(&project, "src/handlers/library/get_book.rs"), "// mine\n");
    assert_eq!(succeeds(&project, &["generate", "--handlers"]), "", "nothing more to add");
}

#[test]
fn protos_that_do_not_compile_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.proto"), "syntax = \"proto3\";\nimport \"missing.proto\";\nmessage A {}\n")
        .unwrap();
    fails(dir.path(), &["new", "x-svc", "--proto", "a.proto"], 2, "missing.proto");
    fails(dir.path(), &["new", "x-svc", "--proto", "none.proto"], 2, "none.proto");
    fs::write(dir.path().join("a.proto"), "syntax = \"proto3\";\nmessage A {}\n").unwrap();
    fails(dir.path(), &["new", "x-svc", "--proto", "a.proto"], 2, "no rpc");
    assert_eq!(names(dir.path()), ["a.proto"]);
}

/// The created projects build offline with the lock file that they got, and their own tests pass; a missing handler is an error
/// that names the command.
#[test]
fn created_projects_pass_their_own_tests() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    contract(dir.path());
    succeeds(dir.path(), &["new", "billing-admin", "--no-git"]);
    succeeds(dir.path(), &["new", "library", "--no-git", "--proto", "api/acme/v1/library.proto"]);
    let cargo = |project: &str| {
        let target = Path::new(env!("CARGO_BIN_EXE_protogate")).parent().and_then(Path::parent).unwrap();
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["test", "--offline", "--locked", "--quiet"])
            .env("CARGO_TARGET_DIR", target)
            .current_dir(dir.path().join(project))
            .output()
            .unwrap()
    };
    for project in ["billing-admin", "library"] {
        let output = cargo(project);
        assert!(output.status.success(), "{project}: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_file(dir.path().join("library/src/handlers/library/watch.rs")).unwrap();
    let output = cargo("library");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("`acme.v1.Library.Watch` has no handler file `library/watch.rs`"), "{said}");
    assert!(said.contains("protogate generate --handlers"), "{said}");
}
