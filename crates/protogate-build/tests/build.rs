//! The façade over folders of its own: what it prints for cargo, what it writes, and what it leaves alone.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it did not try"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use protogate_build::{Builder, Gate};

const PROTO: &str = "syntax = \"proto3\";\n\npackage acme.v1;\n\nmessage Book {\n  string title = 1;\n}\n";

struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    fn new(config: &str) -> Self {
        let project = Self { dir: tempfile::tempdir().unwrap() };
        project.write("protogate.toml", config);
        project.write("proto/acme/v1/book.proto", PROTO);
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn builder(&self) -> Builder {
        Builder::new().config(self.path("protogate.toml")).out_dir(self.path("out"))
    }

    /// Whether it succeeded, and the lines that it printed.
    fn run(&self, builder: &Builder) -> (bool, Vec<String>) {
        let mut out = Vec::new();
        let passed = builder.run(&mut out).is_ok();
        (passed, String::from_utf8(out).unwrap().lines().map(str::to_owned).collect())
    }

    fn output(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let entries = fs::read_dir(self.path("out")).into_iter().flatten();
        entries
            .map(|it| it.unwrap().path())
            .map(|path| {
                let modified = path.metadata().unwrap().modified().unwrap();
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    (fs::read(&path).unwrap(), modified),
                )
            })
            .collect()
    }

    fn accept(&self) {
        let schema =
            protogate_schema::load::load(&protogate_schema::Input::Directory(self.dir.path().to_owned()))
                .unwrap();
        protogate_schema::baseline::write(&schema, &self.path("proto/baseline.binpb")).unwrap();
    }
}

const ROOTS: &str = "[proto]\nroots = [\"proto\"]\n";
const GATED: &str = "[proto]\nroots = [\"proto\"]\n\n[baseline]\nfile = \"proto/baseline.binpb\"\n";

fn with(lines: &[String], start: &str) -> Vec<String> {
    lines.iter().filter_map(|it| it.strip_prefix(start)).map(str::to_owned).collect()
}

#[test]
fn writes_the_tree_and_names_every_input() {
    let project = Project::new(ROOTS);
    let (passed, lines) = project.run(&project.builder());
    assert!(passed, "{lines:?}");
    let names: Vec<_> = project.output().into_keys().collect();
    assert_eq!(names, ["acme.v1.rs", "protogate.descriptor.binpb", "protogate.rs"]);
    let watched = with(&lines, "cargo::rerun-if-changed=");
    let has = |name: &str| watched.iter().any(|it| Path::new(it) == project.path(name));
    assert!(has("protogate.toml") && has("proto/acme/v1/book.proto"), "{watched:?}");
    assert!(has("proto") && has("proto/acme/v1"), "a new file must trigger a run: {watched:?}");
    assert!(!watched.iter().any(|it| it.contains("out")), "{watched:?}");
}

#[test]
fn touches_nothing_that_does_not_change() {
    let project = Project::new(ROOTS);
    assert!(project.run(&project.builder()).0);
    let before = project.output();
    project.write("out/notes.rs", "// mine\n");
    assert!(project.run(&project.builder()).0);
    let mut after = project.output();
    assert!(after.remove("notes.rs").is_some(), "files of others stay");
    assert_eq!(before, after);
}

#[test]
fn removes_what_nobody_makes_any_more() {
    let project = Project::new(ROOTS);
    project.write("proto/other.proto", "syntax = \"proto3\";\npackage other;\nmessage M {}\n");
    assert!(project.run(&project.builder()).0);
    assert!(project.output().contains_key("other.rs"));
    fs::remove_file(project.path("proto/other.proto")).unwrap();
    assert!(project.run(&project.builder()).0);
    assert!(!project.output().contains_key("other.rs"));
}

#[test]
fn a_failed_run_says_where_and_leaves_the_output_whole() {
    let project = Project::new(ROOTS);
    assert!(project.run(&project.builder()).0);
    let before = project.output();
    for (text, place) in [
        ("syntax = \"proto3\";\npackage acme.v1;\nmessage Book { strin title = 1; }\n", "book.proto:3:"),
        ("syntax = \"proto3\";\npackage acme.v1;\nmessage Book {}\nmessage book {}\n", "book.proto:4:9:"),
    ] {
        project.write("proto/acme/v1/book.proto", text);
        let (passed, lines) = project.run(&project.builder());
        assert!(!passed);
        let errors = with(&lines, "cargo::error=");
        assert!(errors.iter().any(|it| it.contains(place)), "{lines:?}");
        assert!(lines.iter().all(|it| it.starts_with("cargo::")), "{lines:?}");
        assert_eq!(before, project.output());
    }
}

#[test]
fn the_gate_stops_warns_or_stays_open() {
    let project = Project::new(GATED);
    let (passed, lines) = project.run(&project.builder());
    assert!(
        !passed && !with(&lines, "cargo::error=").is_empty(),
        "a missing baseline is no open gate: {lines:?}"
    );

    project.accept();
    let (passed, lines) = project.run(&project.builder());
    assert!(passed, "{lines:?}");
    let before = project.output();
    let baseline = project.path("proto/baseline.binpb");
    assert!(with(&lines, "cargo::rerun-if-changed=").iter().any(|it| Path::new(it) == baseline), "{lines:?}");

    project.write("proto/acme/v1/book.proto", &PROTO.replace("string", "int32"));
    let (passed, lines) = project.run(&project.builder());
    assert!(!passed);
    let errors = with(&lines, "cargo::error=");
    assert!(
        errors.iter().any(|it| it.contains("book.proto:6:") && it.contains("FIELD_SAME_TYPE")),
        "{lines:?}"
    );
    assert_eq!(before, project.output(), "nothing is written past a closed gate");

    let (passed, lines) = project.run(&project.builder().gate(Gate::Warn));
    assert!(passed && with(&lines, "cargo::error=").is_empty(), "{lines:?}");
    assert!(with(&lines, "cargo::warning=").iter().any(|it| it.contains("FIELD_SAME_TYPE")), "{lines:?}");

    let (passed, lines) = project.run(&project.builder().gate(Gate::Off));
    assert!(passed && with(&lines, "cargo::warning=").is_empty(), "{lines:?}");

    project.write("protogate.toml", &format!("{GATED}\n[breaking]\ngate = \"off\"\n"));
    assert!(project.run(&project.builder()).0);
}

#[test]
fn a_git_baseline_is_the_folder_of_the_project() {
    let project = Project::new("");
    project.write("part/protogate.toml", "[proto]\nroots = [\"proto\"]\n[baseline]\ngit = \"main\"\n");
    // The same file at the top has another type, and must not be what is compared with.
    project.write("part/proto/acme/v1/book.proto", &PROTO.replace("string", "int32"));
    for args in [
        &["init", "-q", "-b", "main"][..],
        &["add", "-A"],
        &[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
            "commit",
            "-qm",
            "x",
        ],
    ] {
        match Command::new("git").arg("-C").arg(project.dir.path()).args(args).status() {
            Ok(status) => assert!(status.success(), "git {args:?}"),
            Err(_) => {
                eprintln!("note: git is not installed; the test of the git baseline did not run");
                return;
            }
        }
    }
    let builder = Builder::new().config(project.path("part/protogate.toml")).out_dir(project.path("out"));
    let (passed, lines) = project.run(&builder);
    assert!(passed && with(&lines, "cargo::warning=").is_empty(), "{lines:?}");
    let watched = with(&lines, "cargo::rerun-if-changed=");
    assert!(watched.iter().any(|it| Path::new(it).ends_with(".git/HEAD")), "{watched:?}");

    project.write("part/proto/acme/v1/book.proto", PROTO);
    let (passed, lines) = project.run(&builder);
    assert!(!passed);
    let errors = with(&lines, "cargo::error=");
    assert!(errors.iter().any(|it| it.contains("int32 -> string")), "{lines:?}");
}

#[test]
fn unknown_keys_are_refused_with_their_place() {
    let project = Project::new(&format!("{ROOTS}\n[codegen]\nsever = true\n"));
    let (passed, lines) = project.run(&project.builder());
    assert!(!passed);
    let errors = with(&lines, "cargo::error=");
    assert!(errors.iter().any(|it| it.contains("protogate.toml:5:") && it.contains("sever")), "{lines:?}");
}

#[cfg(unix)]
#[test]
fn no_file_name_forges_a_directive() {
    let project = Project::new(ROOTS);
    project.write("proto/a\ncargo::rustc-env=X=1\n.proto", "syntax = \"proto3\";\nmessage M {}\n");
    let (_, lines) = project.run(&project.builder());
    assert!(lines.iter().all(|it| !it.starts_with("cargo::rustc-env")), "{lines:?}");
}

#[test]
fn a_root_around_a_cache_is_watched_by_its_parts() {
    let project = Project::new("");
    for cache in ["target", "proto/acme/cache"] {
        project.write(&format!("{cache}/CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55");
        project.write(&format!("{cache}/copy.proto"), "not a proto");
    }
    project.write(".git/HEAD", "");
    project.write("top.proto", "syntax = \"proto3\"; package top;");
    let (passed, lines) = project.run(&project.builder());
    assert!(passed, "{lines:?}");
    let watched = with(&lines, "cargo::rerun-if-changed=");
    let names = |name: &str| watched.iter().any(|it| it.ends_with(&project.path(name).display().to_string()));
    for there in ["proto/acme/v1", "top.proto", "proto/acme/v1/book.proto"] {
        assert!(names(there), "{there}: {watched:?}");
    }
    for not in ["", "target", ".git", "proto", "proto/acme", "proto/acme/cache"] {
        let path = project.path(not);
        assert!(!names(path.to_str().unwrap().trim_end_matches('/')), "{not}: {watched:?}");
    }
}
