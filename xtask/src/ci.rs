//! `cargo xtask ci`: what `.ci/run` calls once the tools are there, cheapest check first.

use anyhow::{Result, bail};

use crate::{fuzz, process, reference, test, tidy};

/// Of each fuzz target.
const FUZZ_SECONDS: u32 = 20;

pub(crate) fn run() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    // A workspace of its own.
    cargo(&["fmt", "--manifest-path", "tests/fuzz/Cargo.toml", "--check"])?;
    tidy::run()?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    process::run(
        process::command("cargo", ["doc", "--workspace", "--no-deps", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    reference::run(reference::Mode::Check)?;
    deny()?;
    test::run(&[])?;
    if std::env::var_os("RUN_SLOW_TESTS").is_some() {
        fuzz::run(&[], FUZZ_SECONDS)?;
    } else {
        process::say("note: RUN_SLOW_TESTS is not set: without fuzzing");
    }
    demo()
}

/// The main job, as the README names it, asserting its own answers.
fn demo() -> Result<()> {
    cargo(&["run", "--release", "--quiet", "-p", "protogate-cli", "--", "demo", "--check"])
}

/// The advisory database comes from the network: where it cannot be had, that one check is left out, visibly.
fn deny() -> Result<()> {
    if process::output(&mut process::command("cargo", ["deny", "--version"])).is_err() {
        bail!("cargo-deny is missing: `cargo install --locked cargo-deny`");
    }
    cargo(&["deny", "check", "bans", "licenses", "sources"])?;
    if process::output(&mut process::command("cargo", ["deny", "fetch", "db"])).is_ok() {
        cargo(&["deny", "check", "advisories"])
    } else {
        process::say("note: the advisory database cannot be fetched here: advisories are not checked");
        Ok(())
    }
}

fn cargo(args: &[&str]) -> Result<()> {
    process::run(&mut process::command("cargo", args))
}
