//! The corpus, compiled to a descriptor set with source info and imports: our command, our library, protox alone, buf.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use super::figures::{median, ratio};
use super::measured::{self, Run};
use super::report::Section;
use super::workdir::WorkDir;
use super::{build, built, corpus};
use crate::process;

const ROUNDS: usize = 3;

#[derive(Debug)]
struct Contender {
    name: &'static str,
    program: PathBuf,
    args: Vec<String>,
    out: PathBuf,
    runs: Vec<Run>,
}

pub(super) fn run(dir: &WorkDir) -> Result<Section> {
    let Some(from) = env::var_os("PROTOGATE_CORPUS") else {
        bail!(
            "PROTOGATE_CORPUS is not set: it names the import root of the protos to compile, such as a checkout of googleapis"
        );
    };
    build(&["protogate-cli", "protogate-bench"])?;
    let corpus = corpus::copy(&process::root().join(from), &dir.create_dir("corpus")?)?;
    process::say(&format!("compile: {} files, {ROUNDS} rounds", corpus.files));
    let mut contenders = contenders(dir, &corpus.root)?;
    for round in 1..=ROUNDS {
        for contender in &mut contenders {
            let run = measured::run(dir, &contender.program, &contender.args)?;
            process::say(&format!(
                "  round {round}: {} {:.2} s, {:.0} MiB",
                contender.name, run.wall_seconds, run.peak_mib
            ));
            contender.runs.push(run);
        }
    }

    let columns = [
        "compiler",
        "wall s",
        "CPU s",
        "peak MiB",
        "files in set",
        "set MB",
        "wall: protogate ÷ it",
        "memory: protogate ÷ it",
    ];
    let title = format!("Compile: {} files, {:.1} MB", corpus.files, corpus.bytes as f64 / 1e6);
    let mut section = Section::new(title, &columns);
    let of = |runs: &[Run], figure: fn(&Run) -> f64| runs.iter().map(figure).collect::<Vec<f64>>();
    let ours = contenders[0].runs.clone();
    for contender in &contenders {
        let runs = &contender.runs;
        let (wall, peak) = (of(runs, |run| run.wall_seconds), of(runs, |run| run.peak_mib));
        section.row([
            contender.name.to_owned(),
            format!("{:.2}", median(wall.iter().copied())),
            format!("{:.2}", median(of(runs, |run| run.cpu_seconds))),
            format!("{:.0}", median(peak.iter().copied())),
            count_files(&contender.out)?,
            format!("{:.1}", fs::metadata(&contender.out)?.len() as f64 / 1e6),
            ratio(&of(&ours, |run| run.wall_seconds), &wall),
            ratio(&of(&ours, |run| run.peak_mib), &peak),
        ]);
    }
    section.note(format!("Medians of {ROUNDS} rounds; the contenders take turns; in brackets the smallest and largest ratio of one round."));
    section.note(
        "All write a descriptor set with source info and imports. Below 1 means that protogate needs less.",
    );
    section.note("protox runs alone and on one thread, which is all it can; protogate and buf use what the machine has.");
    if !corpus.left_out.is_empty() {
        section.note(format!(
            "Left out for everybody, because they import files that are not in the tree: `{}`.",
            corpus.left_out.join("`, `")
        ));
    }
    if env::var_os("PROTOGATE_BUF").is_none() {
        section.note("PROTOGATE_BUF is not set: without buf.");
    }
    Ok(section)
}

fn contenders(dir: &WorkDir, root: &Path) -> Result<Vec<Contender>> {
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).with_context(|| format!("{} is not UTF-8", path.display()))
    };
    let root = text(root)?;
    let mut found = Vec::new();
    let mut add = |name, program, before: &[&str]| -> Result<()> {
        let out = dir.join(&format!("{}.binpb", found.len()));
        let mut args: Vec<String> = before.iter().map(|it| (*it).to_owned()).collect();
        args.extend([root.clone(), "-o".to_owned(), text(&out)?]);
        found.push(Contender { name, program, args, out, runs: Vec::new() });
        Ok(())
    };
    add("protogate build", built("protogate"), &["build"])?;
    add("protogate-schema, as a library", built("bench-compile"), &["schema"])?;
    add("protox alone", built("bench-compile"), &["protox"])?;
    match env::var_os("PROTOGATE_BUF") {
        Some(buf) => add("buf build", native(&process::root().join(buf))?, &["build"])?,
        None => process::say("note: PROTOGATE_BUF is not set: without buf"),
    }
    Ok(found)
}

/// The npm package's `bin/buf` is a script that starts node; its time would be counted as buf's.
fn native(buf: &Path) -> Result<PathBuf> {
    let head = fs::read(buf).with_context(|| format!("cannot read PROTOGATE_BUF, {}", buf.display()))?;
    if head.starts_with(b"#!") {
        bail!(
            "PROTOGATE_BUF, {}, is a script; give the native binary, which lies beside it in `@bufbuild/buf-linux-*`",
            buf.display()
        );
    }
    Ok(buf.to_owned())
}

fn count_files(set: &Path) -> Result<String> {
    let files = process::output(Command::new(built("bench-compile")).arg("count").arg(set))?;
    Ok(files.trim().to_owned())
}
