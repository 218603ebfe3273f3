//! Configurations in buf's form, flags of buf, protoc plugins: the built binary against buf's, over small workspaces of every form.
//!
//! Both run in the same folder with the same arguments. What is compared is the multiset of rule, path, start and end; where buf says
//! that the input or the configuration is wrong (exit 1), ours must say so as well (exit 2). Runs when `PROTOGATE_BUF` names buf's
//! binary; else a line says that nothing was compared. What differs on purpose is pinned at the end, without buf.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const A: &str = "syntax = \"proto3\";\npackage a.v1;\nimport \"b/v1/b.proto\";\nmessage A {\n  string BadName = 1;\n  b.v1.B b = 2;\n  // buf:lint:ignore FIELD_LOWER_SNAKE_CASE\n  int32 Other = 3;\n}\n";
const B: &str = "syntax = \"proto3\";\npackage b.v1;\nimport \"google/protobuf/duration.proto\";\nmessage B {\n  string BadName = 1;\n  google.protobuf.Duration d = 2;\n  int32 gone = 3;\n}\nenum Kind {\n  NONE = 0;\n}\n";
const C: &str = "syntax = \"proto3\";\npackage b.v1;\nmessage C {\n  string x = 1;\n}\n";
const NEW_A: &str = "syntax = \"proto3\";\npackage a.v1;\nimport \"b/v1/b.proto\";\nmessage A {\n  string good_name = 1;\n  b.v1.B b = 2;\n}\n";
const NEW_B: &str = "syntax = \"proto3\";\npackage b.v1;\nmessage B {\n  int32 BadName = 1;\n  int64 d = 2;\n}\nenum Kind {\n  NONE = 0;\n}\n";
const ALONE: &str =
    "syntax = \"proto2\";\npackage alone;\nmessage Alone {\n  required string BadName = 1;\n}\n";

/// Two modules, in folders of their own.
const MODULES: [(&str, &str); 3] = [("m1/a/v1/a.proto", A), ("m2/b/v1/b.proto", B), ("m2/b/v1/c.proto", C)];
/// The same files below one root.
const ONE: [(&str, &str); 3] = [("a/v1/a.proto", A), ("b/v1/b.proto", B), ("b/v1/c.proto", C)];

/// Files of a workspace, and command lines that are run in it.
struct Case {
    name: &'static str,
    files: Vec<(String, String)>,
    commands: Vec<&'static str>,
}

fn case(
    name: &'static str,
    layout: &[(&str, &str)],
    more: &[(&str, &str)],
    commands: &[&'static str],
) -> Case {
    let files =
        layout.iter().chain(more).map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Case { name, files, commands: commands.to_vec() }
}

fn lint_of(name: &'static str, config: &'static str) -> Case {
    case(name, &ONE, &[("buf.yaml", config)], &["lint"])
}

fn modules_of(name: &'static str, config: &'static str) -> Case {
    case(name, &MODULES, &[("buf.yaml", config)], &["lint"])
}

const TWO: &str = "version: v2\nmodules:\n  - path: m1\n  - path: m2\n";

fn lint_cases() -> Vec<Case> {
    let mut cases = vec![
        case("nothing", &ONE, &[], &["lint", "lint a/v1/a.proto", "lint b"]),
        lint_of("v1", "version: v1\n"),
        lint_of("v1beta1", "version: v1beta1\n"),
        lint_of("v2", "version: v2\n"),
        lint_of("json", "{\"version\":\"v2\",\"lint\":{\"use\":[\"BASIC\"]}}"),
        lint_of("v1-comments", "version: v1\nlint:\n  allow_comment_ignores: true\n"),
        lint_of("v2-no-comments", "version: v2\nlint:\n  disallow_comment_ignores: yes\n"),
        lint_of("v1-excludes", "version: v1\nbuild:\n  excludes: [a]\n"),
        lint_of("v1-exclude-imported", "version: v1\nbuild:\n  excludes: [b]\n"),
        lint_of("v1-ignore", "version: v1\nlint:\n  ignore: [a, ./b/v1/../v1/c.proto]\n"),
        lint_of("v1-ignore-all", "version: v1\nlint:\n  ignore: [.]\n"),
        lint_of("v2-ignore-all", "version: v2\nlint:\n  ignore: [.]\n"),
        lint_of(
            "v1-ignore-only",
            "version: v1\nlint:\n  ignore_only:\n    BASIC: [a]\n    ENUM_VALUE_PREFIX: [b/v1]\n",
        ),
        lint_of(
            "use-and-except",
            "version: v2\nlint:\n  use: [STANDARD, COMMENTS]\n  except: [COMMENT_FIELD, BASIC]\n",
        ),
        lint_of("default-category", "version: v1\nlint:\n  use: [DEFAULT]\n"),
        lint_of("style-default", "version: v1beta1\nlint:\n  use: [STYLE_DEFAULT]\n"),
        lint_of("options", "version: v2\nlint:\n  enum_zero_value_suffix: NONE\n  service_suffix: Api\n"),
        lint_of("no-builtin", "version: v2\nlint:\n  disable_builtin: true\n"),
        lint_of("alias", "version: v2\nlint: &l\n  use: [BASIC]\nbreaking:\n  <<: *l\n  use: [FILE]\n"),
        lint_of("crlf", "version: v2\r\nlint:\r\n  use:\r\n    - BASIC\r\n"),
        lint_of("empty-sections", "version: v2\nlint:\nbreaking: {}\nmodules:\n"),
        lint_of("name", "version: v2\nname: buf.test/a/b\n"),
        // Mistakes.
        lint_of("no-version", "lint: {}\n"),
        lint_of("other-version", "version: v3\n"),
        lint_of("unknown-key", "version: v2\nmodule: []\n"),
        lint_of("unknown-lint-key", "version: v2\nlint:\n  allow_comment_ignores: true\n"),
        lint_of("unknown-v1-key", "version: v1\nmodules: []\n"),
        lint_of("unknown-rule", "version: v2\nlint:\n  use: [NOPE]\n"),
        lint_of("rule-of-the-other-kind", "version: v2\nlint:\n  use: [FIELD_SAME_NAME]\n"),
        lint_of("unknown-ignored-rule", "version: v2\nlint:\n  ignore_only:\n    NOPE: [a]\n"),
        lint_of("nothing-left", "version: v2\nlint:\n  use: [MINIMAL]\n  except: [MINIMAL]\n"),
        lint_of("text-for-list", "version: v2\nlint:\n  use: STANDARD\n"),
        lint_of("text-for-switch", "version: v2\nlint:\n  disallow_comment_ignores: \"true\"\n"),
        lint_of("path-leads-out", "version: v2\nlint:\n  ignore: [../a]\n"),
        lint_of("path-is-absolute", "version: v2\nlint:\n  ignore: [/a]\n"),
        lint_of("key-twice", "version: v2\nversion: v2\n"),
        lint_of("no-yaml", "version: v2\nlint:\n  use: [\n"),
        lint_of("tab", "version: v2\nlint:\n\tuse: [BASIC]\n"),
        lint_of("roots-in-v1", "version: v1\nbuild:\n  roots: [a]\n"),
        lint_of("bad-name", "version: v2\nname: nonsense\n"),
        lint_of("exclude-a-file", "version: v1\nbuild:\n  excludes: [a/v1/a.proto]\n"),
        lint_of("exclude-everything", "version: v1\nbuild:\n  excludes: [.]\n"),
        lint_of("nested-excludes", "version: v1\nbuild:\n  excludes: [a, a/v1]\n"),
        // Modules.
        modules_of("two-modules", TWO),
        modules_of(
            "own-section",
            "version: v2\nmodules:\n  - path: m1\n    lint:\n      use: [COMMENTS]\n  - path: m2\n    lint: {}\nlint:\n  use: [BASIC]\n",
        ),
        modules_of(
            "ignored-in-a-module",
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nlint:\n  ignore: [m1/a, m2/b/v1/c.proto, other]\n",
        ),
        modules_of(
            "ignored-module",
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nlint:\n  ignore: [m2]\n",
        ),
        modules_of(
            "own-ignored-module",
            "version: v2\nmodules:\n  - path: m1\n    lint:\n      ignore: [m1]\n  - path: m2\n",
        ),
        modules_of(
            "ignore-of-another-module",
            "version: v2\nmodules:\n  - path: m1\n    lint:\n      ignore: [m2]\n  - path: m2\n",
        ),
        modules_of(
            "module-without-files",
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\n  - path: m3\n",
        ),
        modules_of("module-twice", "version: v2\nmodules:\n  - path: m1\n  - path: m1\n"),
        modules_of("module-outside", "version: v2\nmodules:\n  - path: ../x\n"),
        modules_of("missing-import", "version: v2\nmodules:\n  - path: m1\n"),
        modules_of("exclude-is-module", "version: v2\nmodules:\n  - path: m1\n    excludes: [m1]\n"),
        modules_of("exclude-elsewhere", "version: v2\nmodules:\n  - path: m1\n    excludes: [m2]\n"),
        modules_of(
            "overlap",
            "version: v2\nmodules:\n  - path: .\n    lint:\n      use: [COMMENT_MESSAGE]\n    excludes: [m1]\n  - path: m2\n    lint:\n      use: [COMMENT_FIELD]\n",
        ),
        case(
            "below-a-parent",
            &ONE,
            &[(
                "buf.yaml",
                "version: v2\nmodules:\n  - path: a/v1\n  - path: .\n    includes: [b]\nlint:\n  ignore: [a]\n",
            )],
            &["lint"],
        ),
        case(
            "includes",
            &ONE,
            &[("buf.yaml", "version: v2\nmodules:\n  - path: .\n    includes: [b/v1]\n")],
            &["lint"],
        ),
        case(
            "includes-as-modules",
            &ONE,
            &[(
                "buf.yaml",
                "version: v2\nmodules:\n  - path: .\n    includes: [a]\n  - path: .\n    includes: [b]\n    lint:\n      use: [COMMENTS]\n",
            )],
            &["lint"],
        ),
        case(
            "exclude-out-of-includes",
            &ONE,
            &[("buf.yaml", "version: v2\nmodules:\n  - path: .\n    includes: [a]\n    excludes: [b]\n")],
            &["lint"],
        ),
        case(
            "same-declarations",
            &[("m1/x/a.proto", C), ("m2/y/b.proto", C)],
            &[("buf.yaml", TWO)],
            &["lint", "lint m1"],
        ),
        case("same-names", &[("m1/x/a.proto", C), ("m2/x/a.proto", C)], &[("buf.yaml", TWO)], &["lint"]),
        case(
            "walking-up",
            &MODULES,
            &[
                ("buf.yaml", TWO),
                ("other/v1/o.proto", ALONE),
                ("inner/buf.yaml", "version: v2\nlint:\n  use: [MINIMAL]\n"),
                ("inner/i.proto", ALONE),
            ],
            &[
                "lint m1",
                "lint ./m2/",
                "lint m1/a",
                "lint m2/b/v1",
                "lint other",
                "lint other/v1",
                "lint inner",
                "lint m1/a/v1/a.proto",
                "lint other/v1/o.proto",
                "@m1 lint",
                "@m1 lint ..",
                "@m1 lint ../m2",
                "@m1/a lint",
                "@m2 lint b/v1/b.proto",
                "lint nope",
            ],
        ),
        case(
            "paths",
            &MODULES,
            &[("buf.yaml", TWO)],
            &[
                "lint --path m1/a",
                "lint --path m2/b/v1/c.proto",
                "lint --path m1/a/v1/a.proto,m2/b",
                "lint --exclude-path m2/b/v1/b.proto",
                "lint --exclude-path m1/a",
                "lint m1 --path m1/a",
                "lint m1 --path a",
                "@m1 lint --path a/v1",
                "lint --path m1",
                "lint --path .",
                "lint --path m1/nope",
                "lint --path ../x",
                "lint --path m1/a --exclude-path m1/a",
                "lint --path m1/a/v1 --exclude-path m1/a",
                "lint --exclude-path m1",
                "lint --path m2/b --exclude-path m2/b/v1/c.proto",
                "lint --exclude-path m1/nope",
            ],
        ),
        case(
            "paths-of-one-module",
            &ONE,
            &[("buf.yaml", "version: v1\n")],
            &[
                "lint --path a",
                "lint --exclude-path a",
                "lint --exclude-path b",
                "lint --path b/v1/c.proto",
                "@b lint",
                "@b lint --path v1",
            ],
        ),
        case(
            "old-workspace",
            &MODULES,
            &[
                ("buf.work.yaml", "version: v1\ndirectories:\n  - m1\n  - m2\n"),
                ("m1/buf.yaml", "version: v1\nlint:\n  use: [FIELD_LOWER_SNAKE_CASE]\n  ignore: [b]\n"),
            ],
            &[
                "lint",
                "lint m1",
                "lint m2",
                "lint m1/a",
                "@m1 lint",
                "lint m2/b/v1/c.proto",
                "lint --path m2/b",
            ],
        ),
        case(
            "old-workspace-of-mixed-versions",
            &[("m1/a/v1/a.proto", A), ("m2/root/b/v1/b.proto", B)],
            &[
                ("buf.work.yaml", "version: v1\ndirectories: [m1, m2]\n"),
                ("m2/buf.yaml", "version: v1beta1\nbuild:\n  roots: [root]\nlint:\n  ignore: [b]\n"),
            ],
            &["lint", "lint m2"],
        ),
        case(
            "both-workspace-files",
            &MODULES,
            &[("buf.work.yaml", "version: v1\ndirectories: [m1, m2]\n"), ("buf.yaml", "version: v1\n")],
            &["lint"],
        ),
        case(
            "v2-in-an-old-workspace",
            &MODULES,
            &[("buf.work.yaml", "version: v1\ndirectories: [m1, m2]\n"), ("m2/buf.yaml", "version: v2\n")],
            &["lint", "lint m2"],
        ),
        case(
            "old-module-around",
            &ONE,
            &[("buf.yaml", "version: v1\n")],
            &["lint a", "lint a/v1/a.proto", "@a lint"],
        ),
        case(
            "roots",
            &[("r1/b/v1/b.proto", B), ("r1/b/v1/c.proto", C), ("r2/a/v1/a.proto", A)],
            &[(
                "buf.yaml",
                "version: v1beta1\nbuild:\n  roots: [r1, r2]\nlint:\n  ignore: [b/v1/c.proto, r2/a]\n",
            )],
            &["lint", "lint --path r1/b", "lint r1"],
        ),
        case(
            "inline",
            &MODULES,
            &[
                (
                    "conf/x.yaml",
                    "version: v2\nmodules:\n  - path: m1\n  - path: m2\nlint:\n  use: [BASIC]\n  ignore: [m1/a]\n",
                ),
                ("buf.yaml", TWO),
            ],
            &[
                "lint --config {\"version\":\"v2\",\"modules\":[{\"path\":\"m1\"},{\"path\":\"m2\"}],\"lint\":{\"use\":[\"COMMENTS\"]}}",
                "lint --config conf/x.yaml",
                "lint m2 --config conf/x.yaml",
                "lint m2 --config {\"version\":\"v1\",\"lint\":{\"ignore\":[\"b\"]}}",
                "lint --config {\"version\":\"v2\",\"nope\":1}",
                "lint --config conf/nope.yaml",
                "lint --config nope",
                "lint --config {\"lint\":{}}",
            ],
        ),
    ];
    for (name, directories) in [
        ("work-empty", "[]"),
        ("work-dot", "[.]"),
        ("work-nested", "[m1, m1/a]"),
        ("work-twice", "[m1, m1]"),
        ("work-outside", "[m1, ../x]"),
        ("work-missing", "[m1, m2, nope]"),
    ] {
        let text = format!("version: v1\ndirectories: {directories}\n");
        cases.push(case(name, &MODULES, &[("buf.work.yaml", &text)], &["lint"]));
    }
    cases
}

fn breaking_cases() -> Vec<Case> {
    let sides = |config: &str, new_config: &str| {
        let mut files = Vec::new();
        for (path, text) in MODULES {
            files.push((format!("old/{path}"), text.to_owned()));
        }
        files.push(("new/m1/a/v1/a.proto".to_owned(), NEW_A.to_owned()));
        files.push(("new/m2/b/v1/b.proto".to_owned(), NEW_B.to_owned()));
        files.push(("old/buf.yaml".to_owned(), config.to_owned()));
        files.push(("new/buf.yaml".to_owned(), new_config.to_owned()));
        files
    };
    let of = |name, config: &str, new: &str, commands: &[&'static str]| Case {
        name,
        files: sides(config, new),
        commands: commands.to_vec(),
    };
    let plain: &[&'static str] = &["breaking new --against old"];
    vec![
        of(
            "modules",
            TWO,
            TWO,
            &[
                "breaking new --against old",
                "breaking new --against old --exclude-imports",
                "breaking new/m1 --against old/m1",
                "breaking new/m2 --against old/m2 --exclude-imports",
                "breaking new/m1 --against old",
                "breaking new --against old/m1",
                "breaking old --against new",
                "breaking new/m1/a/v1/a.proto --against old/m1/a/v1/a.proto",
                "@new breaking --against ../old",
                "@new/m1 breaking . --against ../../old/m1",
                "breaking new --against nope",
                "breaking nope --against old",
            ],
        ),
        of(
            "own-rules",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n    breaking:\n      use: [WIRE]\n  - path: m2\n",
            plain,
        ),
        of("order-of-modules", TWO, "version: v2\nmodules:\n  - path: m2\n  - path: m1\n", plain),
        of(
            "names-of-modules",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n    name: buf.test/z/z\n  - path: m2\n    name: buf.test/a/a\n",
            plain,
        ),
        of(
            "ignored",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  ignore: [m1/a, m2/b/v1/c.proto]\n",
            plain,
        ),
        of(
            "ignored-module",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  ignore: [m2]\n",
            plain,
        ),
        of(
            "ignore-only",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  ignore_only:\n    FILE: [m1]\n",
            &[],
        ),
        of("fewer", TWO, "version: v2\nmodules:\n  - path: m2\n", plain),
        of(
            "more-of-one-config",
            "version: v2\nmodules:\n  - path: m1\n    excludes: [m1/x]\n  - path: m2\n",
            TWO,
            plain,
        ),
        of(
            "unknown-rule",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  use: [STANDARD]\n",
            plain,
        ),
        of(
            "categories",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  use: [PACKAGE, WIRE_JSON]\n  except: [FIELD_SAME_TYPE]\n",
            plain,
        ),
        case(
            "more-and-different",
            &[("new/m1/x.proto", C), ("new/m2/y.proto", ALONE), ("old/x.proto", C)],
            &[(
                "new/buf.yaml",
                "version: v2\nmodules:\n  - path: m1\n  - path: m2\n    breaking:\n      use: [WIRE]\n",
            )],
            plain,
        ),
        case(
            "old-names",
            &[
                (
                    "new/x.proto",
                    "syntax = \"proto3\";\npackage b.v1;\nmessage C {\n  repeated string x = 1;\n}\n",
                ),
                ("old/x.proto", C),
            ],
            &[("new/buf.yaml", "version: v1\nbreaking:\n  use: [FIELD_SAME_LABEL, FIELD_SAME_CTYPE]\n")],
            plain,
        ),
        case(
            "unstable",
            &[
                ("new/x.proto", "syntax = \"proto3\";\npackage b.v1beta1;\nmessage C {}\n"),
                (
                    "old/x.proto",
                    "syntax = \"proto3\";\npackage b.v1beta1;\nmessage C {\n  string x = 1;\n}\n",
                ),
            ],
            &[("new/buf.yaml", "version: v1\nbreaking:\n  ignore_unstable_packages: true\n")],
            &[
                "breaking new --against old",
                "breaking old --against new",
                "breaking new --against old --config version:\u{20}v1",
            ],
        ),
        case(
            "versions",
            &[
                (
                    "new/x.proto",
                    "syntax = \"proto2\";\nmessage C {\n  extensions 100 to 200;\n  optional int32 a = 1 [default = 2];\n}\n",
                ),
                (
                    "old/x.proto",
                    "syntax = \"proto2\";\nmessage C {\n  extensions 100 to 200;\n  optional int32 a = 1;\n}\nextend C {\n  optional int32 e = 100;\n}\n",
                ),
            ],
            &[],
            &[
                "breaking new --against old",
                "breaking new --against old --config version:\u{20}v1",
                "breaking new --against old --config version:\u{20}v1beta1",
                "breaking new --against old --config version:\u{20}v2",
            ],
        ),
    ]
}

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

/// Our plugins and buf's, driven by the same protoc; it fails with what they found.
#[cfg(unix)]
#[test]
fn protoc_plugins_find_what_bufs_find() {
    let (Some(buf), Some(python)) = (buf(), std::env::var_os("PROTOGATE_PYTHON")) else {
        eprintln!("note: PROTOGATE_PYTHON is not set or buf is missing; the plugins are not compared");
        return;
    };
    let dir = workspace(&[
        ("a/v1/a.proto".to_owned(), A.to_owned()),
        ("b/v1/b.proto".to_owned(), B.to_owned()),
        ("b/v1/c.proto".to_owned(), C.to_owned()),
    ]);
    assert!(reference(&buf, dir.path()).args(["build", "-o", "old.binpb"]).status().unwrap().success());
    fs::write(dir.path().join("a/v1/a.proto"), NEW_A).unwrap();
    fs::write(dir.path().join("b/v1/b.proto"), NEW_B).unwrap();
    let protoc = |program: &Path, name: &str, option: &str, files: &[&str]| {
        let mut command = Command::new(&python);
        command.current_dir(dir.path()).args(["-m", "grpc_tools.protoc", "-I.", "--x_out=."]);
        command.arg(format!("--plugin=protoc-gen-x={}", program.display()));
        if !option.is_empty() {
            command.arg(format!("--x_opt={option}"));
        }
        let output = command.args(files).output().unwrap();
        let talk = String::from_utf8(output.stderr).unwrap();
        assert!(!talk.contains("panicked"), "{name}: {talk}");
        // What comes from a plugin follows its name; lines of JSON are what is compared.
        let found: Vec<String> =
            talk.lines().map(|it| it.trim_start_matches("--x_out: ").to_owned()).collect();
        (output.status.success(), found)
    };
    let json_places = |lines: &[String]| {
        let mut found = Vec::new();
        for value in lines.iter().filter_map(|it| serde_json::from_str::<serde_json::Value>(it).ok()) {
            let keys = ["path", "start_line", "start_column", "end_line", "end_column", "type"];
            found.push(keys.map(|key| value[key].to_string()).join(" "));
        }
        found.sort();
        found
    };
    let ours = |name: &str| {
        // protoc calls the program by this name.
        let path = dir.path().join(name);
        if !path.exists() {
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_protogate"), &path).unwrap();
        }
        path
    };
    let all: &[&str] = &["a/v1/a.proto", "b/v1/b.proto"];
    for (kind, option, files) in [
        ("lint", r#"{"error_format":"json"}"#, all),
        (
            "lint",
            r#"{"error_format":"json","input_config":{"version":"v1","lint":{"use":["COMMENT_FIELD"]}}}"#,
            all,
        ),
        ("lint", r#"{"error_format":"json","timeout":"10s","log_level":"debug"}"#, &all[..1]),
        ("breaking", r#"{"error_format":"json","against_input":"old.binpb"}"#, all),
        (
            "breaking",
            r#"{"error_format":"json","against_input":"old.binpb","limit_to_input_files":true}"#,
            &all[1..],
        ),
        (
            "breaking",
            r#"{"error_format":"json","against_input":"old.binpb","exclude_imports":true}"#,
            &all[..1],
        ),
        (
            "breaking",
            r#"{"error_format":"json","against_input":"old.binpb","input_config":{"version":"v2","breaking":{"use":["WIRE"]}}}"#,
            all,
        ),
    ] {
        let theirs = buf.with_file_name(format!("protoc-gen-buf-{kind}"));
        let expected = protoc(&theirs, kind, option, files);
        let actual = protoc(&ours(&format!("protoc-gen-protogate-{kind}")), kind, option, files);
        let (left, right) = (json_places(&expected.1), json_places(&actual.1));
        assert_eq!((actual.0, &right), (expected.0, &left), "{kind} {option}: {:?}", actual.1);
        assert_eq!(expected.0, left.is_empty(), "{kind} {option}: {:?}", expected.1);
    }
    for (kind, option, part) in [
        ("lint", r#"{"nope":1}"#, "nope"),
        ("lint", "foo=bar", "one JSON object"),
        ("lint", r#"{"input_config":{"version":"v2","nope":5}}"#, "nope"),
        ("lint", r#"{"error_format":"nope"}"#, "no format"),
        ("breaking", "", "against_input"),
        ("breaking", r#"{"against_input":"nope.binpb"}"#, "nope.binpb"),
    ] {
        let theirs = buf.with_file_name(format!("protoc-gen-buf-{kind}"));
        assert!(!protoc(&theirs, kind, option, all).0, "{kind} {option}");
        let (good, talk) = protoc(&ours(&format!("protoc-gen-protogate-{kind}")), kind, option, all);
        assert!(!good && talk.iter().any(|it| it.contains(part)), "{kind} {option}: {talk:?}");
    }
}

fn buf() -> Option<PathBuf> {
    let found = std::env::var_os("PROTOGATE_BUF").map(PathBuf::from);
    if found.is_none() {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with buf");
    }
    found
}

fn workspace(files: &[(String, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn reference(buf: &Path, dir: &Path) -> Command {
    let mut command = Command::new(buf);
    command.current_dir(dir).stdin(Stdio::null());
    command.env("BUF_CACHE_DIR", std::env::temp_dir().join("protogate-buf-cache"));
    command
}

fn ours(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protogate"));
    command.current_dir(dir).stdin(Stdio::null());
    command
}

fn git(dir: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let status = Command::new("git").current_dir(dir).args(identity).args(arguments).status().unwrap();
    assert!(status.success());
}

/// Runs a command line with both; `@DIR` in front is the folder to run it in.
fn compare(buf: &Path, dir: &Path, line: &str) -> Option<String> {
    let mut words: Vec<&str> = line.split(' ').collect();
    let mut dir = dir.to_owned();
    if let Some(inner) = words[0].strip_prefix('@') {
        dir = dir.join(inner);
        words.remove(0);
    }
    words.extend(["--error-format", "json"]);
    let words: Vec<String> = words.into_iter().map(|it| it.replace('\u{20}', " ")).collect();
    let expected = reference(buf, &dir).args(&words).output().unwrap();
    let actual = ours(&dir).args(&words).output().unwrap();
    let codes = (expected.status.code(), actual.status.code());
    let talk = || {
        format!(
            "buf {:?}: {}\nours {:?}: {}{}",
            codes.0,
            String::from_utf8_lossy(&expected.stderr),
            codes.1,
            String::from_utf8_lossy(&actual.stderr),
            String::from_utf8_lossy(&actual.stdout),
        )
    };
    let compiles = !String::from_utf8_lossy(&expected.stdout).contains("\"COMPILE\"");
    let agree = match codes {
        (Some(0), Some(0)) | (Some(1), Some(2)) => true,
        (Some(100), Some(1)) => compiles,
        (Some(100), Some(2)) => !compiles,
        _ => false,
    };
    if !agree {
        return Some(talk());
    }
    if codes.0 != Some(100) || !compiles {
        return None;
    }
    let (expected, actual) = (places(&expected), places(&actual));
    (expected != actual).then(|| {
        let only = |these: &[String], others: &[String], mark: &str| {
            let mut rest = others.to_vec();
            let mut out = String::new();
            for line in these {
                match rest.iter().position(|it| it == line) {
                    Some(at) => drop(rest.swap_remove(at)),
                    None => out.push_str(&format!("{mark} {line}\n")),
                }
            }
            out
        };
        only(&expected, &actual, "-") + &only(&actual, &expected, "+")
    })
}

fn places(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut places: Vec<String> = text
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let number = |key: &str| value[key].as_u64().unwrap_or(1);
            format!(
                "{}:{}:{}-{}:{} {}",
                value["path"].as_str().unwrap_or("-"),
                number("start_line"),
                number("start_column"),
                number("end_line"),
                number("end_column"),
                value["type"].as_str().unwrap()
            )
        })
        .collect();
    places.sort();
    places
}
