//! Git revisions as input: what is read is the revision and nothing else, and no name of one can make git run anything.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use protogate_schema::{Error, ErrorKind, Input, Project, Schema, baseline, load};

struct Repo {
    dir: tempfile::TempDir,
}

impl Repo {
    /// A repository, or `None` with a note where git is not installed.
    fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("note: git is not installed; the test of git inputs did not run");
            return None;
        }
        let repo = Self { dir: tempfile::tempdir().unwrap() };
        repo.git(&["init", "-q", "-b", "main"]);
        Some(repo)
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn load(&self, options: &str) -> Result<Schema, Error> {
        load::load(&Input::parse(&format!("{}/.git#{options}", self.path().display())).unwrap())
    }

    fn load_rev(&self, rev: &str) -> Result<Schema, Error> {
        load::load(&Input::Git { repo: self.path().to_owned(), rev: rev.to_owned(), subdir: None })
    }
}

fn message(name: &str) -> String {
    format!("syntax = \"proto3\";\npackage acme;\nmessage {name} {{}}\n")
}

fn messages(schema: &Schema) -> Vec<String> {
    schema.messages().map(|(_, it)| it.full_name.clone()).collect()
}

#[track_caller]
fn refused(result: Result<Schema, Error>, kind: ErrorKind, part: &str) -> Error {
    let error = result.expect_err(part);
    assert!(error.to_string().contains(part), "expected `{part}`: {error}");
    assert_eq!(error.kind(), kind, "{error}");
    error
}

#[test]
fn every_way_to_name_a_revision() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.proto", &message("First"));
    let first = repo.commit();
    repo.git(&["tag", "-a", "v1.0.0", "-m", "x"]);
    repo.write("a.proto", &message("Second"));
    repo.commit();
    repo.git(&["branch", "feature/x_y"]);
    repo.write("a.proto", &message("WorkTree"));
    repo.write("new.proto", "not compiled");

    for (options, expected) in [
        ("", "acme.Second"),
        ("branch=main", "acme.Second"),
        ("branch=feature/x_y", "acme.Second"),
        ("tag=v1.0.0", "acme.First"),
        ("ref=HEAD~1", "acme.First"),
        ("ref=main", "acme.Second"),
        (&format!("commit={first}"), "acme.First"),
        (&format!("commit={}", &first[..8]), "acme.First"),
    ] {
        assert_eq!(messages(&repo.load(options).unwrap()), [expected], "{options}");
    }
    assert_eq!(fs::read_to_string(repo.path().join("a.proto")).unwrap(), message("WorkTree"));
    let status = repo.git(&["status", "--porcelain"]);
    assert_eq!(status, "M a.proto\n?? new.proto");
}

#[test]
fn the_revision_has_its_own_configuration() {
    let Some(repo) = Repo::new() else { return };
    repo.write("api/protogate.toml", "[proto]\nroots = [\"old\", \"../shared\"]\nexclude = [\"old/lab\"]\n");
    repo.write("api/old/acme/a.proto", "syntax = \"proto3\"; package acme; import \"s.proto\"; import \"lab/l.proto\"; message A { S s = 1; }");
    repo.write("api/old/lab/l.proto", "syntax = \"proto3\";");
    repo.write("api/old/lab/broken.proto", "nobody looks at this");
    repo.write("shared/s.proto", "syntax = \"proto3\"; package acme; message S {}");
    repo.write("elsewhere/x.proto", "nobody looks at this");
    repo.commit();
    repo.write("api/protogate.toml", "[proto]\nroots = [\"nowhere\"]\n");

    let schema = repo.load("branch=main,subdir=api").unwrap();
    let targets: Vec<_> =
        schema.files().filter(|(_, it)| !it.is_import).map(|(_, it)| it.path.as_str()).collect();
    assert_eq!(targets, ["s.proto", "acme/a.proto"]);
    assert_eq!(schema.origin().display_path("acme/a.proto"), "api/old/acme/a.proto");
    refused(
        repo.load("branch=main,subdir=nothing"),
        ErrorKind::Input,
        "no `.proto` files in `nothing` of `main`",
    );
}

#[test]
fn the_baseline_of_a_project_below_the_top_is_its_own_folder() {
    let Some(repo) = Repo::new() else { return };
    let config = "[proto]\nroots = [\"proto\"]\n[baseline]\ngit = \"main\"\n";
    repo.write("top.proto", &message("Stranger"));
    repo.write("parts/api/protogate.toml", config);
    repo.write("parts/api/proto/a.proto", &message("Accepted"));
    repo.commit();
    repo.write("parts/api/proto/a.proto", &message("WorkTree"));

    let project = Project::discover(&repo.path().join("parts/api")).unwrap();
    let accepted = baseline::load(&project).unwrap().unwrap();
    assert_eq!(messages(&accepted), ["acme.Accepted"]);
    let read = baseline::files_read(&project).unwrap();
    assert!(read.contains(&repo.path().canonicalize().unwrap().join(".git/HEAD")), "{read:?}");

    // A project that the revision does not have yet has no accepted schema there, rather than that of its neighbours.
    repo.write("parts/new/protogate.toml", config);
    let project = Project::discover(&repo.path().join("parts/new")).unwrap();
    refused(
        baseline::load(&project).map(Option::unwrap),
        ErrorKind::Input,
        "no `.proto` files in `parts/new` of `main`",
    );
}

#[test]
fn errors_name_the_revision() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.proto", "syntax = \"proto3\"; message A { B b = 1; }");
    repo.commit();
    let error =
        refused(repo.load("branch=main"), ErrorKind::Input, "main:a.proto:1:32: name `B` is not defined");
    assert!(error.source_text("main:a.proto").is_some());
    repo.write("a.proto", &message("A"));
    repo.write("protogate.toml", "[protto]\n");
    repo.commit();
    refused(repo.load("branch=main"), ErrorKind::Input, "main:protogate.toml:1:2: `protto` is no section");
    repo.write("protogate.toml", "[proto]\nroots = [\"../..\"]\n");
    repo.commit();
    refused(repo.load("branch=main"), ErrorKind::Input, "`../..` leads out of `main`");
}

#[test]
fn what_is_missing_is_the_environment() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.proto", &message("A"));
    repo.commit();
    refused(repo.load("branch=nothing"), ErrorKind::Environment, "git knows no revision `nothing`");
    refused(repo.load("commit=00000000"), ErrorKind::Environment, "git knows no revision `00000000`");
    let empty = tempfile::tempdir().unwrap();
    let input = Input::Git { repo: empty.path().to_owned(), rev: "HEAD".to_owned(), subdir: None };
    refused(load::load(&input), ErrorKind::Environment, "not a git repository");
    let input = Input::Git { repo: empty.path().join("x"), rev: "HEAD".to_owned(), subdir: None };
    refused(load::load(&input), ErrorKind::Environment, "there is no repository");
}

#[test]
fn a_branch_that_only_the_remote_has() {
    let Some(origin) = Repo::new() else { return };
    origin.write("a.proto", &message("A"));
    origin.commit();
    origin.git(&["branch", "release"]);
    let clone = tempfile::tempdir().unwrap();
    origin.git(&["clone", "-q", ".", &clone.path().join("c").display().to_string()]);
    let input = Input::parse(&format!("{}/c/.git#branch=release", clone.path().display())).unwrap();
    assert_eq!(messages(&load::load(&input).unwrap()), ["acme.A"]);
}

#[cfg(unix)]
#[test]
fn links_in_a_revision_are_not_followed() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.proto", &message("A"));
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("b.proto")).unwrap();
    repo.commit();
    assert_eq!(messages(&repo.load("branch=main").unwrap()), ["acme.A"], "a link is no target");
    repo.write("c.proto", "syntax = \"proto3\"; import \"b.proto\";");
    repo.commit();
    let error = refused(repo.load("branch=main"), ErrorKind::Input, "main:b.proto: is a link");
    assert!(!error.to_string().contains("root:"));
}

#[test]
fn hostile_names_never_reach_git() {
    let Some(repo) = Repo::new() else { return };
    repo.write("a.proto", &message("A"));
    repo.commit();
    let canary = repo.path().join("canary");
    let touch = format!("touch${{IFS}}{}", canary.display());
    for rev in [
        format!("--upload-pack={touch}"),
        format!("--output={}", canary.display()),
        "-O".to_owned(),
        format!("-O{}", canary.display()),
        format!("ext::sh -c '{touch}'"),
        format!("main\n--output={}", canary.display()),
        format!("main\0{touch}"),
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("main; {touch}"),
        "@{upstream}".to_owned(),
        "@{-1}".to_owned(),
        "main..HEAD".to_owned(),
        "main:a.proto".to_owned(),
        ":/x".to_owned(),
        "^main".to_owned(),
        String::new(),
    ] {
        refused(repo.load_rev(&rev), ErrorKind::Input, "is no git revision that can be taken");
    }
    assert!(!canary.exists());
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[cfg(unix)]
#[test]
fn a_hostile_repository_runs_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let Some(repo) = Repo::new() else { return };
    let canary = repo.path().join("canary");
    let script = repo.path().join(".git/run.sh");
    fs::write(&script, format!("#!/bin/sh\ntouch {}\ncat\n", canary.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let script = script.display().to_string();
    repo.write("a.proto", &message("A"));
    repo.write(".gitattributes", "*.proto filter=evil diff=evil textconv=evil\n");
    repo.commit();
    for (key, value) in [
        ("core.fsmonitor", script.as_str()),
        ("core.sshCommand", &script),
        ("core.pager", &script),
        ("core.editor", &script),
        ("core.hooksPath", ".git/evil-hooks"),
        ("filter.evil.smudge", &script),
        ("filter.evil.process", &script),
        ("diff.evil.textconv", &script),
        ("diff.external", &script),
        ("credential.helper", &script),
        ("remote.origin.url", &format!("ext::{script}")),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("extensions.partialClone", "origin"),
        ("protocol.ext.allow", "always"),
        ("alias.rev-parse", &format!("!{script}")),
    ] {
        repo.git(&["config", key, value]);
    }
    let hooks = repo.path().join(".git/evil-hooks");
    fs::create_dir(&hooks).unwrap();
    for hook in ["post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"] {
        fs::copy(&script, hooks.join(hook)).unwrap();
    }
    assert_eq!(messages(&repo.load("branch=main").unwrap()), ["acme.A"]);
    // A blob that is gone would be fetched from the promised remote.
    let blob = repo.git(&["rev-parse", "main:a.proto"]);
    let object: PathBuf = repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    fs::remove_file(object).unwrap();
    refused(repo.load("branch=main"), ErrorKind::Environment, "git does not have the content");
    assert!(!canary.exists());
}

#[test]
fn many_files() {
    let Some(repo) = Repo::new() else { return };
    for at in 0..500 {
        repo.write(
            &format!("p{at}/a.proto"),
            &format!("syntax = \"proto3\"; package p{at}; message A {{}} // {}", "x".repeat(5000)),
        );
    }
    repo.commit();
    assert_eq!(repo.load("branch=main").unwrap().messages().len(), 500);
}
