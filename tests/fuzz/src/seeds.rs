//! The first inputs of each target, made from the fixtures and, where `PROTOGATE_CORPUS` is set, from real schemas.
//!
//! They are made when a target starts and `PROTOGATE_FUZZ_SEEDS` names a folder: nothing that can be made is kept in the repository.
//! A file is named after its content, so that making them again adds nothing.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use protogate_schema::compile::{Source, compile};
use protogate_schema::{Schema, baseline};

use crate::sources::{BASELINE, joined};

/// Longest seed: longer ones make every mutation slow.
const LONGEST: usize = 16 << 10;
/// Files of the corpus that are taken, spread over it.
const FROM_CORPUS: usize = 40;

/// Writes the seeds of a target, if somebody asks for them.
///
/// # Panics
/// When a seed cannot be made: the fixtures are not where they were.
pub fn seed(target: &str) {
    let Some(folder) = std::env::var_os("PROTOGATE_FUZZ_SEEDS").map(PathBuf::from) else { return };
    let seeds = match target {
        "archive" => archives(),
        "change" => changes().into_iter().map(|(now, before)| change(&now, &before)).collect(),
        "check" => changes().iter().filter_map(|(now, before)| check(now, before)).collect(),
        "comments" => comments(),
        "compile" => sources(),
        "descriptors" => descriptors(),
        "history" => histories(),
        "image" => images(),
        "json" => JSON.iter().map(|it| it.as_bytes().to_vec()).collect(),
        "notation" => NOTATION.iter().map(|it| it.as_bytes().to_vec()).collect(),
        "project" => projects(),
        "protocols" => protocols(),
        "query" => first_words("query.txt"),
        "template" => templates(),
        "timeout" => timeouts(),
        other => panic!("no seeds are known for `{other}`"),
    };
    assert!(!seeds.is_empty(), "no seed for `{target}`");
    fs::create_dir_all(&folder).expect("the folder for seeds");
    for seed in seeds.iter().filter(|it| it.len() <= LONGEST) {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        fs::write(folder.join(format!("seed-{:016x}", hasher.finish())), seed).expect("a seed");
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// Files below a folder, relative to it, sorted; links are not followed.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => found.extend(path.to_str().map(str::to_owned)),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The sources below a folder.
fn protos(root: &Path) -> Vec<(String, String)> {
    let names = files(root).into_iter().filter(|it| it.ends_with(".proto"));
    names.filter_map(|name| fs::read_to_string(root.join(&name)).ok().map(|text| (name, text))).collect()
}

/// The cases of an area, by their folders.
fn cases(area: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(fixtures().join(area))
        .expect("the fixtures are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|it| it.is_dir())
        .collect();
    found.sort();
    found
}

fn from_corpus() -> Vec<(String, String)> {
    let Some(root) = std::env::var_os("PROTOGATE_CORPUS").map(PathBuf::from) else { return Vec::new() };
    let all: Vec<String> = files(&root).into_iter().filter(|it| it.ends_with(".proto")).collect();
    let step = (all.len() / FROM_CORPUS).max(1);
    let some = all.into_iter().step_by(step);
    some.filter_map(|name| fs::read_to_string(root.join(&name)).ok().map(|text| (name, text))).collect()
}

fn sources() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = ["lint", "language/case"]
        .iter()
        .flat_map(|area| cases(area))
        .map(|case| joined(&protos(&case)).into_bytes())
        .collect();
    let single =
        ["language", "schema", "json", "editions"].iter().flat_map(|area| protos(&fixtures().join(area)));
    seeds.extend(single.chain(from_corpus()).map(|file| joined(&[file]).into_bytes()));
    seeds
}

type Files = Vec<(String, String)>;

fn changes() -> Vec<(Files, Files)> {
    let all = ["breaking", "contract", "report"].iter().flat_map(|area| cases(area));
    all.map(|case| (protos(&case.join("current")), protos(&case.join("baseline"))))
        .filter(|(now, before)| !now.is_empty() || !before.is_empty())
        .collect()
}

fn change(now: &Files, before: &Files) -> Vec<u8> {
    format!("{}\n{BASELINE}\n{}", joined(now), joined(before)).into_bytes()
}

fn compiled(files: &Files) -> Option<Schema> {
    compile(files.iter().map(|(path, text)| Source::new(path, text.as_str())).collect()).ok()
}

fn check(now: &Files, before: &Files) -> Option<Vec<u8>> {
    let (now, before) = (compiled(now)?, compiled(before)?);
    Some([now.descriptor_bytes().as_ref(), BASELINE.as_bytes(), before.descriptor_bytes().as_ref()].concat())
}

fn descriptors() -> Vec<Vec<u8>> {
    let fixed = files(&fixtures()).into_iter().filter(|it| it.ends_with(".binpb"));
    let mut seeds: Vec<Vec<u8>> = fixed.filter_map(|it| fs::read(fixtures().join(it)).ok()).collect();
    let small = changes().into_iter().flat_map(|(now, before)| [now, before]);
    let real = from_corpus().into_iter().map(|file| vec![file]);
    let schemas = small.chain(real).filter_map(|files| compiled(&files));
    seeds.extend(schemas.map(|schema| schema.descriptor_bytes().to_vec()));
    seeds
}

fn histories() -> Vec<Vec<u8>> {
    use protogate_schema::history::History;

    let pairs = changes();
    let schemas = pairs.iter().filter_map(|(now, before)| Some((compiled(now)?, compiled(before)?)));
    schemas
        .map(|(now, before)| baseline::encode(&now, &History::default().advance(&before, &now, "2026-10-02")))
        .collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

fn with_first(first: u8, content: &[u8]) -> Vec<u8> {
    [&[first], content].concat()
}

/// Small texts of descriptor sets in the encodings that are read.
const JSON_IMAGE: &str = r#"{"file":[{"name":"a.proto","package":"a","syntax":"proto3","messageType":[{"name":"M",
"field":[{"name":"x","number":1,"label":"LABEL_OPTIONAL","type":"TYPE_INT32","jsonName":"x"}],
"reservedRange":[{"start":2,"end":3}],"options":{"deprecated":true}}],"service":[{"name":"S","method":[
{"name":"R","inputType":".a.M","outputType":".a.M"}]}],"bufExtension":{"isImport":false}}]}"#;
const TEXT_IMAGE: &str = "file {\n  name: \"a.proto\" package: 'a' syntax: \"proto3\"\n  # comment\n  message_type: < name: \"M\"\n\
    field { name: \"x\" number: 0x1 label: LABEL_OPTIONAL type: TYPE_INT32, json_name: \"\\x78\" };\n  reserved_name: [\"a\", \"b\"] >\n}\n";
const YAML_IMAGE: &str = "file:\n  - name: a.proto\n    package: a\n    syntax: proto3\n    messageType:\n      - name: M\n        field:\n\
    \x20         - {name: x, number: 1, label: LABEL_OPTIONAL, type: 5, jsonName: \"x\"}\n";

fn images() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut packed = |kind: u8, content: &[u8]| {
        seeds.push(with_first(kind, content));
        seeds.push(with_first(kind | 4, &gzip(content)));
        seeds.push(with_first(kind | 8, &zstd(content)));
    };
    for (kind, text) in [(1, JSON_IMAGE), (2, TEXT_IMAGE), (3, YAML_IMAGE)] {
        packed(kind, text.as_bytes());
    }
    for content in descriptors().iter().take(10) {
        packed(0, content);
    }
    seeds
}

fn tar(files: &Files) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, path, text.as_bytes()).expect("memory");
    }
    builder.into_inner().expect("memory")
}

fn zipped(files: &Files) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (index, (path, text)) in files.iter().enumerate() {
        let method =
            if index == 0 { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(path.as_str(), options).expect("memory");
        writer.write_all(text.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn archives() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (files, _) in changes().into_iter().step_by(9) {
        let mut files = files;
        files.push(("buf.yaml".to_owned(), "version: v2\nmodules:\n  - path: .\n".to_owned()));
        for prefix in ["", "proto/"] {
            let named: Files =
                files.iter().map(|(path, text)| (format!("{prefix}{path}"), text.clone())).collect();
            let subdir = if prefix.is_empty() { 0 } else { 0x10 };
            let plain = tar(&named);
            seeds.push(with_first(subdir, &plain));
            seeds.push(with_first(subdir | 1, &gzip(&plain)));
            seeds.push(with_first(subdir | 2, &zstd(&plain)));
            seeds.push(with_first(subdir | 3, &zipped(&named)));
        }
    }
    seeds
}

fn comments() -> Vec<Vec<u8>> {
    let lines = [
        "buf:lint:ignore PACKAGE_VERSION_SUFFIX",
        "buf:lint:ignore MESSAGE_PASCAL_CASE,FIELD_LOWER_SNAKE_CASE",
        "protogate:waive MESSAGE_PASCAL_CASE reason=\"old\" owner=\"team\" expires=2027-01-31",
        "protogate:waive FIELD_LOWER_SNAKE_CASE@0123abcd reason=\"a \\\"quoted\\\" \\\\ word\"",
        "protogate:waive POLICY_NO_LOOSEN reason=x owner=y",
        "protogate:waive NOT_A_RULE reason=x expires=2026-02-30",
    ];
    let mut seeds: Vec<Vec<u8>> = lines.iter().map(|it| it.as_bytes().to_vec()).collect();
    seeds.push(lines.join("\n").into_bytes());
    for case in cases("lint").iter().chain(&cases("cli")) {
        for (_, text) in protos(case) {
            let found: Vec<&str> = text
                .lines()
                .filter(|it| it.contains("buf:lint:ignore") || it.contains("protogate:waive"))
                .map(|it| it.trim().trim_start_matches('/').trim())
                .collect();
            if !found.is_empty() {
                seeds.push(found.join("\n").into_bytes());
            }
        }
    }
    seeds
}

fn projects() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for path in files(&fixtures()) {
        let name = path.rsplit('/').next().unwrap_or(&path);
        if let "protogate.toml" | "buf.yaml" | "buf.work.yaml" = name
            && let Ok(text) = fs::read_to_string(fixtures().join(&path))
        {
            seeds.push(format!("{name}\n{text}").into_bytes());
        }
    }
    seeds.push(b"buf.work.yaml\nversion: v1\ndirectories:\n  - proto\n  - \"third party\"\n".to_vec());
    seeds.push(b"buf.yaml\nversion: v1beta1\nbuild:\n  roots: [a, b]\n  excludes:\n  - a/c\nlint:\n  use: [DEFAULT]\n".to_vec());
    seeds.push(
        b"protogate.toml\n[breaking]\nuse = [\"WIRE\"]\nignore_only = { FIELD_SAME_TYPE = [\"a\"] }\n[breaking.severity]\nWIRE = \"warn\"\n\
          [[lint.override]]\npath = \"a\"\nseverity = { BASIC = \"allow\" }\n[[waiver]]\nrule = \"FIELD_LOWER_SNAKE_CASE\"\nreason = \"x\"\n\
          expires = 2027-01-31\n"
            .to_vec(),
    );
    let service = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/service");
    for path in files(&service).iter().filter(|it| it.ends_with(".toml") && !it.ends_with("Cargo.toml")) {
        if let Ok(text) = fs::read_to_string(service.join(path)) {
            seeds.push(format!("service.toml\n{text}").into_bytes());
        }
    }
    seeds
}

/// The lines of a table of the transcoding fixtures, comments left out.
fn table(name: &str) -> Vec<String> {
    let text = fs::read_to_string(fixtures().join("transcode").join(name)).expect("the table is there");
    text.lines().filter(|it| !it.starts_with('#') && !it.trim().is_empty()).map(str::to_owned).collect()
}

fn first_words(name: &str) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> =
        table(name).iter().filter_map(|it| Some(it.split_whitespace().next()?.as_bytes().to_vec())).collect();
    seeds.extend(QUERIES.iter().map(|it| it.as_bytes().to_vec()));
    seeds
}

fn templates() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for name in ["template.txt", "template-error.txt"] {
        let words = table(name)
            .iter()
            .filter_map(|it| it.split_whitespace().next().map(str::to_owned))
            .collect::<Vec<_>>();
        seeds.extend(words.chunks(6).map(|it| it.join("\n").into_bytes()));
    }
    for line in table("overlap.txt") {
        let pair: Vec<&str> = line.split_whitespace().take(2).collect();
        seeds.push(pair.join("\n").into_bytes());
    }
    for set in table("match.txt").split(|it| it.starts_with("set ")) {
        let lines = set.iter().filter_map(|line| match line.strip_prefix("route ") {
            Some(route) => Some(route.split_whitespace().nth(2)?.to_owned()),
            None => Some(format!(">{}", line.split_whitespace().nth(1)?)),
        });
        seeds.push(lines.take(24).collect::<Vec<_>>().join("\n").into_bytes());
    }
    seeds
}

fn timeouts() -> Vec<Vec<u8>> {
    let values = table("timeout.txt");
    values.iter().filter_map(|it| Some(it.split_whitespace().nth(1)?.as_bytes().to_vec())).collect()
}

fn envelope(flags: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a short message");
    [&[flags][..], &length.to_be_bytes(), message].concat()
}

fn protocols() -> Vec<Vec<u8>> {
    // A book with a name and pages, as bytes and as JSON.
    let proto = b"\x0a\x01a\x18\x07".as_slice();
    let json = br#"{"name":"a","pages":7,"chapters":{"x":{"title":"y"}},"published":"2026-01-31T00:00:00Z"}"#
        .as_slice();
    let end = envelope(2, b"{}");
    let contents: [(u8, Vec<u8>); 16] = [
        (0, envelope(0, proto)),
        (1, envelope(1, &gzip(proto))),
        (2, envelope(0, proto)),
        (3, envelope(1, &gzip(proto))),
        (4, b"AAAAAAUKAWEYBw==".to_vec()),
        (5, proto.to_vec()),
        (6, json.to_vec()),
        (7, gzip(json)),
        (8, [envelope(0, proto), envelope(0, proto), end.clone()].concat()),
        (9, [envelope(0, json), envelope(0, json)].concat()),
        (10, envelope(1, &gzip(json))),
        (11, [envelope(1, &gzip(proto)), envelope(0, proto)].concat()),
        (12, b"connect=v1&encoding=json&message=%7B%22name%22%3A%22a%22%7D".to_vec()),
        (12, b"connect=v1&encoding=proto&base64=1&compression=identity&message=CgFhGAc".to_vec()),
        (13, gzip(json)),
        (14, json.to_vec()),
    ];
    let mut seeds = Vec::new();
    for (protocol, content) in contents {
        for method in 0..4 {
            for cut in [0, 1, 5] {
                seeds.push([&[protocol << 2 | method, cut], content.as_slice()].concat());
            }
        }
    }
    seeds
}

const NOTATION: [&str; 16] = [
    ".",
    "proto/a/v1/a.proto",
    "a.proto#include_package_files=true",
    "b.binpb",
    "-",
    "-#format=json,compression=gzip",
    "x.json.zst#compression=none",
    "x.yaml.gz#use_proto_names=true",
    "x.tar.zst#strip_components=2,subdir=a/b",
    "x.zip#subdir=a",
    ".git#branch=main,subdir=proto",
    "../repo/.git#tag=v1.2.3,depth=1",
    ".git#ref=HEAD~3,recurse_submodules=false",
    "https://x.test/a.git#branch=main",
    "buf.build/acme/x:main",
    "file:///a/b.tar.gz",
];

const QUERIES: [&str; 5] = [
    "name=a&pages=7&authors=x&authors=y&kind=KIND_FACT&tags=1&shelf.plain=z&old=-1",
    "prequel.prequel.name=a&prequel.kind=2&blob=_-8&reader=r&accessCode=s&access_code=t",
    "duration=1.5s&timestamp=2026-01-31T00:00:00.5%2B01:00&mask=a.b,cD&doubleValue=NaN&int64Value=-9&boolValue=true",
    "bytesValue=AQI&strings=a&strings=b&null=null&chosenString=x&chosen_time=1970-01-01T00:00:00Z",
    "floatValue=1e-7&uint32Value=4294967295&uint64_value=18446744073709551615&empty=&struct=%7B%7D",
];

const JSON: [&str; 8] = [
    r#"{"name":"shelves/a","title":"b","pages":7,"authors":["x","\u00e9\ud83d\ude00"],"chapters":{"1":{"title":"t"}}}"#,
    r#"{"published":"2026-01-31T23:59:59.123456789Z","kind":"KIND_FACT","tags":["KIND_FICTION",2,99],"kinds":{"-1":1}}"#,
    r#"{"shelf":{"secret":"s"},"prequel":{"inside":{"blob":"AQID"}},"accessCode":null,"old":-2147483648}"#,
    r#"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.5s"},"duration":"-315576000000.999s","empty":{}}"#,
    r#"{"mask":"a.bC,d","struct":{"a":[1,null,true,{"b":1e300}]},"value":null,"list":[[],"x"],"null":null}"#,
    r#"{"doubleValue":"NaN","floatValue":"-Infinity","int64Value":"9223372036854775807","uint64Value":1e3,"boolValue":false}"#,
    r#"{"int32Value":1.0,"uint32Value":"4294967295","stringValue":"","bytesValue":"_-8=","strings":["a",""],"values":{"":null}}"#,
    r#"{"times":{"k":"0001-01-01T00:00:00+23:59"},"chosenNull":null,"nulls":[null,"NULL_VALUE",0]}"#,
];
