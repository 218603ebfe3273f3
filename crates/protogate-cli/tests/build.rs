//! `build -o` in all forms: the same content as `buf build -o`, for Python's protobuf, for buf's own reading, and for ours.
//!
//! Without `PROTOGATE_BUF` and `PROTOGATE_PYTHON` a line says that nothing is compared; what needs neither is pinned beside it.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const OPTIONS: &str = r#"import "google/protobuf/any.proto";
package acme.v1;
import "google/protobuf/descriptor.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
message Options {
  optional int64 whole = 1;
  repeated google.protobuf.Duration spans = 2;
  optional bytes raw = 3;
  map<string, int32> counts = 4;
  optional Level level = 5;
  repeated double shares = 6;
  optional google.protobuf.Any any = 7;
  optional string text = 8;
}
enum Level { LOW = 0; HIGH = 1; }
extend google.protobuf.MessageOptions {
  optional Options options = 50001;
  repeated int32 numbers = 50002;
}
"#;
const BOOK: &str = r#"syntax = "proto3";
package acme.v1;
import "acme/v1/options.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/duration.proto";
// A book: "quoted" \ and é.
message Book {
  option (options) = {
    whole: -5 spans { seconds: 3 nanos: 5 } raw: "\001\377\"" counts { key: "yes: no" value: 3 } level: HIGH
    shares: [1, inf, 1e300] text: "line\nbreak"
    any { [type.googleapis.com/google.protobuf.Duration] { seconds: 7 } }
  };
  option (numbers) = 4;
  option (numbers) = -1;
  optional string title = 1;
}
"#;

/// Equal sets: bytes are compared after each has been read by Python, so that neither order nor form counts.
const SAME: &str = r#"
import gzip, sys
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, text_format
image = descriptor_pb2.FileDescriptorSet.FromString(open('theirs.binpb', 'rb').read())
pool = descriptor_pool.DescriptorPool()
own = descriptor_pb2.FileDescriptorProto()
descriptor_pb2.DESCRIPTOR.CopyToProto(own)
notes = descriptor_pb2.DescriptorProto(name='Notes')
notes.field.add(name='is_import', json_name='isImport', number=1, type=8, label=1)
notes.field.add(name='is_syntax_unspecified', json_name='isSyntaxUnspecified', number=3, type=8, label=1)
notes.field.add(name='unused_dependency', json_name='unusedDependency', number=4, type=5, label=3)
own.message_type.append(notes)
file = next(it for it in own.message_type if it.name == 'FileDescriptorProto')
file.field.add(name='buf_extension', json_name='bufExtension', number=8042, type=11, label=1, type_name='.google.protobuf.Notes')
pool.Add(own)
for it in image.file:
    if it.name != own.name:
        pool.Add(it)
message = message_factory.GetMessageClass(pool.FindMessageTypeByName('google.protobuf.FileDescriptorSet'))
# buf has an extension of its own in source info, of a type that is not in the set.
def read(path):
    bytes = open(path, 'rb').read()
    if path.endswith('.gz'):
        bytes, path = gzip.decompress(bytes), path[:-3]
    if path.endswith('.json'):
        return json_format.Parse(bytes.decode(), message(), ignore_unknown_fields=True, descriptor_pool=pool)
    if path.endswith('.txtpb'):
        return text_format.Parse(bytes.decode(), message(), allow_unknown_extension=True, descriptor_pool=pool)
    return message.FromString(bytes)
def files(it):
    for file in it.file:
        # buf tells the places of what stands inside an option, protoc and we that of the option.
        places = [it for it in file.source_code_info.location if 50001 not in it.path]
        places.sort(key=lambda it: (list(it.path), list(it.span)))
        del file.source_code_info.location[:]
        file.source_code_info.location.extend(places)
    return {file.name: text_format.MessageToString(file, descriptor_pool=pool) for file in it.file}
import difflib
for left, right in zip(sys.argv[1::2], sys.argv[2::2]):
    a, b = files(read(left)), files(read(right))
    assert a, left
    assert a.keys() == b.keys(), (left, right, a.keys() ^ b.keys())
    for name in a:
        # What is bundled comes in another version.
        if not name.startswith('google/protobuf/'):
            assert a[name] == b[name], (left, right, name, '\n'.join(difflib.unified_diff(a[name].splitlines(), b[name].splitlines())))
"#;

fn workspace() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("src/acme/v1")).unwrap();
    fs::write(dir.path().join("src/acme/v1/options.proto"), OPTIONS).unwrap();
    fs::write(dir.path().join("src/acme/v1/book.proto"), BOOK).unwrap();
    dir
}

fn ours(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protogate"));
    command.current_dir(dir).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn good(output: Output) -> Output {
    assert!(output.status.success(), "{output:?}");
    output
}

#[test]
fn every_form_holds_what_bufs_holds() {
    let (Some(buf), Some(python)) = (std::env::var_os("PROTOGATE_BUF"), std::env::var_os("PROTOGATE_PYTHON"))
    else {
        eprintln!("note: PROTOGATE_BUF or PROTOGATE_PYTHON is not set; nothing is compared");
        return;
    };
    let dir = workspace();
    let dir = dir.path();
    let theirs = |arguments: &[&str]| {
        let mut command = Command::new(&buf);
        command.env("BUF_CACHE_DIR", dir.join("cache")).current_dir(dir).args(arguments);
        command.stdin(Stdio::null()).output().unwrap()
    };
    good(theirs(&["build", "src", "-o", "theirs.binpb"]));
    for flags in [
        &[][..],
        &["--exclude-imports"],
        &["--exclude-source-info"],
        &["--as-file-descriptor-set", "--exclude-source-info"],
        &["--path", "src/acme/v1/options.proto"],
        &["--exclude-path", "src/acme/v1/book.proto", "--exclude-imports"],
    ] {
        let mut pairs = Vec::new();
        for form in ["binpb", "json", "txtpb", "binpb.gz", "json.gz"] {
            let (left, right) = (format!("their.{form}"), format!("our.{form}"));
            good(theirs(&[&["build", "src", "-o", &left], flags].concat()));
            good(ours(dir, &[&["build", "src", "-o", &right], flags].concat()));
            pairs.extend([left, right]);
        }
        let mut command = Command::new(&python);
        good(command.current_dir(dir).args(["-c", SAME]).args(&pairs).output().unwrap());
    }
    // Packing that Python does not know: read by buf and written again. buf does not read YAML with custom options, its own neither.
    for form in ["binpb.zst", "json.zst", "txtpb.zst"] {
        let name = format!("our.{form}");
        good(ours(dir, &["build", "src", "-o", &name]));
        good(theirs(&["build", &name, "-o", "again.binpb"]));
        let mut command = Command::new(&python);
        good(command.current_dir(dir).args(["-c", SAME, "theirs.binpb", "again.binpb"]).output().unwrap());
    }
    // Our image is as good to buf's rules as buf's own.
    let places = |image: &str| {
        let output = theirs(&["lint", image, "--error-format", "json"]);
        assert_eq!(output.status.code(), Some(100), "{output:?}");
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    good(ours(dir, &["build", "src", "-o", "our.binpb"]));
    let expected = places("theirs.binpb");
    assert_eq!(places("our.binpb"), expected);
    assert!(expected.iter().any(|it| it.contains("IMPORT_USED")), "{expected:?}");
}

#[test]
fn every_form_is_read_again_and_notes_go_with_it() {
    let dir = workspace();
    let dir = dir.path();
    let rules = ["--use", "IMPORT_USED,SYNTAX_SPECIFIED", "--format", "json"];
    let lint = |input: &str| {
        let output = ours(dir, &[&["lint", input], &rules[..]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let mut found: Vec<String> = text
            .lines()
            .map(|it| {
                let value: serde_json::Value = serde_json::from_str(it).unwrap();
                format!("{} {}", value["type"], value["start_line"])
            })
            .collect();
        found.sort();
        found
    };
    let expected = lint("src");
    assert_eq!(expected.len(), 3, "{expected:?}");
    good(ours(dir, &["build", "src", "-o", "whole.json"]));
    let whole = fs::read_to_string(dir.join("whole.json")).unwrap();
    for form in ["binpb", "pb", "json", "txtpb", "yaml"] {
        for packing in ["", ".gz", ".zst"] {
            let name = format!("x.{form}{packing}");
            good(ours(dir, &["build", "src", "-o", &name]));
            assert_eq!(lint(&name), expected, "{name}");
            assert!(
                String::from_utf8_lossy(&ours(dir, &["build", "src", "-o", &name]).stderr)
                    .contains("unchanged")
            );
            // From form to form.
            good(ours(dir, &["build", &name, "-o", "again.json"]));
            assert_eq!(fs::read_to_string(dir.join("again.json")).unwrap(), whole, "{name}");
        }
    }
    good(ours(dir, &["build", "src", "-o", "plain.binpb", "--as-file-descriptor-set"]));
    assert_eq!(lint("plain.binpb"), [""; 0]);
    let piped = good(ours(dir, &["build", "src", "-o", "-#format=json,use_proto_names=true"]));
    assert!(String::from_utf8(piped.stdout).unwrap().contains("\"message_type\":"));
}

#[test]
fn without_a_place_it_compiles_and_a_wrong_one_is_refused_before() {
    let dir = workspace();
    let dir = dir.path();
    let output = good(ours(dir, &["build", "src"]));
    assert!(String::from_utf8_lossy(&output.stderr).contains("files: 2, imports: 5"), "{output:?}");
    for (name, part) in
        [("x", "no name of a descriptor set"), ("x.proto", "no name of"), ("--path", "--path")]
    {
        let output = ours(dir, &["build", "missing", "-o", name]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(part), "{output:?}");
    }
    #[cfg(unix)]
    {
        good(ours(dir, &["build", "src", "-o", "/dev/null"]));
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
