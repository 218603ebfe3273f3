//! `cargo xtask fuzz`: builds the targets of `tests/fuzz` with coverage instrumentation, gives them their first inputs, and runs each for a
//! bounded time.
//!
//! No sanitizer: the workspace forbids unsafe code, so what is looked for is panics, overflows, and work or memory without bounds; that
//! way the pinned stable toolchain is enough. Where cargo-fuzz or the toolchain refuses, this fails: a check that is left out silently
//! is no check.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The folder of the targets, which is a workspace of its own.
const ROOM: &str = "tests/fuzz";
/// Seconds for one input, after which it counts as a hang. Ample, because machines that run checks are busy.
const TIMEOUT: u32 = 20;
/// Megabytes of memory of one target.
const MEMORY: u32 = 2048;
/// Longest input in bytes.
const LONGEST: u32 = 16 << 10;

/// Runs these targets, or all, each for so many seconds; as many at a time as there are processors.
pub(crate) fn run(wanted: &[String], seconds: u32) -> Result<()> {
    let all = targets()?;
    if let Some(unknown) = wanted.iter().find(|it| !all.contains(it)) {
        bail!("no fuzz target `{unknown}`; there are {}", all.join(", "));
    }
    let chosen = if wanted.is_empty() { all } else { wanted.to_vec() };
    let room = build(&chosen)?;
    let queue: Mutex<VecDeque<String>> = Mutex::new(chosen.into());
    let failed: Mutex<Vec<String>> = Mutex::default();
    let worker = || {
        loop {
            let next = queue.lock().map(|mut it| it.pop_front());
            let Ok(Some(target)) = next else { break };
            match room.fuzz(&target, seconds) {
                Ok(line) => process::say(&line),
                Err(error) => {
                    process::say(&format!("{target}: {error:#}"));
                    if let Ok(mut failed) = failed.lock() {
                        failed.push(target);
                    }
                }
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    match failed.into_inner() {
        Ok(failed) if failed.is_empty() => Ok(()),
        Ok(mut failed) => {
            failed.sort();
            bail!("fuzz: {} failed", failed.join(", "))
        }
        Err(_) => bail!("fuzz: a run ended early"),
    }
}

/// The names of all targets, sorted.
fn targets() -> Result<Vec<String>> {
    let folder = process::root().join(ROOM).join("targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// What was built, and where inputs are kept.
struct Room {
    /// Folder below `target` that holds everything.
    folder: PathBuf,
    programs: PathBuf,
}

fn build(chosen: &[String]) -> Result<Room> {
    if process::output(&mut process::command("cargo", ["fuzz", "--version"])).is_err() {
        bail!("cargo-fuzz is missing: `cargo install --locked cargo-fuzz`");
    }
    // The versions of the product, so that what is fuzzed is what is shipped; cargo adds the few packages that are only needed here.
    let room = process::root().join(ROOM);
    fs::copy(process::root().join("Cargo.lock"), room.join("Cargo.lock"))
        .context("cannot copy Cargo.lock")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let folder = process::root().join(target).join("fuzz");
    let mut command = process::command("cargo", ["fuzz", "build", "--dev", "--sanitizer", "none"]);
    command.args(["--fuzz-dir", ROOM, "--target-dir"]).arg(&folder);
    if let [one] = chosen {
        command.arg(one);
    }
    process::run(&mut command).context("the toolchain cannot build fuzz targets")?;
    let version = process::output(&mut process::command("rustc", ["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say what it builds for")?;
    Ok(Room { programs: folder.join(host).join("debug"), folder })
}

impl Room {
    /// Runs one target; gives a line about what it did.
    fn fuzz(&self, target: &str, seconds: u32) -> Result<String> {
        let (inputs, seeds) =
            (self.folder.join("inputs").join(target), self.folder.join("seeds").join(target));
        let found = self.folder.join("found").join(target);
        for folder in [&inputs, &seeds, &found] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let log = self.folder.join(format!("{target}.log"));
        let program = self.programs.join(target);
        let mut command = Command::new(&program);
        command
            .args([&inputs, &seeds])
            .current_dir(process::root())
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={TIMEOUT}"))
            .arg(format!("-rss_limit_mb={MEMORY}"))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .arg("-print_final_stats=1")
            .env("PROTOGATE_FUZZ_SEEDS", &seeds)
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).with_context(|| format!("cannot write {}", log.display()))?);
        let status = command.status().with_context(|| format!("cannot start the target `{target}`"))?;
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let runs = text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        let runs = runs.map_or("0", str::trim);
        if !status.success() {
            bail!("{}", told(&program, &text, &log));
        }
        if runs == "0" {
            bail!("nothing was run; see {}", log.display());
        }
        Ok(format!("{target}: {runs} runs, {}", coverage(&text)))
    }
}

/// How far the first inputs and all inputs reached.
fn coverage(log: &str) -> String {
    let edges = |mark: &str| {
        let mut lines = log.lines().filter(|line| line.contains(mark));
        lines.next_back().and_then(|line| line.split("cov: ").nth(1)?.split(' ').next()).unwrap_or("?")
    };
    format!("{} edges with the seeds, {} at the end", edges("INITED"), edges("DONE"))
}

/// What was found, and how to see it again.
fn told(program: &Path, log: &str, log_path: &Path) -> String {
    const SHOWN: usize = 40;
    let cause = |line: &&str| -> bool {
        line.contains("panicked at") || line.contains("ERROR: libFuzzer") || line.contains("SUMMARY")
    };
    let lines: Vec<&str> = log.lines().collect();
    let from = lines.iter().position(cause).unwrap_or(lines.len().saturating_sub(SHOWN));
    // An input may be anything, and terminals obey.
    let plain = |line: &&str| -> String {
        line.chars()
            .flat_map(|it| if it.is_control() { it.escape_default().collect() } else { vec![it] })
            .collect()
    };
    let shown: Vec<String> = lines[from..].iter().take(SHOWN).map(plain).collect();
    let input = lines.iter().find_map(|line| line.split("Test unit written to ").nth(1)).unwrap_or("INPUT");
    format!(
        "failed\n{}\nall of it: {}\nagain: {program} {input}\nsmaller: {program} -minimize_crash=1 -runs=100000 {input}",
        shown.join("\n"),
        log_path.display(),
        program = program.display(),
    )
}
