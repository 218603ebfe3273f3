//! The reference service as it is shipped, started for a run: its own `service.toml`, an empty database, a key made now.
//!
//! What differs from what is shipped: addresses, and the figures of the rate limit, because one caller makes all the load.
//! The access log goes to a file, as under a service manager.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::server::{self, Server};
use super::workdir::WorkDir;
use super::{build, built};
use crate::process;

const SETTINGS: &str = "templates/service/service.toml";
/// The largest figure that the rate limit takes: each call is still counted, none is refused.
const CALLS: &str = "1000000";

/// The running service, with the entry in its store, and everything needed to call it.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) server: Server,
    pub(super) token: String,
    /// The key that tokens are signed with.
    pub(super) key: PathBuf,
    log: PathBuf,
}

impl Reference {
    /// Builds and starts the service and writes the entry.
    pub(super) fn start(dir: &WorkDir, name: &str) -> Result<Self> {
        build(&["reference-service", "protogate-bench"])?;
        let settings = fs::read_to_string(process::root().join(SETTINGS))
            .with_context(|| format!("cannot read {SETTINGS}"))?;
        let setting = |key: &str| value(&settings, key).with_context(|| format!("{SETTINGS} has no `{key}`"));
        let home = dir
            .create_dir(&format!("{name}/dev"))?
            .parent()
            .map(Path::to_owned)
            .context("a folder in a folder")?;
        fs::write(home.join("service.toml"), &settings)?;
        let key = home.join(setting("file")?);
        fs::write(&key, secret()?).with_context(|| format!("cannot write {}", key.display()))?;

        let (address, admin) = (server::free_address()?, server::free_address()?);
        let log = home.join("service.log");
        let server = Server::told(&built("reference-service"), address, &log, |command| {
            command
                .current_dir(&home)
                .env("PROTOGATE__SERVER__LISTEN", address.to_string())
                .env("PROTOGATE__SERVER__ADMIN_LISTEN", admin.to_string())
                .env("PROTOGATE__LIMITS__CALLS_PER_SECOND", CALLS)
                .env("PROTOGATE__LIMITS__CALLS_BURST", CALLS)
        })?;
        let (kid, issuer, audience) = (setting("kid")?, setting("issuer")?, setting("audience")?);
        let path = key.to_string_lossy();
        let token =
            probe(&["token", "--key", &path, "--kid", kid, "--issuer", issuer, "--audience", audience])?;
        let token = token.trim().to_owned();
        probe(&["seed", &address.to_string(), "--token", &token])?;
        Ok(Self { server, token, key, log })
    }

    /// What a report has to say about how the service ran.
    pub(super) fn conditions(&self) -> String {
        let megabytes = fs::metadata(&self.log).map_or(0.0, |it| it.len() as f64 / 1e6);
        format!(
            "The reference service runs with its shipped settings but for the figures of the rate limit: {CALLS} calls per second and \
             caller, so that it counts each call and refuses none. Its access log is on: {megabytes:.0} MB were written to a file."
        )
    }
}

/// One answer of a server, as `bench-probe` shows it, and the bytes of data of each answer.
pub(super) fn ask(how: &str, address: SocketAddr, token: &str) -> Result<(String, Vec<u64>)> {
    let text = probe(&[how, &address.to_string(), "--token", token])?;
    let (answer, sizes) = text.split_once('\n').context("the probe prints an answer and sizes")?;
    let sizes = sizes.lines().map(str::parse).collect::<Result<_, _>>().context("the probe prints sizes")?;
    Ok((answer.to_owned(), sizes))
}

/// Runs `bench-probe`.
pub(super) fn probe(args: &[&str]) -> Result<String> {
    process::output(Command::new(built("bench-probe")).args(args))
}

/// 256 random bits as text, so that no byte of it can be taken for the end of a line.
fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The text of the first `key = "text"`.
fn value<'a>(toml: &'a str, key: &str) -> Option<&'a str> {
    toml.lines().find_map(|line| {
        let text =
            line.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
        text.split('"').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_settings() {
        let toml = "[auth]\n# kid = \"no\"\nissuer_x = \"no\"\nissuer = \"me\" # who\nkid=\"dev\"\n";
        assert_eq!(value(toml, "issuer"), Some("me"));
        assert_eq!(value(toml, "kid"), Some("dev"));
        assert_eq!(value(toml, "file"), None);
    }
}
