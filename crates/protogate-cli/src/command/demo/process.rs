//! The two child processes of the demo: `cargo build`, and the service.
//!
//! Both end with the demo, however it ends: they are killed when their handles are dropped. The service is asked to drain first.

use std::fs::File;
use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::http;
use crate::escape;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// How long the service may take to become ready.
const START: Duration = Duration::from_secs(30);
/// How long it may take to drain.
const STOP: Duration = Duration::from_secs(40);
/// Lines of a log that are shown when something fails.
const TAIL: usize = 20;

/// Builds the project; the target folder of a checkout is shared, so that the second demo builds in seconds.
pub(super) async fn build(
    dir: &Path,
    checkout: Option<&Path>,
    terminal: &mut Terminal,
) -> Result<PathBuf, Failure> {
    let target = checkout.map_or_else(|| dir.join("target"), |root| root.join("target/demo"));
    let first = !target.join("debug").is_dir();
    terminal.say(format_args!(
        "building the service{}",
        if first { "; the first time compiles all its dependencies, which takes some minutes" } else { "" }
    ));
    let started = Instant::now();
    let shows_progress = std::io::stderr().is_terminal();
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .arg("build")
        .args(["--manifest-path".as_ref(), dir.join("Cargo.toml").as_os_str()])
        .args(["--target-dir".as_ref(), target.as_os_str()])
        // In the checkout, its toolchain and cargo configuration hold.
        .current_dir(checkout.unwrap_or(dir))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(if shows_progress { Stdio::inherit() } else { Stdio::piped() })
        .kill_on_drop(true);
    if checkout.is_none() {
        command.arg("--quiet");
    }
    let run = async { command.spawn()?.wait_with_output().await };
    let output = run.await.map_err(|error| {
        Failure::environment(format!("cargo cannot be run: {error}"))
            .with_help("install Rust from https://rustup.rs")
    })?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        return Err(
            Failure::environment(format!("cargo build failed ({})", output.status)).with_help(tail(&log))
        );
    }
    terminal.say(format_args!("built in {} s", started.elapsed().as_secs()));
    Ok(target.join("debug").join(format!("{}{}", super::NAME, std::env::consts::EXE_SUFFIX)))
}

/// The service, running.
#[derive(Debug)]
pub(super) struct Service {
    child: Child,
    /// gRPC and REST.
    pub(super) address: SocketAddr,
    /// Metrics and readiness.
    pub(super) admin: SocketAddr,
}

impl Service {
    /// Starts the binary in the project's folder and waits until it says that it is ready.
    pub(super) async fn start(binary: &Path, dir: &Path, port: Option<u16>) -> Result<Self, Failure> {
        let address = match port {
            Some(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            None => free_address()?,
        };
        let admin = free_address()?;
        let log = dir.join("demo.log");
        let open = || File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = open().map_err(|error| {
            Failure::environment(format!("`{}` cannot be written: {error}", log.display()))
        })?;
        let child = Command::new(binary)
            .current_dir(dir)
            .env("PROTOGATE__SERVER__LISTEN", address.to_string())
            .env("PROTOGATE__SERVER__ADMIN_LISTEN", admin.to_string())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                Failure::environment(format!("`{}` cannot be run: {error}", binary.display()))
            })?;
        let mut service = Self { child, address, admin };
        match service.wait_until_ready().await {
            Ok(()) => Ok(service),
            Err(why) => {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                Err(Failure::environment(why).with_help(tail(&log)))
            }
        }
    }

    async fn wait_until_ready(&mut self) -> Result<(), String> {
        let until = Instant::now() + START;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the service ended before it was ready ({status})"));
            }
            match http::request(self.admin, "GET", "/readyz", None, None).await {
                Ok(answer) if answer.status == 200 => return Ok(()),
                _ if Instant::now() > until => {
                    return Err(format!("the service is not ready after {} s", START.as_secs()));
                }
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Asks the service to drain, and waits; returns whether it ended with 0.
    pub(super) async fn stop(mut self) -> bool {
        #[cfg(unix)]
        if let Some(id) = self.child.id() {
            // The standard library knows no signal but KILL.
            let _ = Command::new("kill").args(["-TERM", &id.to_string()]).stdin(Stdio::null()).status().await;
        }
        #[cfg(not(unix))]
        let _ = self.child.start_kill();
        match tokio::time::timeout(STOP, self.child.wait()).await {
            Ok(Ok(status)) => status.success() || cfg!(not(unix)),
            _ => {
                let _ = self.child.kill().await;
                false
            }
        }
    }
}

/// An address that nobody listens on right now.
fn free_address() -> Result<SocketAddr, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| Failure::environment(format!("no free port: {error}")))
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let from = lines.len().saturating_sub(TAIL);
    let shown: Vec<_> = lines[from..].iter().map(|line| escape::line(line)).collect();
    format!("the end of its output:\n{}", shown.join("\n"))
}
