//! A listing of files that lies still — a git revision, an archive — as a project: its `protogate.toml`, its import roots, its
//! targets.
//!
//! Only names and bytes are known here, never paths of the disk, so nothing in a snapshot can point outside of it. Links are not
//! followed and are no targets, as buf has it; who imports one is told.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::sources::Source;
use super::{Adjust, Loaded};
use crate::buf::ConfigFiles;
use crate::compile::tree::{Found, Refused, Tree, unclean};
use crate::compile::{MAX_FILES, compile_tree};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::project::{FILE_NAME, Project, Role, join, shown};

/// Whether a snapshot has to know about a file at all: sources and configurations.
pub(super) fn counts(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".proto") || matches!(name, FILE_NAME | "buf.yaml" | "buf.work.yaml")
}

/// The files of a snapshot. Called from several threads at once.
pub(super) trait Files: Sync {
    /// What messages call the snapshot: `main`, `api.tar.gz`.
    fn name(&self) -> &str;

    /// Paths from the top with forward slashes, sorted; `true` marks links.
    fn list(&self) -> Vec<(&str, bool)>;

    /// Content of a file of the list. `display` is for messages.
    fn read(&self, path: &str, display: &str) -> Result<Vec<u8>, Refused>;
}

/// Compiles the project at `top` (`""` for the top) of a snapshot.
pub(super) fn load(files: &dyn Files, top: &str, adjust: &Adjust<'_>) -> Result<Loaded, Error> {
    let project = adjust(find_project(files, top)?)?;
    let tree = Snapshot::of_sources(files, top, &project)?;
    let targets = tree.targets.clone();
    let mut schema = compile_tree(&tree, targets).map_err(|error| project.explain_missing(error))?;
    // In findings the path inside the snapshot says it; in errors it may be either side of a comparison.
    for (name, (path, _)) in &tree.files {
        if let Some(display) = schema.origin.display.get_mut(name) {
            display.clone_from(path);
        }
    }
    Ok(Loaded { schema, project: Some(project) })
}

/// The target files at `top`, as they are written.
pub(super) fn sources(files: &dyn Files, top: &str, adjust: &Adjust<'_>) -> Result<Vec<Source>, Error> {
    let project = adjust(find_project(files, top)?)?;
    let tree = Snapshot::of_sources(files, top, &project)?;
    let read = |name: &String| {
        let found = tree.read(name).map_err(|it| Error::new(it.kind, vec![*it.diagnostic]))?;
        Ok(found.map(|it| Source { path: it.display, file: None, bytes: it.bytes }))
    };
    tree.targets.iter().filter_map(|name| read(name).transpose()).collect()
}

fn find_project(files: &dyn Files, top: &str) -> Result<Project, Error> {
    let known = files.list().into_iter().filter(|(_, link)| !link).map(|(path, _)| path).collect();
    let folders: Vec<PathBuf> = Path::new(top).ancestors().map(Path::to_owned).collect();
    Project::configured(&Configs { files, known }, &folders, Path::new(top))
}

/// The configurations of a snapshot.
struct Configs<'a> {
    files: &'a dyn Files,
    /// Files that are no links.
    known: HashSet<&'a str>,
}

impl ConfigFiles for Configs<'_> {
    fn read(&self, folder: &Path, name: &str) -> Result<Option<(String, String)>, Error> {
        let Some(path) = clean(&join(folder, Path::new(name))).filter(|it| self.known.contains(it.as_str()))
        else {
            return Ok(None);
        };
        let shown = format!("{}:{path}", self.files.name());
        let bytes = self.files.read(&path, &shown).map_err(|it| Error::new(it.kind, vec![*it.diagnostic]))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some((text, shown))),
            Err(_) => {
                Err(Error::new(ErrorKind::Input, vec![Diagnostic::new("is not UTF-8").in_file(&shown)]))
            }
        }
    }

    fn folder(&self, folder: &Path) -> PathBuf {
        folder.to_owned()
    }
}

/// The files of a snapshot as import roots see them.
struct Snapshot<'a> {
    content: &'a dyn Files,
    /// Import name → path from the top, and whether it is a link.
    files: HashMap<String, (String, bool)>,
    targets: Vec<String>,
}

impl<'a> Snapshot<'a> {
    /// A snapshot with at least one target.
    fn of_sources(content: &'a dyn Files, top: &str, project: &Project) -> Result<Self, Error> {
        let tree = Self::new(content, project)?;
        if tree.targets.is_empty() {
            let name = content.name();
            let at = if top.is_empty() { format!("`{name}`") } else { format!("`{top}` of `{name}`") };
            return Err(Error::message(format!("there are no `.proto` files in {at}")));
        }
        Ok(tree)
    }

    fn new(content: &'a dyn Files, project: &Project) -> Result<Self, Error> {
        let name = content.name();
        let inside = |path: &PathBuf| {
            clean(&join(project.dir(), path))
                .ok_or_else(|| Error::message(format!("`{}` leads out of `{name}`", shown(path))))
        };
        let roots: Vec<_> = project.roots().iter().map(inside).collect::<Result<_, _>>()?;
        let modules = !project.modules().is_empty();
        let below = |path: &str, folder: &str| {
            folder.is_empty()
                || path.strip_prefix(folder).is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        let mut files: HashMap<String, (usize, String, bool)> = HashMap::new();
        let mut targets = Vec::new();
        for (path, link) in content.list() {
            if !path.ends_with(".proto") {
                continue;
            }
            let taken: Vec<_> = roots.iter().enumerate().filter(|(_, root)| below(path, root)).collect();
            let role =
                |index: usize, root: &str| project.role(index, path[root.len()..].trim_start_matches('/'));
            let twice = !modules && taken.iter().any(|(index, root)| role(*index, root) == Role::Target);
            if let (true, [(_, first), (_, second), ..]) = (twice, &taken[..]) {
                let message = format!("the file is below two import roots, `{first}` and `{second}`");
                let fault = Diagnostic::new(message).in_file(format!("{name}:{path}"));
                return Err(Error::new(ErrorKind::Input, vec![fault]));
            }
            for (index, root) in taken {
                let inside = path[root.len()..].trim_start_matches('/');
                let role = role(index, root);
                if role == Role::Absent {
                    continue;
                }
                if let (true, Role::Target, Some((_, other, _))) = (modules, role, files.get(inside)) {
                    let message = format!("`{other}` has the same import name `{inside}`");
                    let fault = Diagnostic::new(message).in_file(format!("{name}:{path}"));
                    let help = "an import name may exist once in a workspace";
                    return Err(Error::new(ErrorKind::Input, vec![fault.with_help(help)]));
                }
                if unclean(inside).is_some() || files.get(inside).is_some_and(|(first, ..)| *first <= index) {
                    continue;
                }
                let hidden = inside.split('/').any(|it| it.starts_with('.'));
                if role == Role::Target && !(hidden || link) {
                    targets.push(inside.to_owned());
                }
                files.insert(inside.to_owned(), (index, path.to_owned(), link));
            }
        }
        if files.len() > MAX_FILES {
            return Err(Error::message(format!(
                "there are more than {MAX_FILES} `.proto` files in `{name}`"
            )));
        }
        targets.sort_unstable();
        targets.dedup();
        let files = files.into_iter().map(|(import, (_, path, link))| (import, (path, link))).collect();
        Ok(Self { content, files, targets })
    }
}

/// A relative path without `.` and `..`, `""` for the top; `None` when it leads out.
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
    Some(parts.join("/"))
}

impl Tree for Snapshot<'_> {
    fn read(&self, name: &str) -> Result<Option<Found>, Refused> {
        let Some((path, link)) = self.files.get(name) else { return Ok(None) };
        let display = format!("{}:{path}", self.content.name());
        if *link {
            let message = "is a link; links in a revision or an archive are not followed";
            return Err(Refused::input(&display, message));
        }
        let bytes = self.content.read(path, &display)?;
        Ok(Some(Found { display, bytes }))
    }

    fn names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
}
