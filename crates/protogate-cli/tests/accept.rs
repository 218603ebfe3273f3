//! What `baseline accept` and `waive` leave in files: the changelog, the configuration, the baseline for other tools.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use prost::Message as _;

fn protogate(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protogate"));
    command.current_dir(dir).args(arguments).env("SOURCE_DATE_EPOCH", "1790899200").env("NO_COLOR", "1");
    command.stdin(std::process::Stdio::null()).output().unwrap()
}

fn succeeds(dir: &Path, arguments: &[&str]) {
    let output = protogate(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The project of the case `accept`, with its first baseline accepted and its contract changed.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let case = protogate_fixture::case("cli", "accept");
    let proto = dir.path().join("proto/acme/config/v1/config.proto");
    fs::create_dir_all(proto.parent().unwrap()).unwrap();
    let original = protogate_fixture::area_dir("cli").join("projects/acme/proto/acme/config/v1/config.proto");
    fs::copy(original, &proto).unwrap();
    fs::write(dir.path().join("protogate.toml"), case.read("in/protogate.toml")).unwrap();
    succeeds(dir.path(), &["baseline", "accept"]);
    fs::write(&proto, case.read("in/waived.proto")).unwrap();
    dir
}

#[test]
fn everything_is_written_down() {
    let dir = project();
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let package = ["--package", "acme.config.v1"];
    succeeds(dir.path(), &[&["baseline", "accept", "--reason", "2.0: <numbers>"], &package[..]].concat());
    let changelog = read("CHANGELOG.proto.md");
    let (head, rest) = changelog.split_once("\n## ").unwrap();
    assert!(head.starts_with("# Schema changelog\n"), "{changelog}");
    assert_eq!(
        rest,
        "2026-10-02 · 2.0: \\<numbers\\>\n\n### Breaking\n\n- `FIELD_NO_DELETE`\n  - field 2 `value` of `acme.config.v1.UpdateConfigRequest` was deleted \
         (waived: no writer sends it, ann)\n- `FIELD_SAME_TYPE`\n  - field 2 `value` of `acme.config.v1.GetConfigResponse` changed type: string -\\> int64\n\n\
         ### Removed\n\n- `acme.config.v1.UpdateConfigRequest.value` `string = 2 json value`\n\n\
         ### Changed\n\n- `acme.config.v1.GetConfigResponse.value` `string -> int64`\n\n\
         ### Added\n\n- `acme.config.v1.GetConfigResponse.owner` `string = 4 json owner`\n\n\
         ## 2026-10-02\n\nThe first promise: 30 entries.\n"
    );
    let configuration = read("protogate.toml");
    assert!(configuration.starts_with("# The project.\n[proto]"), "{configuration}");
    assert!(!configuration.contains("waiver") && !configuration.contains("next release"), "{configuration}");
}

#[test]
fn nothing_is_written_when_something_cannot_be() {
    let dir = project();
    let before = fs::read(dir.path().join("proto/baseline.binpb")).unwrap();
    let configuration = fs::read(dir.path().join("protogate.toml")).unwrap();
    // The changelog is a folder.
    fs::remove_file(dir.path().join("CHANGELOG.proto.md")).unwrap();
    fs::create_dir(dir.path().join("CHANGELOG.proto.md")).unwrap();
    let output = protogate(dir.path(), &["baseline", "accept", "--reason", "x", "--yes"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(fs::read(dir.path().join("proto/baseline.binpb")).unwrap(), before);
    assert_eq!(fs::read(dir.path().join("protogate.toml")).unwrap(), configuration);
}

#[test]
fn the_baseline_is_a_descriptor_set_for_everybody() {
    let dir = project();
    succeeds(dir.path(), &["baseline", "accept", "--reason", "x", "--yes"]);
    let path = dir.path().join("proto/baseline.binpb");
    let set = prost_types::FileDescriptorSet::decode(&*fs::read(&path).unwrap()).unwrap();
    assert!(set.file.iter().any(|it| it.name() == "acme/config/v1/config.proto"));
    if let Some(python) = std::env::var_os("PROTOGATE_PYTHON") {
        // Python keeps what it does not know, so that a set that it writes is still a baseline.
        let program = "import sys\nfrom google.protobuf import descriptor_pb2\ndata = open(sys.argv[1], 'rb').read()\n\
            s = descriptor_pb2.FileDescriptorSet.FromString(data)\nopen(sys.argv[1], 'wb').write(s.SerializeToString())\nprint(len(s.file))";
        let output = Command::new(python).arg("-c").arg(program).arg(&path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let shown = protogate(dir.path(), &["baseline", "show", "--history"]);
        assert!(String::from_utf8(shown.stdout).unwrap().contains("field 2 `value`"));
    } else {
        println!("note: PROTOGATE_PYTHON is not set; Python does not read the baseline");
    }
    if let Some(buf) = std::env::var_os("PROTOGATE_BUF") {
        let arguments = ["build", "proto/baseline.binpb", "-o", "image.binpb"];
        let mut command = Command::new(buf);
        command.current_dir(dir.path()).args(arguments).env("HOME", dir.path());
        let output = command.env("BUF_CACHE_DIR", dir.path().join("cache")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    } else {
        println!("note: PROTOGATE_BUF is not set; buf does not read the baseline");
    }
}

#[test]
fn waivers_are_written_and_changed_in_place() {
    let dir = project();
    let read = || fs::read_to_string(dir.path().join("protogate.toml")).unwrap();
    let before = read();
    let check = protogate(dir.path(), &["check", "--format", "json"]);
    let line = String::from_utf8(check.stdout).unwrap();
    let finding: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let fingerprint = finding["fingerprint"].as_str().unwrap();
    let waive = |reason: &str, expires: &str| {
        succeeds(dir.path(), &["waive", fingerprint, "--reason", reason, "--expires", expires]);
    };
    waive("first", "2099-01-31");
    let once = read();
    assert!(once.starts_with(&before), "{once}");
    assert!(
        once.contains(&format!("rule = \"{fingerprint}\"")) && once.contains("expires = 2099-01-31"),
        "{once}"
    );
    succeeds(dir.path(), &["check"]);
    // By hand into the past: the finding is back, and waived again in the same table.
    fs::write(dir.path().join("protogate.toml"), once.replace("2099-01-31", "2001-01-31 # soon")).unwrap();
    assert_eq!(protogate(dir.path(), &["check"]).status.code(), Some(1));
    waive("second", "2099-02-28");
    let twice = read();
    assert_eq!(twice, once.replace("first", "second").replace("2099-01-31", "2099-02-28 # soon"));
    succeeds(dir.path(), &["check"]);
}
