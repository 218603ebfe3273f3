//! Archives and packed, written-down images as input: what is read, what is refused and why, and that no bytes can do harm.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::write::GzEncoder;
use proptest::prelude::*;
use protogate_schema::compile::{Source, compile};
use protogate_schema::model::element::{Features, Provenance, Syntax};
use protogate_schema::{Error, Input, Schema, load};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tar::EntryType;
use zip::write::SimpleFileOptions;

const A: &str =
    "syntax = \"proto3\";\npackage acme.v1;\nimport \"acme/v1/b.proto\";\nmessage A { B b = 1; }\n";
const B: &str = "syntax = \"proto3\";\npackage acme.v1;\nmessage B {}\n";

struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn load(&self, input: &str) -> Result<Schema, Error> {
        load::load(&Input::parse(&format!("{}/{input}", self.0.path().display())).unwrap())
    }

    fn refused(&self, input: &str, part: &str) {
        let error = self.load(input).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(part), "{input}: expected `{part}`: {error}");
    }
}

fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        // Not `set_path`, which refuses what is tested here.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.as_old_mut().linkname[..content.len()].copy_from_slice(content);
            header.set_size(0);
            header.set_cksum();
            out.append(&header, std::io::empty()).unwrap();
        } else {
            header.set_size(content.len() as u64);
            header.set_cksum();
            out.append(&header, *content).unwrap();
        }
    }
    out.into_inner().unwrap()
}

fn sources(prefix: &str) -> Vec<u8> {
    tar(&[
        (&format!("{prefix}acme/v1/a.proto"), EntryType::Regular, A.as_bytes()),
        (&format!("{prefix}acme/v1/b.proto"), EntryType::Regular, B.as_bytes()),
        (&format!("{prefix}README.md"), EntryType::Regular, b"nobody reads this"),
    ])
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        out.start_file(*name, SimpleFileOptions::default()).unwrap();
        out.write_all(content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn shown(schema: &Schema) -> Vec<String> {
    let targets = schema.files().filter(|(_, it)| !it.is_import);
    let mut shown: Vec<_> =
        targets.map(|(_, it)| schema.origin().display_path(&it.path).to_owned()).collect();
    shown.sort();
    shown
}

#[test]
fn every_container() {
    let dir = Dir::new();
    dir.write("x.tar", sources(""));
    dir.write("x.tar.gz", gzip(&sources("")));
    dir.write("x.tgz", gzip(&sources("./")));
    dir.write("x.tar.zst", zstd(&sources("")));
    dir.write(
        "x.zip",
        zip(&[("acme/v1/a.proto", A.as_bytes()), ("acme/v1/b.proto", B.as_bytes()), ("x/", b"")]),
    );
    dir.write("unnamed", gzip(&sources("")));
    for input in [
        "x.tar",
        "x.tar.gz",
        "x.tgz",
        "x.tar.zst",
        "x.zip",
        "unnamed#format=targz",
        "unnamed#format=tar,compression=gzip",
    ] {
        assert_eq!(shown(&dir.load(input).unwrap()), ["acme/v1/a.proto", "acme/v1/b.proto"], "{input}");
    }
}

#[test]
fn a_part_of_an_archive() {
    let dir = Dir::new();
    dir.write("x.tar", sources("top-1.0/proto/"));
    let inside = ["proto/acme/v1/a.proto", "proto/acme/v1/b.proto"];
    assert_eq!(shown(&dir.load("x.tar#strip_components=1,subdir=proto").unwrap()), inside);
    assert_eq!(shown(&dir.load("x.tar#strip_components=2").unwrap()), ["acme/v1/a.proto", "acme/v1/b.proto"]);
    let whole: Vec<_> = inside.map(|it| format!("top-1.0/{it}")).into();
    assert_eq!(shown(&dir.load("x.tar#subdir=top-1.0/proto").unwrap()), whole);
    dir.refused("x.tar#subdir=nothing", "there are no `.proto` files in `nothing`");
    dir.refused("x.tar#strip_components=9", "the names in it are such as `top-1.0/proto/acme/v1/a.proto`");
    dir.refused("x.tar", "x.tar:top-1.0/proto/acme/v1/a.proto:3");
}

#[test]
fn an_archive_has_its_own_configuration() {
    let dir = Dir::new();
    let archive = tar(&[
        ("p/protogate.toml", EntryType::Regular, b"[proto]\nroots = [\"proto\"]\n"),
        ("p/proto/acme/v1/a.proto", EntryType::Regular, A.as_bytes()),
        ("p/proto/acme/v1/b.proto", EntryType::Regular, B.as_bytes()),
        ("p/other/broken.proto", EntryType::Regular, b"nobody looks at this"),
    ]);
    dir.write("x.tar", archive);
    assert_eq!(shown(&dir.load("x.tar#subdir=p").unwrap()).len(), 2);
    let archive = tar(&[
        ("protogate.toml", EntryType::Regular, b"[proto]\nroots = [\"../..\"]\n"),
        ("a.proto", EntryType::Regular, B.as_bytes()),
    ]);
    dir.write("out.tar", archive);
    dir.refused("out.tar", "leads out of");
}

#[test]
fn names_that_lead_out_are_refused() {
    let dir = Dir::new();
    for name in ["/etc/a.proto", "../a.proto", "x/../../a.proto", "x/../a.proto", "/etc/passwd", "../x.txt"] {
        dir.write("x.tar", tar(&[(name, EntryType::Regular, B.as_bytes())]));
        dir.refused("x.tar", "leads out of the archive");
        dir.write("x.zip", zip(&[(name, B.as_bytes())]));
        dir.refused("x.zip", "leads out of the archive");
    }
    dir.write("x.tar", tar(&[("a\\b.proto", EntryType::Regular, B.as_bytes())]));
    dir.refused("x.tar", "backslash");
    dir.write("x.tar", tar(&[("a\x1bb.proto", EntryType::Regular, B.as_bytes())]));
    dir.refused("x.tar", "holds a control character");
    let mut latin = tar(&[("a?.proto", EntryType::Regular, B.as_bytes())]);
    latin[1] = 0xe9;
    let sum: u32 = latin[..512]
        .iter()
        .enumerate()
        .map(|(at, it)| if (148..156).contains(&at) { 32 } else { u32::from(*it) })
        .sum();
    latin[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    dir.write("x.tar", latin);
    dir.refused("x.tar", "not UTF-8");
}

#[test]
fn links_and_devices_are_no_sources() {
    let dir = Dir::new();
    let bait = dir.write("outside.proto", "syntax = \"proto3\"; message Secret {}");
    let bait = bait.to_str().unwrap().to_owned();
    let b = ("b.proto", EntryType::Regular, B.as_bytes());
    for (kind, to) in
        [(EntryType::Symlink, bait.as_str()), (EntryType::Symlink, "b.proto"), (EntryType::Link, "b.proto")]
    {
        dir.write("x.tar", tar(&[b, ("a.proto", kind, to.as_bytes())]));
        assert_eq!(shown(&dir.load("x.tar").unwrap()), ["b.proto"]);
        let user = ("c.proto", EntryType::Regular, &b"syntax = \"proto3\"; import \"a.proto\";"[..]);
        dir.write("x.tar", tar(&[b, ("a.proto", kind, to.as_bytes()), user]));
        dir.refused("x.tar", "a.proto: is a link");
    }
    for kind in [EntryType::Fifo, EntryType::Char, EntryType::Block, EntryType::Directory] {
        dir.write("x.tar", tar(&[b, ("a.proto", kind, b"")]));
        assert_eq!(shown(&dir.load("x.tar").unwrap()), ["b.proto"]);
    }
    dir.write("x.tar", tar(&[("a.proto", EntryType::GNUSparse, b"")]));
    dir.refused("x.tar", "sparse");
}

#[test]
fn one_name_twice() {
    let dir = Dir::new();
    let b = ("b.proto", EntryType::Regular, B.as_bytes());
    dir.write("x.tar", tar(&[b, b]));
    assert_eq!(shown(&dir.load("x.tar").unwrap()), ["b.proto"], "the same content twice is no contradiction");
    dir.write("x.tar", tar(&[b, ("./b.proto", EntryType::Regular, A.as_bytes())]));
    dir.refused("x.tar", "holds `b.proto` twice");
    // The writer refuses a second name, so it is made equal afterwards.
    let mut twice = zip(&[("b.proto", B.as_bytes()), ("c.proto", A.as_bytes())]);
    for at in 0..twice.len() - 7 {
        if &twice[at..at + 7] == b"c.proto" {
            twice[at] = b'b';
        }
    }
    dir.write("x.zip", twice);
    dir.refused("x.zip", "one name twice");
}

#[test]
fn long_names() {
    let dir = Dir::new();
    let folder = "a_rather_long_folder_name/".repeat(10);
    let mut out = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(B.len() as u64);
    out.append_data(&mut header, format!("{folder}b.proto"), B.as_bytes()).unwrap();
    dir.write("gnu.tar", out.into_inner().unwrap());
    assert_eq!(shown(&dir.load("gnu.tar").unwrap()), [format!("{folder}b.proto")]);
    let record = |key: &str, value: &str| {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len();
        while length != rest.len() + length.to_string().len() {
            length = rest.len() + length.to_string().len();
        }
        format!("{length}{rest}")
    };
    for (pax, part) in [
        (record("path", "x/b.proto"), ""),
        (record("path", "../b.proto"), "leads out"),
        (record("size", "99999999999"), "8 GiB"),
        (record("GNU.sparse.major", "1"), "sparse"),
        ("999 path=b\n".to_owned(), "damaged extended header"),
        ("x".to_owned(), "damaged extended header"),
        ("0 ".to_owned(), "damaged extended header"),
        (" ".repeat(70_000), "extended header of 70000 bytes"),
    ] {
        let archive =
            tar(&[("p", EntryType::XHeader, pax.as_bytes()), ("y.proto", EntryType::Regular, B.as_bytes())]);
        dir.write("pax.tar", archive);
        if part.is_empty() {
            assert_eq!(shown(&dir.load("pax.tar").unwrap()), ["x/b.proto"]);
        } else {
            dir.refused("pax.tar", part);
        }
    }
}

#[test]
fn bombs() {
    let dir = Dir::new();
    let started = Instant::now();
    let zeros = vec![0; 64 << 20];
    dir.write("x.binpb.gz", gzip(&zeros));
    dir.refused("x.binpb.gz", "decompression bomb");
    dir.write("x.json.zst", zstd(&zeros));
    dir.refused("x.json.zst", "decompression bomb");
    dir.write("x.tar.gz", gzip(&tar(&[("big.bin", EntryType::Regular, &zeros)])));
    dir.refused("x.tar.gz", "decompression bomb");
    dir.write("x.tar", tar(&[("big.proto", EntryType::Regular, &zeros)]));
    dir.refused("x.tar", "has more than 16777216 bytes");
    dir.write("x.zip", zip(&[("big.proto", &zeros)]));
    dir.refused("x.zip", "decompression bomb");
    // What a header says is not what is there: 8 GiB of nothing, and a window of a terabyte.
    let mut lie = tar(&[("a.proto", EntryType::Regular, b"x")]);
    lie[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = lie[..512]
        .iter()
        .enumerate()
        .map(|(at, it)| if (148..156).contains(&at) { 32 } else { u32::from(*it) })
        .sum();
    lie[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    dir.write("x.tar", lie);
    dir.refused("x.tar", "has more than 16777216 bytes");
    dir.write("x.binpb.zst", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf0, 0x01, 0x00, 0x00]);
    dir.refused("x.binpb.zst", "no zstd file");
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

#[test]
fn what_is_no_archive() {
    let dir = Dir::new();
    for (name, bytes, part) in [
        ("x.tar", &b""[..], "is no tar archive"),
        ("x.tar", &[0; 1024], "is no tar archive"),
        ("x.tar", &b"PK\x03\x04 not a tar, but long enough for a block".repeat(20), "is no tar archive"),
        ("x.tar", &sources("")[..550], "ends too early"),
        ("x.tar", &sources("")[..700], "unexpected EOF"),
        ("x.tar.gz", &sources(""), "is no gzip file"),
        ("x.tar.gz", &gzip(&sources(""))[..60], "ends too early"),
        ("x.tar.zst", &gzip(&sources("")), "is no zstd file"),
        ("x.tar.zst", &zstd(&sources(""))[..60], "is no zstd file, or a damaged one"),
        ("x.zip", &b""[..], "is no zip archive"),
        ("x.zip", &zip(&[("a.proto", A.as_bytes())])[..40], "is no zip archive"),
        ("x.tar", &tar(&[("a.txt", EntryType::Regular, b"x")]), "there are no `.proto` files"),
    ] {
        dir.write(name, bytes);
        dir.refused(name, part);
    }
    dir.refused("none.tar", "there is no such file");
    std::fs::create_dir(dir.0.path().join("folder.zip")).unwrap();
    dir.refused("folder.zip", "is no regular file");
}

fn image() -> Vec<u8> {
    compile(vec![Source::new("acme/v1/b.proto", B)]).unwrap().descriptor_bytes().to_vec()
}

#[test]
fn packed_images() {
    let dir = Dir::new();
    dir.write("x.binpb.gz", gzip(&image()));
    // Several members or frames are one file, and a frame may be there to be skipped.
    let whole = image();
    let (first, second) = whole.split_at(20);
    dir.write("two.binpb.gz", [gzip(first), gzip(second)].concat());
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    dir.write("two.binpb.zst", [zstd(first), skipped, zstd(second)].concat());
    for input in ["x.binpb.gz", "two.binpb.gz", "two.binpb.zst", "x.binpb.gz#format=bingz"] {
        assert_eq!(shown(&dir.load(input).unwrap()), ["acme/v1/b.proto"], "{input}");
    }
    dir.refused("x.binpb.gz#compression=none", "#compression=gzip");
    dir.refused("x.binpb.gz#format=json,compression=gzip", "is no JSON image");
}

const JSON: &str = r#"{
  "file": [
    { "name": "o.proto", "package": "o", "messageType": [{ "name": "D", "field": [
        { "name": "at", "number": 1, "label": "LABEL_OPTIONAL", "type": "TYPE_MESSAGE", "typeName": ".google.protobuf.Duration" } ] }],
      "dependency": ["google/protobuf/descriptor.proto", "google/protobuf/duration.proto"],
      "extension": [
        { "name": "d", "extendee": ".google.protobuf.MessageOptions", "number": 50001, "label": "LABEL_OPTIONAL", "type": "TYPE_MESSAGE", "typeName": ".o.D" },
        { "name": "n", "extendee": ".google.protobuf.MessageOptions", "number": 50002, "label": "LABEL_REPEATED", "type": "TYPE_SINT32" },
        { "name": "b", "extendee": ".google.protobuf.MessageOptions", "number": 50003, "label": "LABEL_OPTIONAL", "type": "TYPE_BYTES" } ],
      "bufExtension": { "isImport": true } },
    { "name": "google/protobuf/duration.proto", "package": "google.protobuf", "syntax": "proto3", "messageType": [{ "name": "Duration", "field": [
        { "name": "seconds", "number": 1, "label": 1, "type": "TYPE_INT64" }, { "name": "nanos", "number": 2, "label": 1, "type": "TYPE_INT32" } ] }],
      "bufExtension": { "isImport": true } },
    { "name": "google/protobuf/descriptor.proto", "package": "google.protobuf", "messageType": [{ "name": "MessageOptions", "extensionRange": [{ "start": 1000, "end": 536870912 }] }],
      "bufExtension": { "isImport": true } },
    { "name": "m.proto", "package": "m", "syntax": "editions", "edition": "EDITION_2023", "dependency": ["o.proto"], "unheardOf": { "x": [1, {}] },
      "messageType": [{ "name": "M", "options": { "features": { "jsonFormat": "LEGACY_BEST_EFFORT" },
        "[o.d]": { "at": "-1.5s" }, "[o.n]": [1, "-2", 3.0], "[o.b]": "_wA", "[not.known]": 5 } }],
      "bufExtension": { "isImport": false, "isSyntaxUnspecified": true, "unusedDependency": [0] } }
  ]
}"#;

fn assert_json(schema: &Schema) {
    assert_eq!(shown(schema), ["m.proto"]);
    let file = schema.find_file("m.proto").unwrap();
    assert_eq!(
        schema.file(file).provenance,
        Provenance::Image { syntax_unspecified: true, unused_imports: vec![0] }
    );
    assert_eq!(schema.file(file).syntax, Syntax::Edition(1000));
    let message = schema.message(schema.find_message("m.M").unwrap());
    let Features { json_format, field_presence, .. } = message.features;
    assert_eq!((json_format, field_presence), (2, 1));
    // 12 { 6: 2 } 50001 { 1 { 1: -1 2: -500000000 } } 50002: zigzag of 1 -2 3, each of its own (proto2) 50003: ff 00
    let mut raw = message.raw_options.to_vec();
    let features = [0x62, 0x02, 0x30, 0x02];
    let at = raw.windows(4).position(|it| it == features).unwrap();
    raw.drain(at..at + 4);
    let mut expected = vec![0x9a, 0xb5, 0x18, 0x02, 0xff, 0x00];
    expected.extend([0x8a, 0xb5, 0x18, 0x18, 0x0a, 0x16, 0x08]);
    expected.extend([0xff; 9]);
    expected.extend([0x01, 0x10]);
    expected.extend([0x80, 0xb6, 0xca, 0x91, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x01]);
    expected.extend([0x90, 0xb5, 0x18, 0x02, 0x90, 0xb5, 0x18, 0x03, 0x90, 0xb5, 0x18, 0x06]);
    let sorted = |mut bytes: Vec<u8>| {
        bytes.sort_unstable();
        bytes
    };
    // The order of fields is the writer's; the bytes are the same.
    assert_eq!(sorted(raw.clone()), sorted(expected.clone()), "{raw:02x?} {expected:02x?}");
}

#[test]
fn json_images() {
    let dir = Dir::new();
    dir.write("x.json", JSON);
    assert_json(&dir.load("x.json").unwrap());
    dir.write("x.json.gz", gzip(JSON.as_bytes()));
    assert_json(&dir.load("x.json.gz").unwrap());
    // JSON is YAML.
    dir.write("x.yaml", JSON);
    assert_json(&dir.load("x.yaml").unwrap());
    for (text, part) in [
        ("", "is no JSON image"),
        ("[]", "an object"),
        ("{}", "holds no files"),
        ("{\"name\": \"package.json\"}", "holds no files"),
        ("{\"file\": [{\"name\": 5}]}", "`name` is no String, but the number 5"),
        ("{\"file\": [{\"name\": \"a\", \"publicDependency\": [9999999999]}]}", "is no Int32"),
        ("{\"file\": [{\"name\": \"a\", \"dependency\": {}}]}", "no list"),
        ("{\"file\": [{\"name\": \"a\"}]} x", "trailing characters"),
        (&format!("{{\"file\":[{{\"messageType\":[{}", "{\"nestedType\":[".repeat(5000)), "recursion limit"),
        (&"{\"file\":[".repeat(5000), "EOF while parsing"),
    ] {
        dir.write("y.json", text);
        dir.refused("y.json", part);
    }
    dir.write("y.json", b"\xff\xfe{}");
    dir.refused("y.json", "is not UTF-8");
}

#[test]
fn yaml_images() {
    let dir = Dir::new();
    dir.write("x.yaml", "file:\n  - name: a.proto\n    syntax: proto3\n    messageType:\n      - name: \"M\"\n    options:\n      javaMultipleFiles: true\n");
    let schema = dir.load("x.yaml").unwrap();
    assert_eq!(schema.files().next().unwrap().1.options.java_multiple_files, Some(true));
    for (text, part) in [
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("a: 1\na: 2\n", "twice"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("[a]: 1", "single value"),
        ("{", "is no YAML image: line"),
        ("5", "expected an object"),
        (&"[".repeat(5000), "recursion limit"),
        ("", "holds no files"),
    ] {
        dir.write("y.yaml", text);
        dir.refused("y.yaml", part);
    }
}

#[test]
fn text_images() {
    let dir = Dir::new();
    let text = r#"
# a comment
file { name: "o.proto" package: "o" dependency: ["google/protobuf/descriptor.proto"]
  message_type < name: "D" field { name: 'd' number: 1 label: LABEL_OPTIONAL type: TYPE_DOUBLE } >;
  extension { name: "d" extendee: ".google.protobuf.MessageOptions" number: 50001 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".o.D" }
  extension { name: "b" extendee: ".google.protobuf.MessageOptions" number: 0xC353 label: LABEL_OPTIONAL type: TYPE_BYTES }
  buf_extension { is_import: true } }
file { name: "google/protobuf/" "descriptor.proto" package: "google.protobuf"
  message_type { name: "MessageOptions" extension_range { start: 1000 end: 536870912 } } buf_extension { is_import: true } }
file: { name: "m.proto", package: "m", dependency: "o.proto" unheard_of { x: [1, -2.5e+3] y < z: "a" > }
  message_type { name: "M" options { [o.d] { d: -inf } [o.b]: "\377\x00\n\"" [not.known]: 5 } } }
"#;
    dir.write("x.txtpb", text);
    let schema = dir.load("x.txtpb").unwrap();
    assert_eq!(shown(&schema), ["m.proto"]);
    let raw = schema.message(schema.find_message("m.M").unwrap()).raw_options.to_vec();
    let expected = [
        &[0x8a, 0xb5, 0x18, 0x09, 0x09][..],
        &f64::NEG_INFINITY.to_le_bytes(),
        &[0x9a, 0xb5, 0x18, 0x04, 0xff, 0x00, b'\n', b'"'],
    ];
    assert_eq!(raw, expected.concat());
    for (text, part) in [
        ("file {", "the text ends inside"),
        ("file }", "expected `:` or a message, found `}`"),
        ("file { name: 5 }", "line 1: `5` is no value of `name`"),
        ("file {\n name: \"a\n\" }", "line 2: a text without an end"),
        ("file { name: \"\\q\" }", "escape"),
        ("file { name: \"\\777\" }", "escape"),
        ("file { public_dependency: 99999999999 }", "no value of"),
        ("file { options { [x/y] {} } }", "`Any`"),
        (&"file { message_type { nested_type {".repeat(200), "nested too deep"),
        ("", "holds no files"),
    ] {
        dir.write("y.txtpb", text);
        dir.refused("y.txtpb", part);
    }
}

#[test]
fn the_files_of_a_package() {
    let dir = Dir::new();
    dir.write("acme/v1/a.proto", A);
    dir.write("acme/v1/b.proto", B);
    dir.write("acme/v1/broken.proto", "package other; message {");
    dir.write("acme/v1/other.proto", "syntax = \"proto3\"; package other.v1; message O {}");
    dir.write("protogate.toml", "");
    assert_eq!(shown(&dir.load("acme/v1/b.proto").unwrap()).len(), 1);
    let schema = dir.load("acme/v1/b.proto#include_package_files=true").unwrap();
    let names: Vec<_> =
        shown(&schema).iter().map(|it| Path::new(it).file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.proto", "b.proto"]);
}

#[test]
fn modules_of_a_registry_have_to_be_exported_first() {
    for input in ["buf.build/acme/petapis", "buf.build/acme/petapis#format=mod"] {
        let error = Input::parse(input).and_then(|it| load::load(&it).map(|_| ())).unwrap_err();
        assert!(error.to_string().contains("buf export"), "{error}");
    }
}

/// Damages bytes: a prefix, and some bytes changed.
fn damage(good: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = good.len();
    (0..=length, proptest::collection::vec((0..length, any::<u8>()), 0..6)).prop_map(move |(end, flips)| {
        let mut bytes = good.clone();
        for (at, byte) in flips {
            bytes[at] ^= byte;
        }
        // Most inputs are whole.
        if end % 3 == 0 {
            bytes.truncate(end);
        }
        bytes
    })
}

fn answers(name: &str, bytes: &[u8]) {
    let dir = Dir::new();
    dir.write(name, bytes);
    if let Ok(schema) = dir.load(name) {
        for (id, _) in schema.files() {
            let _ = schema.span_at(id, &[4, 0]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_archives_get_an_answer(
        plain in damage(sources("")),
        zip in damage(zip(&[("acme/v1/a.proto", A.as_bytes()), ("acme/v1/b.proto", B.as_bytes())])),
        gzip in damage(gzip(&sources(""))),
        zstd in damage(zstd(&sources(""))),
    ) {
        answers("x.tar", &plain);
        answers("x.zip", &zip);
        answers("x.tar.gz", &gzip);
        answers("x.tar.zst", &zstd);
    }

    #[test]
    fn damaged_images_get_an_answer(
        binary in damage(image()),
        json in damage(JSON.as_bytes().to_vec()),
        packed in damage(zstd(&image())),
    ) {
        answers("x.binpb", &binary);
        answers("x.json", &json);
        answers("x.yaml", &json);
        answers("x.txtpb", &json);
        answers("x.binpb.zst", &packed);
    }

    #[test]
    fn random_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..2000), text in ".{0,300}") {
        for name in ["x.tar", "x.zip", "x.tar.gz", "x.tar.zst", "x.binpb", "x.json", "x.yaml", "x.txtpb"] {
            answers(name, &bytes);
            answers(name, text.as_bytes());
        }
        let _ = Input::parse(&text);
    }
}
