//! The reference service as a process: built once, started in a folder of its own on free ports, killed when dropped.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::token::{KID, NAME, SECRET};

/// What a test may want different.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `limits.body`, bytes.
    pub body: Option<usize>,
    /// `app.keep_changes`.
    pub keep_changes: Option<u64>,
    /// Largest file that the process may write, KiB (`ulimit -f`).
    pub file_kib: Option<u64>,
}

/// A running service.
#[derive(Debug)]
pub struct Service {
    folder: tempfile::TempDir,
    settings: Settings,
    pub port: u16,
    pub admin_port: u16,
    child: Child,
}

impl Service {
    pub fn start() -> Self {
        Self::start_with(Settings::default())
    }

    pub fn start_with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, admin_port) = free_ports();
        let child = spawn(folder.path(), &settings, port, admin_port);
        let mut service = Self { folder, settings, port, admin_port, child };
        service.wait();
        service
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `SIGTERM`; the exit code and how long the end took.
    pub fn terminate(&mut self) -> (Option<i32>, Duration) {
        let begin = Instant::now();
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        (status.code(), begin.elapsed())
    }

    pub fn signal(&self, name: &str) {
        let status =
            Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Starts again on the same data and the same ports.
    pub fn restart(&mut self) {
        self.child = spawn(self.folder.path(), &self.settings, self.port, self.admin_port);
        self.wait();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn admin_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.admin_port)
    }

    /// Everything that the process has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the service ended with {status} at start:\n{}", self.log());
            }
            if crate::Curl::get(&self.admin_url("/readyz"))
                .try_send()
                .is_some_and(|answer| answer.status == 200)
            {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the service is not ready after 20 s:\n{}", self.log());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &Path, settings: &Settings, port: u16, admin_port: u16) -> Child {
    fs::write(folder.join("hs256.key"), SECRET).unwrap();
    fs::write(folder.join("service.toml"), config(settings, port, admin_port)).unwrap();
    let mut log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    writeln!(log).unwrap();
    let mut command = match settings.file_kib {
        None => Command::new(binary()),
        Some(kib) => {
            // The signal is ignored, so that a write beyond the limit fails like one to a full disk.
            let mut shell = Command::new("bash");
            shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\"")).arg(binary());
            shell
        }
    };
    command
        .current_dir(folder)
        .env("PROTOGATE_CONFIG", "service.toml")
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn config(settings: &Settings, port: u16, admin_port: u16) -> String {
    let mut text = format!(
        r#"
[server]
mode = "dev"
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:{admin_port}"

[auth]
issuer = "{NAME}"
audience = "{NAME}"

[[auth.keys]]
kid = "{KID}"
algorithm = "HS256"
file = "hs256.key"

[app]
database = "data/config.sqlite"
"#
    );
    if let Some(keep) = settings.keep_changes {
        text.push_str(&format!("keep_changes = {keep}\n"));
    }
    // One caller may do here what ten would.
    text.push_str("\n[limits]\ncalls_per_second = 100000\ncalls_burst = 100000\n");
    if let Some(body) = settings.body {
        text.push_str(&format!("body = {body}\n"));
    }
    text
}

/// Two ports that were free a moment ago.
fn free_ports() -> (u16, u16) {
    let listeners = [0; 2].map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let [first, second] = listeners.map(|listener| listener.local_addr().unwrap().port());
    (first, second)
}

/// The service's executable, built from the template in this checkout.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--package", "reference-service"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success(), "the reference service does not build");
        // This test runs from `<target>/debug/deps`.
        let deps = std::env::current_exe().unwrap();
        deps.parent().and_then(Path::parent).unwrap().join("reference-service")
    })
}
