//! `cargo xtask bench`: ours against its rivals, side by side, in one run.
//!
//! Contenders take turns (A, B, A, B, …), each figure is a median over the rounds, and what is reported are ratios, because
//! absolute numbers of a shared machine mean little. Each comparison has its file; none depends on a product crate: they
//! build programs, start them, put load on them and end them. The rivals themselves are in `tests/bench`.

mod comparison;
mod compile;
mod corpus;
mod figures;
mod gate;
mod grpc;
mod load;
mod measured;
mod programs;
mod reference;
mod report;
mod rest;
mod server;
mod workdir;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::process;
use report::Report;
use workdir::WorkDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// Compile of the corpus against protox alone and `buf build`.
    Compile,
    /// Compatibility rules on the corpus against `buf breaking`.
    Breaking,
    /// Style rules on the corpus against `buf lint`.
    Lint,
    /// Both on a project of 20 files.
    Small,
    /// All of the schema gate: breaking, lint, small.
    Gate,
    /// gRPC unary of the reference service against a bare tonic server.
    Grpc,
    /// REST of the reference service against a hand-written axum handler.
    Rest,
}

pub(crate) fn run(what: &[Bench], seconds: u32) -> Result<()> {
    if !(1..=600).contains(&seconds) {
        bail!("`--seconds {seconds}` is not between 1 and 600");
    }
    let all = [Bench::Compile, Bench::Breaking, Bench::Lint, Bench::Small, Bench::Grpc, Bench::Rest];
    let gate = |it: &Bench| {
        what.contains(&Bench::Gate) && matches!(it, Bench::Breaking | Bench::Lint | Bench::Small)
    };
    let what: Vec<Bench> =
        all.into_iter().filter(|it| what.is_empty() || what.contains(it) || gate(it)).collect();
    needed_tools(&what)?;
    let dir = WorkDir::new(&target_dir().join("bench"))?;
    let mut report = Report::new()?;
    for bench in what {
        match bench {
            Bench::Compile => report.add(compile::run(&dir)?),
            Bench::Breaking => report.add(gate::breaking(&dir)?),
            Bench::Lint => report.add(gate::lint(&dir)?),
            Bench::Small => gate::small(&dir)?.into_iter().for_each(|it| report.add(it)),
            Bench::Gate => {}
            Bench::Grpc => report.add(grpc::run(&dir, seconds)?),
            Bench::Rest => report.add(rest::run(&dir, seconds)?),
        }
    }
    report.finish(&target_dir().join("bench/report.md"))
}

/// Everything that is missing, at once and before anything is built.
fn needed_tools(what: &[Bench]) -> Result<()> {
    let mut needed = Vec::new();
    let served = |it: &Bench| matches!(it, Bench::Grpc | Bench::Rest);
    if !what.iter().all(served) {
        needed.push(("time", "time"));
    }
    if what.contains(&Bench::Grpc) {
        needed.push(("h2load", "nghttp2-client"));
    }
    if what.contains(&Bench::Rest) {
        needed.push(("wrk", "wrk"));
    }
    if what.iter().any(served) {
        needed.extend([("setpriv", "util-linux"), ("timeout", "coreutils")]);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = |tool: &str| std::env::split_paths(&path).any(|dir| dir.join(tool).is_file());
    let missing: Vec<_> = needed.into_iter().filter(|(tool, _)| !here(tool)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (tools, packages): (Vec<_>, Vec<_>) = missing.into_iter().unzip();
    bail!(
        "`{}` not found; the Debian packages are called: apt-get install {}",
        tools.join("`, `"),
        packages.join(" ")
    );
}

/// Builds packages with optimisation; tells nothing unless it fails.
fn build(packages: &[&str]) -> Result<()> {
    let mut args = vec!["build", "--release", "--quiet"];
    args.extend(packages.iter().flat_map(|package| ["-p", package]));
    process::run(&mut process::command("cargo", args))
}

/// A program that [`build`] has built.
fn built(name: &str) -> PathBuf {
    target_dir().join("release").join(name)
}

fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| process::root().join("target"), |dir| process::root().join(Path::new(&dir)))
}
