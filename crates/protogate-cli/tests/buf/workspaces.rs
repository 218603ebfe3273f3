//! What is compared: protos, and workspaces made of them.

use std::fs;

pub(super) const A: &str = "syntax = \"proto3\";\npackage a.v1;\nimport \"b/v1/b.proto\";\nmessage A {\n  string BadName = 1;\n  b.v1.B b = 2;\n  // buf:lint:ignore FIELD_LOWER_SNAKE_CASE\n  int32 Other = 3;\n}\n";
pub(super) const B: &str = "syntax = \"proto3\";\npackage b.v1;\nimport \"google/protobuf/duration.proto\";\nmessage B {\n  string BadName = 1;\n  google.protobuf.Duration d = 2;\n  int32 gone = 3;\n}\nenum Kind {\n  NONE = 0;\n}\n";
pub(super) const C: &str = "syntax = \"proto3\";\npackage b.v1;\nmessage C {\n  string x = 1;\n}\n";
pub(super) const NEW_A: &str = "syntax = \"proto3\";\npackage a.v1;\nimport \"b/v1/b.proto\";\nmessage A {\n  string good_name = 1;\n  b.v1.B b = 2;\n}\n";
pub(super) const NEW_B: &str = "syntax = \"proto3\";\npackage b.v1;\nmessage B {\n  int32 BadName = 1;\n  int64 d = 2;\n}\nenum Kind {\n  NONE = 0;\n}\n";
pub(super) const ALONE: &str =
    "syntax = \"proto2\";\npackage alone;\nmessage Alone {\n  required string BadName = 1;\n}\n";

/// Two modules, in folders of their own.
pub(super) const MODULES: [(&str, &str); 3] =
    [("m1/a/v1/a.proto", A), ("m2/b/v1/b.proto", B), ("m2/b/v1/c.proto", C)];
/// The same files below one root.
pub(super) const ONE: [(&str, &str); 3] = [("a/v1/a.proto", A), ("b/v1/b.proto", B), ("b/v1/c.proto", C)];

/// Files of a workspace, and command lines that are run in it.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) files: Vec<(String, String)>,
    pub(super) commands: Vec<&'static str>,
}

pub(super) fn case(
    name: &'static str,
    layout: &[(&str, &str)],
    more: &[(&str, &str)],
    commands: &[&'static str],
) -> Case {
    let files =
        layout.iter().chain(more).map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Case { name, files, commands: commands.to_vec() }
}

pub(super) fn lint_of(name: &'static str, config: &'static str) -> Case {
    case(name, &ONE, &[("buf.yaml", config)], &["lint"])
}

pub(super) fn modules_of(name: &'static str, config: &'static str) -> Case {
    case(name, &MODULES, &[("buf.yaml", config)], &["lint"])
}

pub(super) const TWO: &str = "version: v2\nmodules:\n  - path: m1\n  - path: m2\n";

pub(super) fn workspace(files: &[(String, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}
