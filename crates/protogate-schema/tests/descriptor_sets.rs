//! Descriptor sets and baselines: what is written is read back, and what is no set is refused with a reason.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use protogate_schema::compile::{Source, compile};
use protogate_schema::history::History;
use protogate_schema::load::Image;
use protogate_schema::{Error, ErrorKind, Input, Schema, baseline, load};

const TEXT: &str = "syntax = \"proto3\";\npackage acme;\nimport \"google/api/annotations.proto\";\n// A thing.\nmessage A { string s = 1; }\n\
    service S { rpc Get(A) returns (A) { option (google.api.http).get = \"/v1/a\"; } }\n";

fn schema() -> Schema {
    compile(vec![Source::new("acme/a.proto", TEXT)]).unwrap()
}

fn read(path: &Path) -> Result<Schema, Error> {
    load::load(&Input::Image(Image::binary(path.to_owned())))
}

fn targets(schema: &Schema) -> Vec<&str> {
    schema.files().filter(|(_, it)| !it.is_import).map(|(_, it)| it.path.as_str()).collect()
}

#[test]
fn a_baseline_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("proto/baseline.binpb");
    let schema = schema();
    assert!(baseline::write(&schema, &path).unwrap());
    assert!(!baseline::write(&schema, &path).unwrap(), "the same schema has the same bytes");
    let read = baseline::read(&path).unwrap();
    assert!(read.descriptor_bytes().starts_with(schema.descriptor_bytes()), "the history comes last");
    assert_eq!(History::of(&read), Some(History::default()));
    assert_eq!(History::of(&schema), None, "a compiled schema remembers nothing");
    assert_eq!(targets(&read), ["acme/a.proto"], "imports stay imports");
    let id = read.find_message("acme.A").unwrap();
    let element = protogate_schema::model::element::Element::Message(id);
    assert_eq!(read.span(element), schema.span(element));
    assert_eq!(read.comments(element).unwrap().leading, " A thing.\n");
    let (method, _) = read.methods().next().unwrap();
    assert_eq!(read.bindings(method)[0].template, "/v1/a");
    assert_eq!(load::inputs_read(&read).files(), [path]);
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    let sources = || {
        (0..200).map(|at| {
            Source::new(format!("f{at}.proto"), format!("syntax = \"proto3\"; package p{at}; message A {{}}"))
        })
    };
    let bytes = || compile(sources().collect()).unwrap().descriptor_bytes().clone();
    assert_eq!(bytes(), bytes());
}

#[test]
fn no_baseline_is_an_environment_error() {
    let error = baseline::read(Path::new("nowhere/baseline.binpb")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Environment);
    assert!(error.to_string().contains("protogate baseline accept"), "{error}");
}

#[test]
fn sets_without_marks_are_targets() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("set.binpb");
    let mut bytes =
        compile(vec![Source::new("b.proto", "syntax = \"proto3\";")]).unwrap().descriptor_bytes().to_vec();
    bytes.extend_from_slice(&bytes.clone());
    std::fs::write(&path, &bytes).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("holds `b.proto` twice"));
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(targets(&read(&path).unwrap()), ["b.proto"]);
}

#[test]
fn a_set_in_an_edition() {
    // file { name: "e.proto", syntax: "editions", edition: 1000, message_type { name: "M" } }
    let body = b"\x0a\x07e.proto\x22\x03\x0a\x01M\x62\x08editions\x70\xe8\x07";
    let set = [&[0x0a, body.len() as u8], &body[..]].concat();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("e.binpb");
    std::fs::write(&path, set).unwrap();
    let schema = read(&path).unwrap();
    assert_eq!(
        schema.files().next().unwrap().1.syntax,
        protogate_schema::model::element::Syntax::Edition(1000)
    );
}

#[test]
fn what_is_no_set() {
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("x.binpb");
    let good = schema().descriptor_bytes().to_vec();
    for (bytes, part) in [
        (&good[..good.len() - 1], "only a part"),
        (&good[..100], "only a part"),
        (b"", "holds no files"),
        (b"\x1f\x8b\x08\0\0", "#compression=gzip"),
        (b"syntax = \"proto3\";\n", "text file"),
        (b"\x0a\x00", "has no name"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "no descriptor set"),
        (&b"\x0a\x80\x80\x80\x80\x10"[..], "only a part"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = read(&path).unwrap_err();
        assert!(error.to_string().contains(part), "expected `{part}`: {error}");
        assert_eq!(error.diagnostics()[0].path.as_deref(), Some(&*path.display().to_string()));
    }
    // A type that is in no file of the set.
    let body = b"\x0a\x01a\x22\x10\x0a\x01M\x12\x0b\x0a\x01f\x18\x01\x28\x0b\x32\x02.X";
    std::fs::write(&path, [&[0x0a, body.len() as u8], &body[..]].concat()).unwrap();
    let error = read(&path).unwrap_err();
    assert!(error.to_string().contains("not in the descriptor set"), "{error}");
}

#[test]
fn every_prefix_and_flipped_byte_of_a_set_gets_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.binpb");
    let good = compile(vec![Source::new(
        "a.proto",
        "syntax = \"proto3\"; message A { map<string, A> m = 1; oneof o { A a = 2; } }",
    )])
    .unwrap()
    .descriptor_bytes()
    .to_vec();
    for at in 0..good.len() {
        std::fs::write(&path, &good[..at]).unwrap();
        let _ = read(&path);
        for flip in [0x01, 0x08, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(schema) = read(&path) {
                // Everything that is lazy too.
                for (id, _) in schema.files() {
                    let _ = schema.span_at(id, &[4, 0]);
                }
            }
        }
    }
}
