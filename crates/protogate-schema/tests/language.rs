//! What the language forbids: every file of `fixtures/language` is refused or taken as expected, and as the reference compiler does.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use std::fmt::Write as _;
use std::process::Command;

use protogate_fixture::{Case, case};
use protogate_schema::compile::{Source, compile};

fn files() -> (Case, Vec<(String, String)>) {
    let language = case("language", ".");
    let files = language.files("case", "proto");
    assert!(files.len() > 100, "{} files", files.len());
    (language, files)
}

/// The place and the message of the first error.
fn fault(language: &Case, name: &str, text: &str) -> Option<String> {
    let mut sources = vec![Source::new(name, text)];
    let shared = language.files("shared", "proto");
    sources.extend(shared.into_iter().map(|(path, text)| Source::import(path, text)));
    let error = compile(sources).err()?;
    let first = &error.diagnostics()[0];
    let place = first.span.map(|span| format!("{}:{}", span.start_line, span.start_column));
    Some(format!("{} {}", place.unwrap_or_default(), first.message))
}

#[test]
fn every_file_is_as_expected() {
    let (language, files) = files();
    let mut out = String::new();
    for (name, text) in &files {
        let fault = fault(&language, name, text).unwrap_or_else(|| "ok".to_owned());
        writeln!(out, "{name}: {fault}").unwrap();
    }
    language.check("expected.txt", &out);
}

#[test]
fn the_reference_compiler_agrees() {
    let Some(buf) = std::env::var_os("PROTOGATE_BUF") else {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with the reference compiler");
        return;
    };
    let (language, files) = files();
    let dir = tempfile::tempdir().unwrap();
    let mut wrong = String::new();
    for (name, text) in &files {
        let root = dir.path().join(name.trim_end_matches(".proto"));
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join(name), text).unwrap();
        for (path, text) in language.files("shared", "proto") {
            std::fs::write(root.join(path), text).unwrap();
        }
        let output = Command::new(&buf)
            .args(["build", ".", "-o", "-#format=binpb"])
            .current_dir(&root)
            .env("BUF_CACHE_DIR", dir.path())
            .output()
            .unwrap();
        let (theirs, ours) = (output.status.success(), fault(&language, name, text).is_none());
        let differs = text.starts_with("// buf");
        if (theirs == ours) == differs {
            writeln!(wrong, "{name}: the reference says {theirs}, we say {ours}, noted: {differs}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
