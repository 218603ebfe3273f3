//! `--path`, `--exclude-path`, `--disable-symlinks`: from what was typed to paths that a project understands.

use std::path::{Component, Path, PathBuf};

use protogate_schema::{Input, Project};

use crate::args::ScopeArgs;
use crate::escape;
use crate::failure::Failure;

/// What of an input is looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// Relative to the project's folder; of a descriptor set, import names.
    pub(crate) paths: Vec<String>,
    pub(crate) exclude: Vec<String>,
    skip_links: bool,
}

impl Scope {
    /// Checks what was typed.
    ///
    /// # Errors
    /// When a path leads out of the input, is all of it, or is taken and left out at once.
    pub(crate) fn new(args: &ScopeArgs, input: &Input, project: &Project) -> Result<Self, Failure> {
        let place = |flag: &str, typed: &String| {
            let path = match input {
                Input::Directory(_) => below_folder(typed, project.dir()),
                _ => clean(Path::new(typed)),
            };
            let shown = escape::line(typed).to_string();
            let path = path.ok_or_else(|| {
                Failure::usage(format!("`{flag} {shown}` leads out of the input"))
                    .with_help("paths count from the current folder, and must be below the input")
            })?;
            let is_module = project.modules().iter().any(|it| it.path == path) && path != ".";
            if is_module && matches!(input, Input::Directory(_)) {
                return Err(Failure::usage(format!("`{flag} {shown}` is a module of the workspace"))
                    .with_help("give the module as the input instead"));
            }
            let whole =
                path == "." || project.selected().is_some_and(|at| project.modules()[at].path == path);
            if whole {
                return Err(Failure::usage(format!("`{flag} {shown}` is the whole input"))
                    .with_help("leave it out, or name a file or folder in it"));
            }
            Ok(path)
        };
        if matches!(input, Input::ProtoFile(_) | Input::PackageOf(_))
            && !(args.paths.is_empty() && args.exclude_paths.is_empty())
        {
            return Err(Failure::usage("`--path` and `--exclude-path` narrow a folder, not a single file")
                .with_help("give the folder as input, and the file with `--path`"));
        }
        let paths: Vec<String> = args.paths.iter().map(|it| place("--path", it)).collect::<Result<_, _>>()?;
        let exclude: Vec<String> =
            args.exclude_paths.iter().map(|it| place("--exclude-path", it)).collect::<Result<_, _>>()?;
        for path in &paths {
            if let Some(outer) = exclude.iter().find(|it| is_below(path, it)) {
                let (path, outer) = (escape::line(path), escape::line(outer));
                return Err(Failure::usage(format!(
                    "`--exclude-path {outer}` leaves nothing of `--path {path}`"
                )));
            }
        }
        Ok(Self { paths, exclude, skip_links: args.disable_symlinks })
    }

    /// Whether anything is left out.
    pub(crate) fn is_set(&self) -> bool {
        !(self.paths.is_empty() && self.exclude.is_empty())
    }

    /// The project with these limits.
    pub(crate) fn narrow(&self, project: Project) -> Project {
        let project = if self.skip_links { project.without_links() } else { project };
        if self.is_set() { project.narrowed(self.paths.clone(), self.exclude.clone()) } else { project }
    }

    /// Whether a file of a descriptor set is looked at.
    pub(crate) fn takes_import(&self, import_name: &str) -> bool {
        (self.paths.is_empty() || self.paths.iter().any(|it| is_below(import_name, it)))
            && !self.exclude.iter().any(|it| is_below(import_name, it))
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A relative path without detours; `.` for nothing. `None` when it leads out.
fn clean(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            _ => return None,
        }
    }
    Some(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

/// A typed path relative to a folder. What is there is looked up without links, so that both agree about them.
fn below_folder(typed: &str, folder: &Path) -> Option<String> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let place = match std::fs::canonicalize(typed) {
        Ok(place) => place,
        Err(_) => lexical(&std::env::current_dir().and_then(std::fs::canonicalize).ok()?.join(typed)),
    };
    clean(place.strip_prefix(&folder).ok()?)
}

fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
