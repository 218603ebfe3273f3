//! `git init` for a new project: no commit, no identity needed, no hooks.
//!
//! A project inside another repository gets none of its own, unless that repository ignores its folder, as cargo does it.

use std::path::Path;
use std::process::{Command, Stdio};

/// What happened; a project without a repository is still a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Git {
    /// A repository was made.
    Initialised,
    /// The folder belongs to a repository already.
    Inside,
    /// The user wants none.
    NotWanted,
    /// There is none, for this reason.
    Missing(String),
}

/// Makes a repository in `folder`, unless `parent`, where the folder will be as `name`, is part of one.
pub(super) fn init(folder: &Path, parent: &Path, name: &str) -> Git {
    let inside = git(parent).args(["rev-parse", "--is-inside-work-tree"]).output();
    match inside {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Git::Missing("git is not installed; run `git init` when it is".to_owned());
        }
        Err(error) => return Git::Missing(format!("git cannot be run: {error}")),
        Ok(answer) if answer.status.success() && answer.stdout.trim_ascii() == b"true" => {
            let ignored = git(parent).args(["check-ignore", "--quiet", "--", name]).status();
            if !ignored.is_ok_and(|status| status.success()) {
                return Git::Inside;
            }
        }
        Ok(_) => {}
    }
    // An empty template: no sample hooks, nothing of this machine's.
    let with_branch = git(folder).args(["init", "--quiet", "--template=", "--initial-branch=main"]).output();
    if with_branch.is_ok_and(|answer| answer.status.success()) {
        return Git::Initialised;
    }
    // `--initial-branch` came with git 2.28.
    match git(folder).args(["init", "--quiet", "--template="]).output() {
        Ok(answer) if answer.status.success() => Git::Initialised,
        Ok(answer) => {
            Git::Missing(format!("`git init` failed: {}", String::from_utf8_lossy(&answer.stderr).trim()))
        }
        Err(error) => Git::Missing(format!("git cannot be run: {error}")),
    }
}

fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Set when we run inside a hook of another repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command
}
