//! Programs that do the same job side by side: turns, then a table of time and memory.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use super::built;
use super::corpus::Corpus;
use super::figures::{median, ratio};
use super::measured::{self, Run};
use super::report::Section;
use super::workdir::WorkDir;
use crate::process;

const ROUNDS: usize = 3;
const COLUMNS: [&str; 7] = [
    "program",
    "wall s",
    "CPU s",
    "peak MiB",
    "wall: protogate ÷ it",
    "CPU: protogate ÷ it",
    "memory: protogate ÷ it",
];

/// One program and its runs.
#[derive(Debug)]
pub(super) struct Contender {
    name: &'static str,
    program: PathBuf,
    args: Vec<String>,
    /// Exit codes that mean that the job was done.
    good: &'static [i32],
    /// A file that is changed before each run.
    edited: Option<PathBuf>,
    runs: Vec<Run>,
}

impl Contender {
    /// A contender whose job is done when it ends with one of the exit codes.
    pub(super) fn new(name: &'static str, program: PathBuf, args: &[&str], good: &'static [i32]) -> Self {
        let args = args.iter().map(|it| (*it).to_owned()).collect();
        Self { name, program, args, good, edited: None, runs: Vec::new() }
    }

    /// The same, with a file that gets another comment before each run.
    pub(super) fn after_editing(mut self, file: PathBuf) -> Self {
        self.edited = Some(file);
        self
    }

    /// Runs it once without counting, for what it writes.
    pub(super) fn prepare(&self, dir: &WorkDir) -> Result<()> {
        measured::run(dir, &self.program, &self.args, self.good).map(drop)
    }
}

/// Lets the contenders take turns on the corpus; the first one is ours.
pub(super) fn run(
    dir: &WorkDir,
    what: &str,
    corpus: &Corpus,
    mut contenders: Vec<Contender>,
) -> Result<Section> {
    process::say(&format!("{what}: {} files, {ROUNDS} rounds", corpus.files));
    for round in 1..=ROUNDS {
        for it in &mut contenders {
            if let Some(file) = &it.edited {
                let text =
                    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
                fs::write(file, format!("{text}\n// Edited in round {round}.\n"))?;
            }
            let run = measured::run(dir, &it.program, &it.args, it.good)?;
            process::say(&format!(
                "  round {round}: {}: {:.3} s, {:.0} MiB",
                it.name, run.wall_seconds, run.peak_mib
            ));
            it.runs.push(run);
        }
    }
    let title = format!("{what}: {} files, {:.1} MB", corpus.files, corpus.bytes as f64 / 1e6);
    let mut section = Section::new(title, &COLUMNS);
    let figures = |it: &Contender, figure: fn(&Run) -> f64| it.runs.iter().map(figure).collect::<Vec<_>>();
    for (place, it) in contenders.iter().enumerate() {
        let against = |figure: fn(&Run) -> f64| match place {
            0 => "–".to_owned(),
            _ => ratio(&figures(&contenders[0], figure), &figures(it, figure)),
        };
        section.row([
            it.name.to_owned(),
            format!("{:.3}", median(figures(it, |run| run.wall_seconds))),
            format!("{:.2}", median(figures(it, |run| run.cpu_seconds))),
            format!("{:.0}", median(figures(it, |run| run.peak_mib))),
            against(|run| run.wall_seconds),
            against(|run| run.cpu_seconds),
            against(|run| run.peak_mib),
        ]);
    }
    section.note(format!(
        "Medians of {ROUNDS} rounds; the contenders take turns; in brackets the smallest and largest ratio of one round. \
         Below 1: protogate needs less."
    ));
    if env::var_os("PROTOGATE_BUF").is_none() {
        section.note("PROTOGATE_BUF is not set: without buf.");
    }
    Ok(section)
}

/// Our command.
pub(super) fn protogate() -> PathBuf {
    built("protogate")
}

/// buf's binary, where PROTOGATE_BUF names one.
pub(super) fn buf() -> Result<Option<PathBuf>> {
    let Some(buf) = env::var_os("PROTOGATE_BUF") else {
        process::say("note: PROTOGATE_BUF is not set: without buf");
        return Ok(None);
    };
    let buf = process::root().join(buf);
    let head = fs::read(&buf).with_context(|| format!("cannot read PROTOGATE_BUF, {}", buf.display()))?;
    // The npm package's `bin/buf` is a script that starts node; its time would be counted as buf's.
    if head.starts_with(b"#!") {
        let path = buf.display();
        bail!(
            "PROTOGATE_BUF, {path}, is a script; give the native binary, which lies in `@bufbuild/buf-linux-*/bin`"
        );
    }
    Ok(Some(buf))
}

/// A path as an argument.
pub(super) fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
