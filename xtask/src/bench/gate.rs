//! The corpus under the rules: `breaking` against an accepted state, `lint` with the standard rules; ours against buf's.
//!
//! Ours runs twice, without its cache and with it after one file was changed. buf has no such cache: its figure stands for both.

use anyhow::Result;

use super::programs::{self, Contender, text};
use super::report::Section;
use super::workdir::WorkDir;
use super::{build, corpus};

/// Clean, or findings; buf says 100 where we say 1.
const OURS: &[i32] = &[0, 1];
const BUFS: &[i32] = &[0, 100];

const EDITED: &str = "`protogate` without a cache (`--no-cache`), and with a filled one after a comment was added to one large file that none imports; the others read the same corpus from the start.";
/// Files of the small project.
const SMALL: usize = 20;

/// A small project, each time by a new process: what a hook before a commit costs.
pub(super) fn small(dir: &WorkDir) -> Result<Vec<Section>> {
    build(&["protogate-cli"])?;
    let corpus = corpus::small(dir, SMALL)?;
    let root = text(&corpus.root)?;
    let buf = programs::buf()?;
    let baseline = dir.join("small.binpb");
    let ours = programs::protogate();
    Contender::new("protogate build", ours.clone(), &["build", root, "-o", text(&baseline)?], &[0])
        .prepare(dir)?;
    let mut sections = Vec::new();
    for (title, mut args) in
        [("Small project, lint", vec!["lint", root]), ("Small project, breaking", vec!["breaking", root])]
    {
        if args[0] == "breaking" {
            args.extend(["--against", text(&baseline)?]);
        }
        let mut contenders = vec![Contender::new("protogate", ours.clone(), &args, OURS)];
        contenders.extend(buf.clone().map(|it| Contender::new("buf", it, &args, BUFS)));
        sections.push(programs::run(dir, title, &corpus, contenders)?);
    }
    Ok(sections)
}

/// The unchanged corpus against itself, so that nobody has findings to write.
pub(super) fn breaking(dir: &WorkDir) -> Result<Section> {
    build(&["protogate-cli"])?;
    let corpus = corpus::prepare(dir)?;
    let root = text(&corpus.root)?;
    let mut contenders = Vec::new();
    let mut add = |name, program: std::path::PathBuf, baseline: &str| -> Result<()> {
        let baseline = dir.join(baseline);
        Contender::new(name, program.clone(), &["build", root, "-o", text(&baseline)?], &[0]).prepare(dir)?;
        let args = ["breaking", root, "--against", text(&baseline)?];
        let ours = program == programs::protogate();
        if ours {
            contenders.push(Contender::new(
                name,
                program.clone(),
                &[&args[..], &["--no-cache"]].concat(),
                &[0],
            ));
            let again = Contender::new("protogate breaking, one file edited", program, &args, &[0]);
            again.prepare(dir)?;
            contenders.push(again.after_editing(corpus.leaf()?));
        } else {
            contenders.push(Contender::new(name, program, &args, &[0]));
        }
        Ok(())
    };
    add("protogate breaking", programs::protogate(), "baseline-protogate.binpb")?;
    if let Some(buf) = programs::buf()? {
        add("buf breaking", buf, "baseline-buf.binpb")?;
    }
    let mut section = programs::run(dir, "Breaking", &corpus, contenders)?;
    section.note(EDITED);
    section.note("The corpus against itself, as a descriptor set that the same program wrote; default rules; no findings on either side.");
    Ok(section)
}

/// The standard rules, findings and all.
pub(super) fn lint(dir: &WorkDir) -> Result<Section> {
    build(&["protogate-cli"])?;
    let corpus = corpus::prepare(dir)?;
    let args = ["lint", text(&corpus.root)?];
    let again = Contender::new("protogate lint, one file edited", programs::protogate(), &args, OURS);
    again.prepare(dir)?;
    let cold = [&args[..], &["--no-cache"]].concat();
    let mut contenders = vec![
        Contender::new("protogate lint", programs::protogate(), &cold, OURS),
        again.after_editing(corpus.leaf()?),
    ];
    if let Some(buf) = programs::buf()? {
        // buf ends with 100 for findings and for sources that do not compile; this tells them apart.
        let out = dir.join("compiled.binpb");
        let build = ["build", text(&corpus.root)?, "-o", text(&out)?];
        Contender::new("buf build", buf.clone(), &build, &[0]).prepare(dir)?;
        contenders.push(Contender::new("buf lint", buf, &args, BUFS));
    }
    let mut section = programs::run(dir, "Lint", &corpus, contenders)?;
    section.note(EDITED);
    section.note("Default rules on both sides; the findings are written to nowhere, their printing is part of the time.");
    Ok(section)
}
