//! Reads a project out of a git revision, through the `git` program and without touching the work tree.
//!
//! A name from the user reaches git once, checked and behind `--end-of-options`, to become a commit's hash; from there on only
//! the hash is used. Nothing that a repository can configure is run: no hooks, no filters, no external diff, no fetch. Links and
//! submodules in the revision are not followed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::revision::check_revision;
use super::snapshot::{self, Files, counts};
use super::sources::Source;
use super::{Adjust, Loaded};
use crate::compile::MAX_FILE_BYTES;
use crate::compile::tree::Refused;
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::project::shown;

/// Longest listing of a revision's files that is taken, in bytes.
const MAX_LISTING: u64 = 512 << 20;

pub(super) fn load(
    repo: &Path,
    rev: &str,
    subdir: Option<&str>,
    adjust: &Adjust<'_>,
) -> Result<Loaded, Error> {
    snapshot::load(&open(repo, rev)?, subdir.unwrap_or(""), adjust)
}

/// The target files as they are written.
pub(super) fn sources(
    repo: &Path,
    rev: &str,
    subdir: Option<&str>,
    adjust: &Adjust<'_>,
) -> Result<Vec<Source>, Error> {
    snapshot::sources(&open(repo, rev)?, subdir.unwrap_or(""), adjust)
}

fn open(repo: &Path, rev: &str) -> Result<Revision, Error> {
    check_revision(rev).map_err(Error::message)?;
    if !repo.is_dir() {
        return Err(environment(format!("there is no repository in `{}`", shown(repo)), None));
    }
    let commit = resolve(repo, rev)?;
    let name = rev.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/").to_owned();
    let files = list(repo, &commit)?;
    Ok(Revision { name, blobs: Blobs::start(repo)?, files })
}

fn environment(message: String, help: Option<String>) -> Error {
    let mut diagnostic = Diagnostic::new(message);
    diagnostic.help = help;
    Error::new(ErrorKind::Environment, vec![diagnostic])
}

/// `git` in this repository, with everything off that could run something else.
pub(super) fn command(repo: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .arg("-C")
        .arg(repo)
        .args(["--no-pager", "--no-replace-objects"])
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(super) fn start_error(error: &std::io::Error) -> Error {
    let message = if error.kind() == std::io::ErrorKind::NotFound {
        "git is not installed, or not in `PATH`".to_owned()
    } else {
        format!("git cannot be started: {error}")
    };
    environment(message, Some("install git, or compare with a baseline file".to_owned()))
}

/// The commit that a revision names. A branch that only the remote `origin` has is found too, as in a fresh clone, also by its bare name.
fn resolve(repo: &Path, rev: &str) -> Result<String, Error> {
    let mut names = vec![rev.to_owned()];
    let plain = !rev.contains(['~', '^', '/', ':']);
    let branch = rev.strip_prefix("refs/heads/").or_else(|| plain.then_some(rev));
    names.extend(branch.map(|it| format!("refs/remotes/origin/{it}")));
    let mut said = String::new();
    for name in names {
        let output = command(repo)
            .args(["rev-parse", "--verify", "--end-of-options"])
            .arg(format!("{name}^{{commit}}"))
            .output()
            .map_err(|error| start_error(&error))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let hash = text.trim().lines().last().unwrap_or("");
        if output.status.success()
            && matches!(hash.len(), 40 | 64)
            && hash.bytes().all(|it| it.is_ascii_hexdigit())
        {
            return Ok(hash.to_owned());
        }
        said = first_line(&output.stderr);
    }
    if said.contains("not a git repository") || said.contains("dubious ownership") {
        return Err(environment(format!("`{}` cannot be read by git: {said}", shown(repo)), None));
    }
    let short = rev.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/");
    let hash = (4..=64).contains(&rev.len()) && rev.bytes().all(|it| it.is_ascii_hexdigit());
    let fetch = if rev.starts_with("refs/tags/") {
        format!("git fetch origin tag {short}")
    } else if let Some(branch) = branch.filter(|it| !hash && *it != "HEAD") {
        // With the name spelt out, because the configuration of a narrow clone would keep it nowhere.
        format!("git fetch origin {branch}:refs/remotes/origin/{branch}")
    } else {
        "git fetch --unshallow".to_owned()
    };
    Err(environment(
        format!("git knows no revision `{short}`: {said}"),
        Some(format!("in a shallow or single-branch clone fetch it first: `{fetch}`")),
    ))
}

fn first_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().next().unwrap_or("").trim_start_matches("fatal: ");
    line.chars().take(300).filter(|it| !it.is_control()).collect()
}

/// A file of a revision.
struct Entry {
    hash: String,
    link: bool,
}

/// All files of a commit, by path from its top. Submodules are left out.
fn list(repo: &Path, commit: &str) -> Result<BTreeMap<String, Entry>, Error> {
    let mut child = command(repo)
        .args(["ls-tree", "-r", "-z", "--full-tree", commit])
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| start_error(&error))?;
    let mut listing = Vec::new();
    let read = child.stdout.take().map(|it| it.take(MAX_LISTING).read_to_end(&mut listing));
    let status = child.wait();
    if !matches!(read, Some(Ok(_))) || !status.is_ok_and(|it| it.success()) {
        return Err(environment(format!("git cannot list the files of commit {commit}"), None));
    }
    let mut files = BTreeMap::new();
    for record in listing.split(|&it| it == 0) {
        // `100644 blob <hash>\t<path>`. Paths that are not UTF-8 cannot be imported.
        let Ok(record) = std::str::from_utf8(record) else { continue };
        let Some((facts, path)) = record.split_once('\t') else { continue };
        let facts: Vec<_> = facts.split(' ').collect();
        if let [mode, "blob", hash] = facts[..]
            && counts(path)
        {
            files.insert(path.to_owned(), Entry { hash: hash.to_owned(), link: mode == "120000" });
        }
    }
    Ok(files)
}

/// A commit of the repository.
struct Revision {
    name: String,
    blobs: Blobs,
    files: BTreeMap<String, Entry>,
}

impl Files for Revision {
    fn name(&self) -> &str {
        &self.name
    }

    fn list(&self) -> Vec<(&str, bool)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry.link)).collect()
    }

    fn read(&self, path: &str, display: &str) -> Result<Vec<u8>, Refused> {
        match self.files.get(path) {
            Some(entry) => self.blobs.read(&entry.hash, display),
            None => Err(Refused::input(display, "is no longer there")),
        }
    }
}

/// A running `git cat-file --batch`: a hash in, the object out.
struct Blobs {
    process: Mutex<Process>,
}

struct Process {
    child: Child,
    /// `None` after an answer that was not read to its end.
    pipes: Option<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Blobs {
    fn start(repo: &Path) -> Result<Self, Error> {
        let mut child = command(repo)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| start_error(&error))?;
        let pipes = child.stdin.take().zip(child.stdout.take().map(BufReader::new));
        Ok(Self { process: Mutex::new(Process { child, pipes }) })
    }

    fn read(&self, hash: &str, display: &str) -> Result<Vec<u8>, Refused> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = || Refused::environment(display, "git stopped before the file was read");
        let (mut stdin, mut stdout) = process.pipes.take().ok_or_else(lost)?;
        let mut header = String::new();
        let asked = writeln!(stdin, "{hash}").and_then(|()| stdin.flush());
        asked.and_then(|()| stdout.read_line(&mut header)).map_err(|_| lost())?;
        // `<hash> blob <size>`, or `<hash> missing`.
        let facts: Vec<_> = header.split_ascii_whitespace().collect();
        let size = match facts[..] {
            [_, "blob", size] => size.parse::<u64>().map_err(|_| lost())?,
            _ => {
                process.pipes = Some((stdin, stdout));
                let mut refused = Refused::environment(display, "git does not have the content of the file");
                refused.diagnostic.help =
                    Some("the clone is partial: fetch the revision with its content first".to_owned());
                return Err(refused);
            }
        };
        if size > MAX_FILE_BYTES {
            return Err(Refused::input(
                display,
                format!("has more than {MAX_FILE_BYTES} bytes, the limit for a source file"),
            ));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        // The object and the line end after it.
        (&mut stdout).take(size + 1).read_to_end(&mut bytes).map_err(|_| lost())?;
        if bytes.pop() != Some(b'\n') || bytes.len() as u64 != size {
            return Err(lost());
        }
        process.pipes = Some((stdin, stdout));
        Ok(bytes)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Closed pipes end it; the signal is for one that does not look.
        self.pipes = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
