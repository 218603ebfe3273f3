//! `cargo xtask tidy`: the promises of the documents that no compiler keeps. One file per family of checks; all findings at once.

mod arrows;
mod fixtures;
mod sources;
mod workspace;

use anyhow::{Result, bail};

use crate::process;

pub(crate) fn run() -> Result<()> {
    let mut findings = Vec::new();
    arrows::check(&mut findings)?;
    fixtures::check(&mut findings)?;
    sources::check(&mut findings)?;
    workspace::check(&mut findings)?;
    findings.sort();
    for finding in &findings {
        process::say(finding);
    }
    if findings.is_empty() { Ok(()) } else { bail!("tidy: {} finding(s)", findings.len()) }
}
