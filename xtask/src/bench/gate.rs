//! The corpus under the rules: `breaking` against an accepted state, `lint` with the standard rules; ours against buf's.

use anyhow::Result;

use super::programs::{self, Contender, text};
use super::report::Section;
use super::workdir::WorkDir;
use super::{build, corpus};

/// Clean, or findings; buf says 100 where we say 1.
const OURS: &[i32] = &[0, 1];
const BUFS: &[i32] = &[0, 100];

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
        contenders.push(Contender::new(name, program, &args, &[0]));
        Ok(())
    };
    add("protogate breaking", programs::protogate(), "baseline-protogate.binpb")?;
    if let Some(buf) = programs::buf()? {
        add("buf breaking", buf, "baseline-buf.binpb")?;
    }
    let mut section = programs::run(dir, "Breaking", &corpus, contenders)?;
    section.note("The corpus against itself, as a descriptor set that the same program wrote; default rules; no findings on either side.");
    Ok(section)
}

/// The standard rules, findings and all.
pub(super) fn lint(dir: &WorkDir) -> Result<Section> {
    build(&["protogate-cli"])?;
    let corpus = corpus::prepare(dir)?;
    let args = ["lint", text(&corpus.root)?];
    let mut contenders = vec![Contender::new("protogate lint", programs::protogate(), &args, OURS)];
    if let Some(buf) = programs::buf()? {
        // buf ends with 100 for findings and for sources that do not compile; this tells them apart.
        let out = dir.join("compiled.binpb");
        let build = ["build", text(&corpus.root)?, "-o", text(&out)?];
        Contender::new("buf build", buf.clone(), &build, &[0]).prepare(dir)?;
        contenders.push(Contender::new("buf lint", buf, &args, BUFS));
    }
    let mut section = programs::run(dir, "Lint", &corpus, contenders)?;
    section.note("Default rules on both sides; the findings are written to nowhere, their printing is part of the time.");
    Ok(section)
}
