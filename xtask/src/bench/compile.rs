//! The corpus, compiled to a descriptor set with source info and imports: our command, our library, protox alone, buf.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::programs::{self, Contender, text};
use super::report::Section;
use super::workdir::WorkDir;
use super::{build, built, corpus};
use crate::process;

pub(super) fn run(dir: &WorkDir) -> Result<Section> {
    build(&["protogate-cli", "protogate-bench"])?;
    let corpus = corpus::prepare(dir)?;
    let root = text(&corpus.root)?;
    let bench = built("bench-compile");
    let mut programs = vec![
        ("protogate build", programs::protogate(), "build"),
        ("protogate-schema, as a library", bench.clone(), "schema"),
        ("protox alone", bench, "protox"),
    ];
    if let Some(buf) = programs::buf()? {
        programs.push(("buf build", buf, "build"));
    }
    let (mut contenders, mut outputs) = (Vec::new(), Vec::new());
    for (number, (name, program, command)) in programs.into_iter().enumerate() {
        let out = dir.join(&format!("compiled-{number}.binpb"));
        contenders.push(Contender::new(name, program, &[command, root, "-o", text(&out)?], &[0]));
        outputs.push((name, out));
    }
    let mut section = programs::run(dir, "Compile", &corpus, contenders)?;
    let mut written = Vec::new();
    for (name, out) in &outputs {
        let megabytes = fs::metadata(out)?.len() as f64 / 1e6;
        written.push(format!("{name} {} files, {megabytes:.1} MB", count_files(out)?));
    }
    section.note(format!("Written, source info and imports included: {}.", written.join("; ")));
    section
        .note("protox runs on one thread, which is all it can; protogate and buf use what the machine has.");
    if let Some(note) = corpus.left_out() {
        section.note(note);
    }
    Ok(section)
}

fn count_files(set: &Path) -> Result<String> {
    let files = process::output(Command::new(built("bench-compile")).arg("count").arg(set))?;
    Ok(files.trim().to_owned())
}
