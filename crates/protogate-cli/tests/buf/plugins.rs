//! Protoc plugins: ours and buf's, driven by the same protoc.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use super::both::{buf, reference};
use super::workspaces::{A, B, C, NEW_A, NEW_B, workspace};

/// Our plugins and buf's, driven by the same protoc; it fails with what they found.
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
