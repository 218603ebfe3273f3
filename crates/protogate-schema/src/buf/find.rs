//! Which configuration a folder has: its own, or that of the workspace around it.
//!
//! Where the files are — on the disk, in a revision, in an archive — is the caller's business: it hands in [`ConfigFiles`].

use std::path::{Path, PathBuf};

use super::read::{self, BufYaml};
use super::{FILE_NAME, Module, Version, WORK_FILE_NAME, is_below, work};
use crate::error::{Diagnostic, Error, ErrorKind};

/// Where configurations are read from.
pub(crate) trait ConfigFiles {
    /// The text of the file with this name in a folder, and what messages call it; `None` when there is none.
    fn read(&self, folder: &Path, name: &str) -> Result<Option<(String, String)>, Error>;

    /// Whether a `buf.yaml` before v2 in this folder matters to the folders below it. buf looks at none above the current folder.
    fn counts_below(&self, _folder: &Path) -> bool {
        true
    }

    /// What messages call a folder.
    fn folder(&self, folder: &Path) -> PathBuf;
}

/// What buf's files say about a folder.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// The folder whose file counts, one of those that were handed in.
    pub(crate) dir: PathBuf,
    /// Names of the files that were read, in `dir` or below, as messages call them.
    pub(crate) files: Vec<String>,
    /// Sorted as they are paired.
    pub(crate) modules: Vec<Module>,
    /// Module that was asked for alone.
    pub(crate) selected: Option<usize>,
    /// Modules of a registry that the files depend on.
    pub(crate) deps: Vec<String>,
    /// What a user should know.
    pub(crate) notes: Vec<String>,
    /// What `lint` and `breaking` of the file itself say, for inputs that have no modules.
    pub(crate) top: Module,
}

/// The workspace of the first of these folders, which go upwards; `None` when nothing configures it.
///
/// # Errors
/// When a file is wrong, or when the folder lies inside of a module: it says that `--path` is meant.
pub(crate) fn find(files: &dyn ConfigFiles, folders: &[PathBuf]) -> Result<Option<Workspace>, Error> {
    let Some(first) = folders.first() else { return Ok(None) };
    let mut own = None;
    for dir in folders {
        let here = inside(first, dir);
        let yaml = files.read(dir, FILE_NAME)?;
        let work = files.read(dir, WORK_FILE_NAME)?;
        if let (Some((_, yaml)), Some((_, work))) = (&yaml, &work) {
            let message = format!("there is both `{FILE_NAME}` and `{WORK_FILE_NAME}`");
            let help = format!("`{work}` is for modules in folders of their own: keep one of the two files");
            return Err(fault(yaml, message, help));
        }
        if let Some((text, shown)) = work {
            let folders = work::read(&text, &shown)?;
            if let Some(selected) = position(folders.iter().map(String::as_str), &here, dir == first)? {
                let found = old_workspace(files, dir, shown, &folders)?;
                return Ok(Some(found.select(selected.map(|at| folders[at].as_str()))));
            }
        }
        let Some((text, shown)) = yaml else { continue };
        match read::version_of(&text, &shown)? {
            Version::V2 => {
                let file = read::read(&text, &shown)?;
                let paths: Vec<_> = file.modules.iter().map(|it| it.path.clone()).collect();
                if let Some(selected) = position(paths.iter().map(String::as_str), &here, dir == first)? {
                    let found = Workspace::new(dir, shown, file);
                    return Ok(Some(found.select(selected.map(|at| paths[at].as_str()))));
                }
            }
            _ if dir == first => own = Some(Workspace::new(dir, shown.clone(), read::read(&text, &shown)?)),
            _ if !files.counts_below(dir) => {}
            // A module around the folder, unless its roots are elsewhere.
            _ => {
                let file = read::read(&text, &shown)?;
                if file.modules.iter().flat_map(|it| &it.roots).any(|it| it == Path::new(".")) {
                    return Err(use_path(&here, "."));
                }
            }
        }
    }
    Ok(own)
}

/// The workspace that a text, given in place of a file, describes for a folder.
pub(crate) fn from_text(text: &str, shown: &str, dir: &Path) -> Result<Workspace, Error> {
    let file = read::read(text, shown)?;
    Ok(Workspace::new(dir, shown.to_owned(), file))
}

/// Way from one folder down to another, with forward slashes; `.` when it is the same.
fn inside(folder: &Path, outer: &Path) -> String {
    let rest = folder.strip_prefix(outer).unwrap_or(Path::new(""));
    let parts: Vec<_> = rest.iter().map(|it| it.to_string_lossy()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// `None`: the workspace is not about the folder. `Some(None)`: all of it is meant. `Some(Some(n))`: this module.
fn position<'m>(
    mut modules: impl Iterator<Item = &'m str> + Clone,
    folder: &str,
    whole: bool,
) -> Result<Option<Option<usize>>, Error> {
    if whole {
        return Ok(Some(None));
    }
    if let Some(at) = modules.clone().position(|it| it == folder) {
        return Ok(Some(Some(at)));
    }
    match modules.find(|it| is_below(folder, it)) {
        Some(module) => Err(use_path(folder, module)),
        None => Ok(None),
    }
}

fn use_path(folder: &str, module: &str) -> Error {
    let message = format!("`{folder}` lies inside of the module `{module}` of a workspace");
    let help = "give the workspace or the module as input, and the folder with `--path`";
    Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)])
}

fn fault(file: &str, message: String, help: String) -> Error {
    Error::new(ErrorKind::Input, vec![Diagnostic::new(message).in_file(file).with_help(help)])
}

/// The modules of a `buf.work.yaml`, each with the `buf.yaml` in its folder.
fn old_workspace(
    files: &dyn ConfigFiles,
    dir: &Path,
    shown: String,
    folders: &[String],
) -> Result<Workspace, Error> {
    let mut found = Workspace {
        dir: dir.to_owned(),
        files: vec![shown],
        modules: Vec::new(),
        selected: None,
        deps: Vec::new(),
        notes: Vec::new(),
        top: Module { version: Version::V1, ..Module::plain() },
    };
    for folder in folders {
        let module = match files.read(&dir.join(folder), FILE_NAME)? {
            None => Module { version: Version::V1, ..Module::plain() },
            Some((text, shown)) => {
                let mut file = read::read(&text, &shown)?;
                if file.version == Version::V2 {
                    let message = "a module of a `buf.work.yaml` has `version: v1` or `v1beta1`".to_owned();
                    let help = "in v2, `modules` of one `buf.yaml` take the place of `buf.work.yaml`";
                    return Err(fault(&shown, message, help.to_owned()));
                }
                found.files.push(shown.clone());
                found.note(&shown, &file);
                found.files.push(shown);
                found.deps.append(&mut file.deps);
                file.modules.swap_remove(0)
            }
        };
        found.modules.push(read::moved(module, folder));
    }
    found.sort();
    Ok(found)
}

impl Workspace {
    fn new(dir: &Path, shown: String, file: BufYaml) -> Self {
        let mut found = Self {
            dir: dir.to_owned(),
            files: Vec::new(),
            modules: Vec::new(),
            selected: None,
            deps: Vec::new(),
            notes: Vec::new(),
            top: file.top.clone(),
        };
        found.note(&shown, &file);
        found.files.push(shown);
        found.deps = file.deps;
        found.modules = file.modules;
        found.sort();
        found
    }

    fn sort(&mut self) {
        self.modules.sort_by(|a, b| (a.key(), &a.includes).cmp(&(b.key(), &b.includes)));
    }

    fn select(mut self, path: Option<&str>) -> Self {
        self.selected = path.and_then(|path| self.modules.iter().position(|it| it.path == path));
        self
    }

    fn note(&mut self, shown: &str, file: &BufYaml) {
        for (what, names) in [("plugin", &file.plugins), ("policy", &file.policies)] {
            for name in names {
                self.notes
                    .push(format!("{shown}: the {what} `{name}` is not run: only the built-in rules are"));
            }
        }
        for module in &file.modules {
            for (name, section) in [("lint", &module.lint), ("breaking", &module.breaking)] {
                if section.disable_builtin {
                    let path = &module.path;
                    self.notes.push(format!("{shown}: `disable_builtin` leaves no {name} rule for `{path}`"));
                }
            }
        }
    }
}
