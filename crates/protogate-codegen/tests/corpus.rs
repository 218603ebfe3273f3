//! Published APIs through the generator: what comes out compiles without a warning, and no HTTP binding is lost.
//!
//! Slow, and needs the public googleapis tree: runs with `RUN_SLOW_TESTS=1` and `PROTOGATE_CORPUS` naming its import root. The
//! generated code of all APIs goes into one throw-away package, checked offline in a target folder of its own below the
//! workspace's.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use protogate_codegen::{CodegenConfig, Existing, generate, http_warnings, routes};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

/// Folders of the tree; every `.proto` directly inside is a target.
const APIS: &[&str] = &[
    "google/pubsub/v1",
    "google/iam/v1",
    "google/cloud/kms/v1",
    "google/cloud/secretmanager/v1",
    "google/spanner/admin/database/v1",
    "google/spanner/admin/instance/v1",
    "google/storage/v2",
    "google/logging/v2",
    "google/monitoring/v3",
    "google/container/v1",
    "google/cloud/functions/v2",
    "google/cloud/run/v2",
    "google/bigtable/admin/v2",
    "google/longrunning",
    "google/cloud/compute/v1",
];

#[test]
fn published_apis_generate_and_compile() {
    let slow = std::env::var_os("RUN_SLOW_TESTS").is_some_and(|it| it == "1");
    let (true, Some(corpus)) = (slow, std::env::var_os("PROTOGATE_CORPUS").map(PathBuf::from)) else {
        eprintln!("skipped: needs RUN_SLOW_TESTS=1 and PROTOGATE_CORPUS=<import root of googleapis>");
        return;
    };
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    let _ = fs::remove_dir_all(package.join("src"));
    let mut modules = String::from("#![deny(warnings)]\n#![allow(missing_docs)]\n");
    for api in APIS {
        let schema = load(&corpus, api);
        let start = Instant::now();
        let artifacts = generate(&schema, &CodegenConfig::default(), &Existing::default())
            .unwrap_or_else(|error| panic!("{api} is refused:\n{error}"));
        let took = start.elapsed();
        let module = api.replace('/', "_");
        let dir = package.join("src").join(&module);
        fs::create_dir_all(&dir).unwrap();
        let mut bytes = 0;
        for artifact in &artifacts {
            bytes += artifact.bytes.len();
            fs::write(dir.join(&artifact.path), &artifact.bytes).unwrap();
        }
        modules.push_str(&format!("pub mod {module} {{ include!(\"{module}/protogate.rs\"); }}\n"));

        let listed = routes(&schema).len();
        let counted = count_bindings(&schema);
        assert_eq!(listed, counted, "{api}: bindings in the annotations");
        let warnings = http_warnings(&schema).len();
        eprintln!("{api}: {counted} bindings, {warnings} warnings, {bytes} bytes, {} ms", took.as_millis());
    }
    fs::write(package.join("src/lib.rs"), modules).unwrap();
    check(&package);
}

/// The targets of an API and all that they import, found by their `import` lines.
fn load(corpus: &Path, api: &str) -> Schema {
    let mut open: Vec<(String, bool)> = fs::read_dir(corpus.join(api))
        .unwrap_or_else(|error| panic!("{api}: {error}"))
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.ends_with(".proto"))
        .map(|it| (format!("{api}/{it}"), true))
        .collect();
    open.sort();
    let mut sources = BTreeMap::new();
    while let Some((path, target)) = open.pop() {
        if sources.contains_key(&path) {
            continue;
        }
        // What is not in the tree is bundled.
        let Ok(text) = fs::read_to_string(corpus.join(&path)) else { continue };
        for line in text.lines().filter_map(|it| it.trim().strip_prefix("import ")) {
            let name = line.split('"').nth(1).unwrap_or_default().to_owned();
            let is_target = Path::new(&name).parent() == Some(Path::new(api));
            open.push((name, is_target));
        }
        let source =
            if target { Source::new(path.clone(), text) } else { Source::import(path.clone(), text) };
        sources.insert(path, source);
    }
    compile(sources.into_values().collect())
        .unwrap_or_else(|error| panic!("{api} does not compile:\n{error}"))
}

/// The bindings of the target files, counted in the bytes of the descriptor set with nothing of ours: file 1 → service 6 → method
/// 2 → options 4 → `google.api.http` 72295728, plus one for each `additional_bindings` 11.
fn count_bindings(schema: &Schema) -> usize {
    let targets: BTreeSet<&str> =
        schema.files().filter(|(_, it)| !it.is_import).map(|(_, it)| it.path.as_str()).collect();
    let mut count = 0;
    for file in inside(schema.descriptor_bytes(), 1) {
        let name = inside(file, 1).next().unwrap_or_default();
        if !targets.contains(std::str::from_utf8(name).unwrap()) {
            continue;
        }
        for service in inside(file, 6) {
            for method in inside(service, 2) {
                for options in inside(method, 4) {
                    for rule in inside(options, 72_295_728) {
                        count += 1 + inside(rule, 11).count();
                    }
                }
            }
        }
    }
    count
}

/// Contents of the length-delimited fields with this number.
fn inside(mut bytes: &[u8], wanted: u64) -> impl Iterator<Item = &[u8]> {
    let varint = move |bytes: &mut &[u8]| {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    };
    std::iter::from_fn(move || {
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let length = match key & 7 {
                0 => {
                    varint(&mut bytes);
                    0
                }
                1 => 8,
                2 => varint(&mut bytes) as usize,
                5 => 4,
                other => panic!("wire type {other}"),
            };
            let (content, rest) = bytes.split_at(length);
            bytes = rest;
            if key == wanted << 3 | 2 {
                return Some(content);
            }
        }
        None
    })
}

/// `cargo check` of the throw-away package.
fn check(package: &Path) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let manifest = format!(
        "[package]\nname = \"corpus\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         protogate = {{ path = {:?} }}\nprost = \"0.14\"\nprost-types = \"0.14\"\n\
         tonic = {{ version = \"0.14\", default-features = false, features = [\"codegen\"] }}\ntonic-prost = \"0.14\"\n\n[workspace]\n",
        workspace.join("crates/protogate")
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    let start = Instant::now();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus-target"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let shown: String = errors.chars().take(20_000).collect();
    assert!(output.status.success(), "the generated code does not compile:\n{shown}");
    eprintln!("cargo check: {} s", start.elapsed().as_secs());
}
