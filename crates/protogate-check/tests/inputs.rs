//! One contract in every form of input: the findings are those of the reference checker on the same form.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use protogate_check::{BreakingConfig, LintConfig, check_breaking, check_lint};
use protogate_schema::{Input, Schema, load};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

const LINT: [&str; 3] = ["STANDARD", "COMMENTS", "UNARY_RPC"];
const BREAKING: [&str; 4] = ["FILE", "PACKAGE", "WIRE_JSON", "WIRE"];

/// Options of its own, an import that nothing uses, a file without a syntax statement.
const FILES: [(&str, &str); 4] = [
    (
        "acme/v1/a.proto",
        "syntax = \"proto3\";\npackage acme.v1;\nimport \"acme/v1/options.proto\";\nimport \"google/protobuf/timestamp.proto\";\n\
         // buf:lint:ignore FIELD_LOWER_SNAKE_CASE\nmessage badName {\n  string badField = 1 [(detail) = {d: {seconds: 3}, b: \"\\xff\\x00\", x: inf, \
         m: {key: \"k\" value: 7}, e: E_ONE}, (nums) = 3, (nums) = -4];\n  oneof o { int32 x = 2; }\n}\n\
         service S { rpc get(stream badName) returns (badName); }\n",
    ),
    (
        "acme/v1/old.proto",
        "package acme.v1;\nimport \"acme/v1/a.proto\";\nmessage Old {\n  optional badName x = 1;\n  optional group G = 2 {}\n}\n",
    ),
    (
        "acme/v1/options.proto",
        "syntax = \"proto3\";\npackage acme.v1;\nimport \"google/protobuf/descriptor.proto\";\nimport \"google/protobuf/duration.proto\";\n\
         extend google.protobuf.FieldOptions {\n  D detail = 50001;\n  repeated int64 nums = 50002;\n}\n\
         message D {\n  google.protobuf.Duration d = 1;\n  bytes b = 2;\n  double x = 3;\n  map<string, int64> m = 4;\n  E e = 5;\n}\n\
         enum E {\n  E_UNSPECIFIED = 0;\n  E_ONE = 1;\n}\n",
    ),
    ("other/v1/empty.proto", "syntax = \"proto3\";\npackage wrong;\n"),
];

/// What the next version changes.
const EDITS: [(&str, &str, &str); 3] = [
    ("acme/v1/a.proto", "oneof o { int32 x = 2; }", "int64 x = 2;"),
    ("acme/v1/options.proto", "  E_ONE = 1;\n", ""),
    ("acme/v1/old.proto", "optional badName x = 1;", "repeated badName x = 1;"),
];

const FORMS: [&str; 17] = [
    "binpb",
    "binpb.gz",
    "binpb.zst",
    "json",
    "json.gz",
    "json.zst",
    "txtpb",
    "txtpb.zst",
    "plain.binpb",
    "plain.json",
    "bare.binpb",
    "names.json",
    "tar",
    "tar.gz",
    "tar.zst",
    "zip",
    "nested.tar.gz#strip_components=1",
];

fn write_forms(dir: &Path, name: &str, edits: &[(&str, &str, &str)]) {
    let root = dir.join(format!("{name}.dir"));
    let mut files = Vec::new();
    for (path, text) in FILES {
        let mut text = text.to_owned();
        for (_, old, new) in edits.iter().filter(|(of, ..)| *of == path) {
            assert!(text.contains(old), "{old}");
            text = text.replace(old, new).replace(", e: E_ONE", "");
        }
        if !edits.is_empty() {
            text = text.replace(", e: E_ONE", "");
        }
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), &text).unwrap();
        files.push((path, text));
    }
    let tar = |prefix: &str| {
        let mut out = tar::Builder::new(Vec::new());
        for (path, text) in &files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            out.append_data(&mut header, format!("{prefix}{path}"), text.as_bytes()).unwrap();
        }
        out.into_inner().unwrap()
    };
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    let write = |form: &str, bytes: Vec<u8>| fs::write(dir.join(format!("{name}.{form}")), bytes).unwrap();
    write("tar", tar(""));
    write("tar.gz", gzip(&tar("")));
    write("tar.zst", compress_to_vec(&tar("")[..], CompressionLevel::Fastest));
    write("nested.tar.gz", gzip(&tar("top-1.0/")));
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in &files {
        zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    write("zip", zip.finish().unwrap().into_inner());
    for (form, arguments) in [
        ("binpb", &[][..]),
        ("binpb.gz", &[]),
        ("binpb.zst", &[]),
        ("json", &[]),
        ("json.gz", &[]),
        ("json.zst", &[]),
        ("txtpb", &[]),
        ("txtpb.zst", &[]),
        ("yaml", &[]),
        ("plain.binpb", &["--as-file-descriptor-set"]),
        ("plain.json", &["--as-file-descriptor-set"]),
        ("bare.binpb", &["--exclude-source-info"]),
        ("names.json#use_proto_names=true,use_enum_numbers=true", &[]),
    ] {
        let status = Command::new(std::env::var_os("PROTOGATE_BUF").unwrap())
            .args(["build", ".", "-o", &format!("../{name}.{form}")])
            .args(arguments)
            .current_dir(&root)
            .env("BUF_CACHE_DIR", std::env::temp_dir().join("protogate-buf-cache"))
            .status()
            .unwrap();
        assert!(status.success(), "{form}");
    }
}

fn schema(dir: &Path, input: &str) -> Schema {
    let input = format!("{}/{input}", dir.display());
    load::load(&Input::parse(&input).unwrap()).unwrap_or_else(|error| panic!("{input}: {error}"))
}

fn lint(schema: &Schema) -> Vec<String> {
    let config = LintConfig { r#use: LINT.map(str::to_owned).to_vec(), ..Default::default() };
    sorted(check_lint(schema, &config).unwrap().findings.iter().map(support::place))
}

fn breaking(current: &Schema, baseline: &Schema) -> Vec<String> {
    let config = BreakingConfig { r#use: BREAKING.map(str::to_owned).to_vec(), ..Default::default() };
    sorted(check_breaking(current, baseline, &config).unwrap().findings.iter().map(support::place))
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

#[test]
fn the_reference_checker_agrees_on_every_form() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let config =
        |section: &str, rules: &[&str]| format!(r#"{{"version":"v2","{section}":{{"use":{rules:?}}}}}"#);
    if std::env::var_os("PROTOGATE_BUF").is_none() {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with the reference checker");
        return;
    }
    write_forms(dir, "old", &[]);
    write_forms(dir, "new", &EDITS);
    let mut wrong = String::new();
    for form in FORMS {
        let input = format!("new.{form}");
        let expected =
            support::reference(dir, &["lint", &input, "--config", &config("lint", &LINT)]).unwrap();
        let difference = support::difference(&expected, &lint(&schema(dir, &input)));
        assert!(!expected.is_empty(), "{input}");
        if !difference.is_empty() {
            wrong.push_str(&format!("lint {input}\n{difference}"));
        }
        // Against the same form, and against the plain image.
        for against in [format!("old.{form}"), "old.binpb".to_owned()] {
            let arguments =
                ["breaking", &input, "--against", &against, "--config", &config("breaking", &BREAKING)];
            let expected = support::reference(dir, &arguments).unwrap();
            assert!(expected.len() > 5, "{input} {against}: {expected:?}");
            let actual = breaking(&schema(dir, &input), &schema(dir, &against));
            // The well-known types of an image are the reference's own, those of sources ours: of another release.
            let own = |lines: Vec<String>| {
                lines.into_iter().filter(|it| !it.starts_with("google/protobuf/")).collect::<Vec<_>>()
            };
            let difference = support::difference(&own(expected), &own(actual));
            if !difference.is_empty() {
                wrong.push_str(&format!("breaking {input} --against {against}\n{difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "`-` only the reference, `+` only ours\n{wrong}");
    // The reference checker cannot read options in the YAML that it writes; ours are those of the other forms.
    assert_eq!(lint(&schema(dir, "new.yaml")), lint(&schema(dir, "new.binpb")));
    // What custom options hold is the same as in the binary image, whatever the form.
    for form in ["json", "txtpb", "yaml", "names.json"] {
        assert_eq!(
            options(&schema(dir, &format!("old.{form}"))),
            options(&schema(dir, "old.binpb")),
            "{form}"
        );
    }
}

/// The options of all fields. Maps and extensions have no order in the wire format, so only which bytes there are counts.
fn options(schema: &Schema) -> Vec<(String, Vec<u8>)> {
    let options = schema.fields().map(|(_, it)| {
        let mut bytes = it.raw_options.to_vec();
        bytes.sort_unstable();
        (it.full_name.clone(), bytes)
    });
    options.filter(|(_, bytes)| !bytes.is_empty()).collect()
}

/// What the reference's second loader refuses, in its own images or those of protoc, is checked here.
#[test]
fn message_sets_are_checked() {
    let text = "syntax = \"proto2\";\npackage a;\nmessage Set { option message_set_wire_format = true; extensions 4 to max; }\n\
                message M { extend Set { optional M in_set = 4; } optional string text = 1; }\n";
    let compile = |text: &str| {
        protogate_schema::compile::compile(vec![protogate_schema::compile::Source::new("a.proto", text)])
            .unwrap()
    };
    let (old, new) = (compile(text), compile(&text.replace("optional string text = 1;", "")));
    let config = BreakingConfig { r#use: vec!["FILE".to_owned()], ..Default::default() };
    let dir = tempfile::tempdir().unwrap();
    for (name, schema) in [("old.binpb", &old), ("new.binpb", &new)] {
        fs::write(dir.path().join(name), schema.descriptor_bytes()).unwrap();
    }
    for (old, new) in [(&old, &new), (&schema(dir.path(), "old.binpb"), &schema(dir.path(), "new.binpb"))] {
        let found = check_breaking(new, old, &config).unwrap().findings;
        assert_eq!(support::lines(&found).lines().count(), 1, "{}", support::lines(&found));
        assert_eq!(found[0].rule, "FIELD_NO_DELETE");
    }
}
