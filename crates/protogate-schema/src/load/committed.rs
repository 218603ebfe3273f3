//! The committed versions of one file, through the `git` program: what it held in each commit that changed it.
//!
//! Asked for the baseline only. As in [`super::git`], nothing that a repository can configure is run.

use std::io::{BufRead, BufReader, Read as _, Write};
use std::path::Path;
use std::process::Stdio;

use super::git;
use crate::error::Error;

/// Largest version that is read, in bytes; a larger one is left out.
const MAX_BYTES: u64 = 1 << 30;

/// Bytes of versions after which older ones are not looked at any more.
const MAX_TOTAL: usize = 1 << 30;

/// The versions of a file that commits before and at `HEAD` have, newest first, each with the short hash of its commit. Equal versions
/// count once. None without git, repository or commit.
pub(crate) fn committed_versions(path: &Path, limit: usize) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let Some((folder, name)) = place(path) else { return Ok(Vec::new()) };
    // With the side branches of merges: what one of them recorded may be what the merge lost.
    let listed = git::command(folder)
        .env("GIT_LITERAL_PATHSPECS", "1")
        .args(["rev-list", "--full-history", "--abbrev-commit", "--abbrev=12"])
        .arg(format!("--max-count={limit}"))
        .args(["HEAD", "--", name])
        .output();
    let listed = match listed {
        Ok(output) if output.status.success() => output.stdout,
        // No repository, no commit, no git: nothing was committed that could be compared with.
        Ok(_) => return Ok(Vec::new()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(git::start_error(&error)),
    };
    let mut versions: Vec<(String, Vec<u8>)> = Vec::new();
    let mut total = 0;
    for commit in String::from_utf8_lossy(&listed).lines() {
        let mut child = git::command(folder)
            .args(["cat-file", "blob"])
            .arg(format!("{commit}:./{name}"))
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| git::start_error(&error))?;
        let mut bytes = Vec::new();
        let read = child.stdout.take().map(|it| it.take(MAX_BYTES).read_to_end(&mut bytes));
        // In the commit that deleted the file there is none.
        let whole = child.wait().is_ok_and(|it| it.success()) && matches!(read, Some(Ok(_)));
        total += bytes.len();
        if total > MAX_TOTAL {
            break;
        }
        if whole && versions.iter().all(|(_, known)| *known != bytes) {
            versions.push((commit.to_owned(), bytes));
        }
    }
    Ok(versions)
}

/// The newest versions of a file: at `HEAD` and at its parents, each with that name. One process, so that each check can afford it.
pub(crate) fn newest_versions(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let Some((folder, name)) = place(path) else { return Ok(Vec::new()) };
    if name.contains('\n') {
        return Ok(Vec::new());
    }
    let started = git::command(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(git::start_error(&error)),
    };
    let mut versions: Vec<(String, Vec<u8>)> = Vec::new();
    if let Some((mut stdin, stdout)) = child.stdin.take().zip(child.stdout.take()) {
        let mut stdout = BufReader::new(stdout);
        for commit in ["HEAD", "HEAD^1", "HEAD^2"] {
            // A process that has ended, because there is no repository, gives no answer; then nothing was committed.
            let Some(bytes) = ask(&mut stdin, &mut stdout, &format!("{commit}:./{name}")) else { break };
            if let Some(bytes) = bytes
                && versions.iter().all(|(_, known)| *known != bytes)
            {
                versions.push((commit.to_owned(), bytes));
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Ok(versions)
}

/// The content of an object: `Some(None)` when there is none, `None` when git does not go on.
fn ask(stdin: &mut impl Write, stdout: &mut impl BufRead, object: &str) -> Option<Option<Vec<u8>>> {
    writeln!(stdin, "{object}").and_then(|()| stdin.flush()).ok()?;
    let mut header = String::new();
    stdout.read_line(&mut header).ok().filter(|&read| read > 0)?;
    // `<hash> blob <size>`, or `<object> missing`; names with blanks end the same way.
    let facts: Vec<_> = header.split_ascii_whitespace().collect();
    let [_, "blob", size] = facts[..] else {
        return facts.last().filter(|it| **it == "missing").map(|_| None);
    };
    let size = size.parse::<u64>().ok().filter(|&size| size <= MAX_BYTES)?;
    let mut bytes = Vec::new();
    stdout.take(size + 1).read_to_end(&mut bytes).ok()?;
    (bytes.pop() == Some(b'\n') && bytes.len() as u64 == size).then_some(Some(bytes))
}

/// The folder and the name of a file, when the folder is there.
fn place(path: &Path) -> Option<(&Path, &str)> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name()?.to_str()?;
    folder.is_dir().then_some((folder, name))
}
