//! The public googleapis tree, when `PROTOGATE_CORPUS` names its import root (the folder that holds `google/`).

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protogate_schema::{Input, Project, Schema, load};

/// Parts of the tree that protox compiles too, to compare.
const COMPARED: [&str; 4] = ["google/pubsub/v1", "google/spanner", "google/logging", "google/iam"];

/// Files that import `grafeas/v1/*`, which is not part of the tree.
const INCOMPLETE: [&str; 2] = [
    "google/cloud/binaryauthorization/v1/service.proto",
    "google/devtools/containeranalysis/v1/containeranalysis.proto",
];

fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("PROTOGATE_CORPUS").map(PathBuf::from);
    if path.is_none() {
        eprintln!("note: PROTOGATE_CORPUS is not set; the corpus was not compiled");
    }
    path
}

#[test]
fn the_corpus_compiles() {
    let Some(dir) = corpus() else { return };
    let error = load::load(&Input::Directory(dir.clone())).expect_err("two files are incomplete");
    let found: Vec<_> = error.diagnostics().iter().filter_map(|it| it.path.as_deref()).collect();
    let incomplete: Vec<_> = INCOMPLETE.iter().map(|it| dir.join(it).display().to_string()).collect();
    assert_eq!(found, incomplete, "{error}");

    let project =
        Project::parse(&format!("[proto]\nexclude = {INCOMPLETE:?}"), "protogate.toml", Path::new(&dir))
            .unwrap();
    let schema = load::load_project(&project).unwrap_or_else(|error| panic!("{error}"));
    let targets = schema.files().filter(|(_, it)| !it.is_import).count();
    assert!(targets > 7000, "{targets}");
    assert!(schema.methods().filter(|(id, _)| !schema.bindings(*id).is_empty()).count() > 10_000);
    // A place of every file's first message is a place in its text.
    for (id, file) in schema.files() {
        if let Some(span) = file.messages.first().and_then(|_| schema.span_at(id, &[4, 0, 1])) {
            let line = schema
                .source(&file.path)
                .and_then(|it| it.lines().nth(span.start_line as usize - 1))
                .unwrap();
            let name = &schema.message(file.messages[0]).name;
            assert_eq!(
                &line[span.start_column as usize - 1..span.end_column as usize - 1],
                name,
                "{}",
                file.path
            );
        }
    }
    same_as_protox(&dir, &schema);
}

/// Structure, source info and standard options are those that protox gives; custom options are lost in this comparison.
fn same_as_protox(dir: &Path, schema: &Schema) {
    let names: Vec<_> = schema
        .files()
        .map(|(_, it)| it.path.clone())
        .filter(|path| COMPARED.iter().any(|it| path.starts_with(it)))
        .collect();
    assert!(names.len() > 50);
    let dir = dir.to_owned();
    let theirs = move || {
        let mut compiler = protox::Compiler::new([&dir]).unwrap();
        compiler.include_source_info(true).open_files(names).unwrap();
        compiler.file_descriptor_set()
    };
    let theirs = std::thread::Builder::new().stack_size(64 << 20).spawn(theirs).unwrap().join().unwrap();
    let mut theirs = theirs;
    theirs.file.iter_mut().for_each(by_place);
    let mut ours = FileDescriptorSet::decode(schema.descriptor_bytes().clone()).unwrap();
    ours.file.iter_mut().for_each(by_place);
    let ours: HashMap<_, _> = ours.file.iter().map(|it| (it.name(), it)).collect();
    for file in &theirs.file {
        assert!(ours[file.name()] == file, "{} differs from what protox makes of it", file.name());
    }
}

/// protox leaves locations of equal paths in any order; ours have the outermost first.
fn by_place(file: &mut FileDescriptorProto) {
    let info = file.source_code_info.get_or_insert_default();
    info.location.sort_by(|a, b| (&a.path, &a.span).cmp(&(&b.path, &b.span)));
}
