//! Writes and reads the accepted schema: a descriptor set with imports, source info and custom options, or a git revision.
//!
//! Beside the schema it holds what was promised before ([`crate::history`]).
//!
//! The same schema and history give the same bytes, so a baseline in version control changes only when the contract does (or its comments
//! and places, which rules and `diff` show). Everybody who compares with the baseline loads it with [`load`], so that the command
//! line and build scripts compare with the same thing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::{Diagnostic, Error, ErrorKind};
use crate::history::{Former, History, remembered, with_history};
use crate::load::{self as source, Input};
use crate::model::Schema;
use crate::project::{Baseline, Project, shown};
use crate::write::write_atomic;

/// Writes the schema as a baseline that remembers nothing yet; returns whether the file changed.
///
/// # Errors
/// When the file cannot be written.
pub fn write(schema: &Schema, path: &Path) -> Result<bool, Error> {
    write_atomic(path, &encode(schema, &History::default()))
}

/// The bytes of a baseline: the schema's descriptor set with this history.
#[must_use]
pub fn encode(schema: &Schema, history: &History) -> Vec<u8> {
    with_history(schema.descriptor_bytes(), history)
}

/// Reads a baseline. Its files are all targets: what was accepted is what counts, whether it is still asked for or not.
///
/// # Errors
/// [`ErrorKind::Environment`] when there is no such file, [`ErrorKind::Input`] when it is no descriptor set or its history cannot be
/// read: a gate that forgets is no gate.
pub fn read(path: &Path) -> Result<Schema, Error> {
    if !path.exists() {
        let diagnostic = Diagnostic::new("there is no baseline")
            .in_file(path.display().to_string())
            .with_help("record the current schema with `protogate baseline accept`");
        return Err(Error::new(ErrorKind::Environment, vec![diagnostic]));
    }
    let schema = source::read_descriptor_set(path)?;
    if let Err(why) = History::from_descriptor_set(schema.descriptor_bytes()) {
        let diagnostic = Diagnostic::new(why)
            .in_file(path.display().to_string())
            .with_help("take the file from version control again");
        return Err(Error::new(ErrorKind::Input, vec![diagnostic]));
    }
    Ok(schema)
}

/// Most versions of a baseline that [`committed`] looks at.
pub const MAX_VERSIONS: usize = 1000;

/// An earlier version of a baseline file, as git has it.
#[derive(Debug)]
pub struct Committed {
    /// Short hash of a commit that has the file like this.
    pub commit: String,
    /// Everything that this version promised or remembered.
    pub remembered: BTreeSet<Former>,
}

/// The versions of a baseline file that were ever committed, newest first, at most `limit` of them; those on branches that were
/// merged too. None when there is no git, no repository, or no commit. A shallow clone has the newest only.
///
/// Versions that are no descriptor set with a readable history are left out: they are not what `baseline accept` wrote.
///
/// # Errors
/// When git is there and fails.
pub fn committed(path: &Path, limit: usize) -> Result<Vec<Committed>, Error> {
    Ok(source::committed_versions(path, limit)?.into_iter().filter_map(remember).collect())
}

/// The same at `HEAD` and its parents only, without those that are as the file is now: cheap enough for each check.
///
/// # Errors
/// When git is there and fails.
pub fn newest(path: &Path) -> Result<Vec<Committed>, Error> {
    let mut versions = source::newest_versions(path)?;
    if !versions.is_empty() {
        let now = std::fs::read(path).unwrap_or_default();
        versions.retain(|(_, bytes)| *bytes != now);
    }
    Ok(versions.into_iter().filter_map(remember).collect())
}

fn remember((commit, bytes): (String, Vec<u8>)) -> Option<Committed> {
    let schema = source::read_descriptor_bytes(bytes).ok()?;
    Some(Committed { commit, remembered: remembered(&schema) })
}

/// Loads the accepted schema of a project, as `[baseline]` says; `None` when it has none.
///
/// Of a git revision, the folder is read that the project has in its repository: a revision holds the whole repository, the
/// project may be a part of it.
///
/// # Errors
/// When the baseline that is configured is not there: a gate that is open because a file is missing is no gate. Else as
/// [`read`] and [`load`](crate::load::load).
pub fn load(project: &Project) -> Result<Option<Schema>, Error> {
    match project.baseline() {
        Baseline::File(path) => read(path).map(Some),
        Baseline::Git(rev) => {
            let repo = project.dir().to_owned();
            let subdir = Repository::around(&repo)?.and_then(|it| it.inside);
            source::load(&Input::Git { repo, rev: rev.clone(), subdir }).map(Some)
        }
        Baseline::None | Baseline::Unset => Ok(None),
    }
}

/// The files and folders that change when the baseline does, for `cargo::rerun-if-changed`.
///
/// Of a git revision these are the references of the repository. A linked work tree keeps them elsewhere; there, nothing is
/// named, and a new revision is noticed with the next change of the protos.
///
/// # Errors
/// When the folder of the project cannot be looked at.
pub fn files_read(project: &Project) -> Result<Vec<PathBuf>, Error> {
    Ok(match project.baseline() {
        Baseline::File(path) => vec![path.clone()],
        Baseline::Git(_) => {
            let git = Repository::around(project.dir())?.map(|it| it.top.join(".git"));
            let names = ["HEAD", "packed-refs", "refs"];
            git.iter().flat_map(|git| names.map(|name| git.join(name))).filter(|path| path.exists()).collect()
        }
        Baseline::None | Baseline::Unset => Vec::new(),
    })
}

/// The top of the repository that a folder lies in, without links, and the way from there with forward slashes: `None` when it is
/// the top. `None` at all when there is no work tree around the folder.
///
/// # Errors
/// When the folder cannot be looked at.
pub fn folder_in_repository(dir: &Path) -> Result<Option<(PathBuf, Option<String>)>, Error> {
    Ok(Repository::around(dir)?.map(|it| (it.top, it.inside)))
}

/// Where a folder lies in its repository.
struct Repository {
    top: PathBuf,
    /// From the top, with forward slashes; `None` when it is the top.
    inside: Option<String>,
}

impl Repository {
    /// `None` when there is no work tree around the folder.
    fn around(dir: &Path) -> Result<Option<Self>, Error> {
        let refuse = |why: String| {
            let message = format!("the folder `{}` of the project {why}", shown(dir));
            Error::new(ErrorKind::Environment, vec![Diagnostic::new(message)])
        };
        let dir = dir.canonicalize().map_err(|error| refuse(format!("cannot be opened: {error}")))?;
        let Some(top) = dir.ancestors().find(|folder| folder.join(".git").exists()) else {
            return Ok(None);
        };
        let mut parts = Vec::new();
        for part in dir.strip_prefix(top).into_iter().flat_map(Path::components) {
            let name =
                part.as_os_str().to_str().ok_or_else(|| refuse("has a name that is not UTF-8".into()))?;
            parts.push(name);
        }
        let inside = (!parts.is_empty()).then(|| parts.join("/"));
        Ok(Some(Self { top: top.to_owned(), inside }))
    }
}
