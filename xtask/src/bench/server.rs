//! A server under load: a child process that is always ended, and what it costs.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Kernel ticks per second in `/proc/<pid>/stat`: 100 on every Linux that this has met, whatever the kernel's own rate.
const TICKS_PER_SECOND: f64 = 100.0;
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running server; dropping it ends it.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Starts a rival, which prints its address.
    pub(super) fn rival(program: &Path, args: &[&str]) -> Result<Self> {
        let mut child = start(program, |command| command.args(args).stdout(Stdio::piped()))?;
        let stdout = child.stdout.take().context("standard output is a pipe")?;
        // From here on an early return ends the process.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            // Nobody waits any more when this fails.
            let _ = sender.send(read.map(|_| line));
        });
        let line = receiver.recv_timeout(START_LIMIT).with_context(|| {
            format!("`{}` printed no address within {START_LIMIT:?}", program.display())
        })??;
        server.address = line
            .trim()
            .parse()
            .with_context(|| format!("`{}` printed {line:?}, not an address", program.display()))?;
        Ok(server)
    }

    /// Starts a program that was told its address, and waits until it accepts connections.
    pub(super) fn told(
        program: &Path,
        address: SocketAddr,
        log: &Path,
        set: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let errors = file.try_clone()?;
        let child = start(program, |command| set(command).stdout(file).stderr(errors))?;
        let mut server = Self { child, address };
        let give_up = Instant::now() + START_LIMIT;
        loop {
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return Ok(server);
            }
            let ended = server.child.try_wait()?;
            if ended.is_some() || Instant::now() > give_up {
                let said = fs::read_to_string(log).unwrap_or_default();
                let why = ended.map_or_else(
                    || format!("does not listen on {address}"),
                    |status| format!("ended with {status}"),
                );
                bail!("`{}` {why}; it said: {}", program.display(), last_lines(&said));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Seconds of CPU time that the process has used, all threads together.
    pub(super) fn cpu_seconds(&self) -> Result<f64> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat =
            fs::read_to_string(&path).with_context(|| format!("cannot read {path}: the server has ended"))?;
        let ticks = cpu_ticks(&stat).with_context(|| format!("{path} is not as proc(5) says: {stat:?}"))?;
        Ok(ticks as f64 / TICKS_PER_SECOND)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `setpriv` sees to it that the server ends with this process, also when this one is killed.
fn start(program: &Path, set: impl FnOnce(&mut Command) -> &mut Command) -> Result<Child> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program).stdin(Stdio::null());
    set(&mut command).spawn().with_context(|| format!("cannot start `{}`", program.display()))
}

/// A port of the loopback interface that is free now.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// utime and stime: fields 14 and 15. The name in brackets may hold spaces and brackets.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 1000 1 1\n";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(cpu_ticks("42 (a"), None);
    }
}
