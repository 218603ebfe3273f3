//! One run of a program, measured: wall time here, CPU time and peak memory by GNU time.
//!
//! GNU time rather than the shell's word: it reads `wait4`, so the figures include every thread and child of the program.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use super::workdir::WorkDir;

/// What one run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub(super) wall_seconds: f64,
    pub(super) cpu_seconds: f64,
    pub(super) peak_mib: f64,
}

/// Runs a program that must end with one of the exit codes.
pub(super) fn run(dir: &WorkDir, program: &Path, args: &[String], good: &[i32]) -> Result<Run> {
    let home = dir.create_dir("home")?;
    let figures = dir.join("time.txt");
    let mut command = Command::new("time");
    command.args(["-q", "-f", "%U %S %M", "-o"]).arg(&figures).arg("--").arg(program).args(args);
    // An empty home: no program may profit from a cache or a setting of this machine's user.
    command.env("HOME", &home).env("XDG_CACHE_HOME", &home).env("XDG_CONFIG_HOME", &home);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command.output().context("cannot start `time`")?;
    let wall_seconds = start.elapsed().as_secs_f64();
    if !output.status.code().is_some_and(|code| good.contains(&code)) {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().take(10).collect::<Vec<_>>().join("\n");
        bail!("`{}` ended with {}: {said}", program.display(), output.status);
    }
    let text = std::fs::read_to_string(&figures).context("GNU time wrote no figures")?;
    parse(&text, wall_seconds)
        .with_context(|| format!("GNU time wrote {text:?}, not seconds, seconds and KiB"))
}

fn parse(text: &str, wall_seconds: f64) -> Option<Run> {
    let mut figures = text.split_whitespace().map(str::parse::<f64>);
    let mut next = || figures.next()?.ok();
    let (user, system, peak_kib) = (next()?, next()?, next()?);
    Some(Run { wall_seconds, cpu_seconds: user + system, peak_mib: peak_kib / 1024.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_gnu_time() {
        assert_eq!(
            parse("1.50 0.25 2048\n", 3.0),
            Some(Run { wall_seconds: 3.0, cpu_seconds: 1.75, peak_mib: 2.0 })
        );
        assert_eq!(parse("Command terminated by signal 9\n", 3.0), None);
    }
}
