//! The committed versions of one file, through the `git` program: what it held in each commit that changed it.
//!
//! Asked for the baseline only. As in [`super::git`], nothing that a repository can configure is run.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use super::git;
use crate::error::Error;

/// Largest version that is read, in bytes; a larger one is left out.
const MAX_BYTES: u64 = 1 << 30;

/// The versions of a file that commits before and at `HEAD` have, newest first, each with the short hash of its commit. Equal versions
/// count once. None without git, repository or commit.
pub(crate) fn committed_versions(path: &Path, limit: usize) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name().and_then(|it| it.to_str()) else { return Ok(Vec::new()) };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
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
        if whole && versions.iter().all(|(_, known)| *known != bytes) {
            versions.push((commit.to_owned(), bytes));
        }
    }
    Ok(versions)
}
