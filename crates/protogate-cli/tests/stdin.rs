//! Schemas from standard input: what a pipe gives is what a file gives.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const TEXT: &str = "syntax = \"proto3\";\npackage acme.v1;\nmessage badName { string Field = 1; }\n";

fn protogate(dir: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_protogate"))
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever refuses the input does not read it to its end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn a_pipe_is_as_good_as_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::create_dir_all(dir.join("src/acme/v1")).unwrap();
    std::fs::write(dir.join("src/acme/v1/a.proto"), TEXT).unwrap();
    let built = protogate(dir, &["build", "src", "-o", "x.binpb"], b"");
    assert!(built.status.success(), "{built:?}");
    let image = std::fs::read(dir.join("x.binpb")).unwrap();

    let lint = ["--use", "MESSAGE_PASCAL_CASE,FIELD_LOWER_SNAKE_CASE", "--format", "json"];
    let file = protogate(dir, &[&["lint", "x.binpb"], &lint[..]].concat(), b"");
    assert_eq!(String::from_utf8_lossy(&file.stdout).lines().count(), 2, "{file:?}");
    for input in ["-", "-#format=binpb", "/dev/stdin#format=binpb", "/dev/stdin"] {
        let piped = protogate(dir, &[&["lint", input], &lint[..]].concat(), &image);
        assert_eq!((piped.stdout, piped.status.code()), (file.stdout.clone(), Some(1)), "{input}");
    }
    let breaking = protogate(dir, &["breaking", "src", "--against", "-"], &image);
    assert!(breaking.status.success(), "{breaking:?}");
    let breaking = protogate(dir, &["breaking", "src", "--against", "-#format=binpb"], &image);
    assert!(breaking.status.success(), "{breaking:?}");
    let fewer = protogate(dir, &["breaking", "-", "--against", "src"], b"");
    assert_eq!(fewer.status.code(), Some(2), "{fewer:?}");
    assert!(String::from_utf8_lossy(&fewer.stderr).contains("holds no files"), "{fewer:?}");
    let twice = protogate(dir, &["breaking", "-", "--against", "-"], &image);
    assert_eq!(twice.status.code(), Some(2), "{twice:?}");
    assert!(String::from_utf8_lossy(&twice.stderr).contains("was already read"), "{twice:?}");
    let wrong = protogate(dir, &["lint", "--", "-#format=json"], &image);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("stdin"), "{wrong:?}");
}
