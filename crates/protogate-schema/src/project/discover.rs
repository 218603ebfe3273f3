//! Finds the configuration of a folder: `protogate.toml`, or buf's files in its place.

use std::fs;
use std::io::{ErrorKind as IoErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::way::{relative, shortest};
use super::{FILE_NAME, MAX_BYTES, Project, at_path, join, shown};
use crate::buf::{self, ConfigFiles, Workspace};
use crate::error::{Diagnostic, Error, ErrorKind};

/// Names of all files that configure a folder.
const NAMES: [&str; 3] = [FILE_NAME, buf::FILE_NAME, buf::WORK_FILE_NAME];

impl Project {
    /// The project in this very folder: its `protogate.toml`, or `buf.yaml` or `buf.work.yaml` in its place, or without any the
    /// default, whose import root is the folder.
    ///
    /// # Errors
    /// When `dir` is no folder, or its configuration cannot be read or is wrong, or there are two.
    pub fn discover(dir: &Path) -> Result<Self, Error> {
        let real = real_folder(dir)?;
        Self::configured(&Disk::new(dir), std::slice::from_ref(&real), dir)
    }

    /// As [`Self::discover`]; a folder without a `protogate.toml` or a v2 `buf.yaml` of its own belongs to the workspace of buf
    /// around it that names it as a module, and is then its only target.
    ///
    /// # Errors
    /// As [`Self::discover`], and when the folder lies inside of a module.
    pub fn around(dir: &Path) -> Result<Self, Error> {
        let real = real_folder(dir)?;
        let folders: Vec<PathBuf> = real.ancestors().map(Path::to_owned).collect();
        Self::configured(&Disk::new(dir), &folders, dir)
    }

    /// The project of a single file: that of the nearest folder around it, links resolved, that has a configuration, else the
    /// file's own folder. With modules, the file's is the selected one.
    ///
    /// # Errors
    /// As [`Self::around`].
    pub fn of_file(file: &Path) -> Result<Self, Error> {
        let own = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let Ok(real) = fs::canonicalize(&own) else {
            return Self::parse("", "", &own).map(Self::unconfigured);
        };
        let Some(folder) = real.ancestors().find(|it| NAMES.iter().any(|name| it.join(name).is_file()))
        else {
            return Self::parse("", "", &own).map(Self::unconfigured);
        };
        let shown = if folder == real { own.clone() } else { as_typed(file, folder) };
        let mut project =
            if folder.join(FILE_NAME).is_file() { Self::discover(&shown)? } else { Self::around(&shown)? };
        let top = fs::canonicalize(project.dir()).ok();
        let inside = |project: &Self, root: &PathBuf| {
            let root = fs::canonicalize(join(project.dir(), root)).ok();
            root.and_then(|it| real.strip_prefix(it).ok().map(Path::to_owned)).zip(top.as_ref()).is_some()
        };
        if project.modules.is_empty() {
            return Ok(project);
        }
        // The innermost, where one module lies inside of another.
        let found = (0..project.roots().len())
            .filter(|&at| inside(&project, &project.roots()[at]))
            .max_by_key(|&at| project.roots()[at].components().count());
        match found {
            Some(root) => {
                project.selected = project.module_of(root);
                Ok(project)
            }
            // The workspace is not about this file.
            None => Self::parse("", "", &own).map(Self::unconfigured),
        }
    }

    fn unconfigured(mut self) -> Self {
        self.file = None;
        self
    }

    /// Reads a configuration in buf's form from its text, for a folder. `file` is what messages call it.
    ///
    /// Its paths count from the folder, or from the current one if that has the folder as a module.
    ///
    /// # Errors
    /// Every mistake in it, with its place.
    pub fn parse_buf(text: &str, file: &str, dir: &Path) -> Result<Self, Error> {
        let mut found = buf::from_text(text, file, dir)?;
        let current = std::env::current_dir().and_then(fs::canonicalize).ok();
        let inside = fs::canonicalize(dir).ok().zip(current).filter(|_| dir.is_relative());
        let inside = inside.and_then(|(dir, current)| {
            dir.strip_prefix(&current).ok().map(super::files::slashed).filter(|it| !it.is_empty())
        });
        let module = inside.and_then(|inside| found.modules.iter().position(|it| it.path == inside));
        if module.is_some() {
            found.selected = module;
            return Ok(Self::of_workspace(found, PathBuf::from(".")));
        }
        Ok(Self::of_workspace(found, dir.to_owned()))
    }

    /// The same folder with the configuration of another project.
    #[must_use]
    pub fn configured_by(&self, other: &Self) -> Self {
        Self { dir: self.dir.clone(), ..other.clone() }
    }

    /// The project of the first of these folders, which go upwards; `dir` is that folder as messages call it.
    pub(crate) fn configured(
        files: &dyn ConfigFiles,
        folders: &[PathBuf],
        dir: &Path,
    ) -> Result<Self, Error> {
        let Some(first) = folders.first() else { return Self::parse("", "", dir).map(Self::unconfigured) };
        if let Some((text, shown)) = files.read(first, FILE_NAME)? {
            for name in [buf::FILE_NAME, buf::WORK_FILE_NAME] {
                if let Some((_, other)) = files.read(first, name)? {
                    let message = format!("the folder has a `{name}` too, and only one of the two can count");
                    let help = format!(
                        "keep `{FILE_NAME}`, which can also hold the baseline and waivers, and delete `{other}`; or keep `{name}` as it is and delete `{shown}`"
                    );
                    let fault = Diagnostic::new(message).in_file(&shown).with_help(help);
                    return Err(Error::new(ErrorKind::Input, vec![fault]));
                }
            }
            return Self::parse(&text, &shown, dir).map(|mut it| {
                it.path = dir.join(FILE_NAME);
                it
            });
        }
        let Some(found) = buf::find(files, folders)? else {
            return Self::parse("", "", dir).map(Self::unconfigured);
        };
        let place = if found.dir == *first { dir.to_owned() } else { files.folder(&found.dir) };
        Ok(Self::of_workspace(found, place))
    }

    fn of_workspace(found: Workspace, dir: PathBuf) -> Self {
        let file = found.files.first().cloned();
        Self {
            path: file.as_deref().map(PathBuf::from).unwrap_or_default(),
            file,
            dir,
            text: "".into(),
            proto: super::ProtoSection { roots: vec![PathBuf::from(".")], exclude: Vec::new() },
            baseline: super::Baseline::Unset,
            modules: found.modules,
            selected: found.selected,
            top: Some(found.top),
            deps: found.deps,
            notes: found.notes,
            narrow: super::files::Narrow::default(),
            skip_links: false,
        }
    }
}

fn real_folder(dir: &Path) -> Result<PathBuf, Error> {
    match fs::metadata(dir) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(at_path(dir, ErrorKind::Input, "is no folder")),
        Err(error) => {
            return Err(at_path(dir, ErrorKind::Input, format!("folder cannot be opened: {error}")));
        }
    }
    fs::canonicalize(dir)
        .map_err(|error| at_path(dir, ErrorKind::Input, format!("folder cannot be opened: {error}")))
}

/// A folder without links as the user would have typed it.
fn as_typed(typed: &Path, real: &Path) -> PathBuf {
    match std::env::current_dir().and_then(fs::canonicalize) {
        Ok(current) if typed.is_relative() => relative(&current, real),
        _ => real.to_owned(),
    }
}

/// Configurations in folders.
struct Disk<'a> {
    typed: &'a Path,
}

impl<'a> Disk<'a> {
    fn new(typed: &'a Path) -> Self {
        Self { typed }
    }
}

impl ConfigFiles for Disk<'_> {
    fn read(&self, folder: &Path, name: &str) -> Result<Option<(String, String)>, Error> {
        let path = folder.join(name);
        let display = || shortest(join(&self.folder(folder), Path::new(name)));
        let fail = |kind, message: String| Err(at_path(&display(), kind, message));
        match fs::metadata(&path) {
            Err(error) if matches!(error.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(error) => fail(ErrorKind::Environment, format!("cannot be opened: {error}")),
            Ok(found) if !found.is_file() => fail(ErrorKind::Input, "is no regular file".to_owned()),
            Ok(found) if found.len() > MAX_BYTES => {
                fail(ErrorKind::Input, format!("has {} bytes, the limit is {MAX_BYTES}", found.len()))
            }
            Ok(_) => {
                let mut bytes = Vec::new();
                if let Err(error) =
                    fs::File::open(&path).and_then(|it| it.take(MAX_BYTES).read_to_end(&mut bytes))
                {
                    return fail(ErrorKind::Environment, format!("cannot be read: {error}"));
                }
                match String::from_utf8(bytes) {
                    Ok(text) => Ok(Some((text, shown(&display())))),
                    Err(error) => {
                        let at = error.utf8_error().valid_up_to();
                        fail(ErrorKind::Input, format!("is not UTF-8: the byte at offset {at} is not valid"))
                    }
                }
            }
        }
    }

    fn counts_below(&self, folder: &Path) -> bool {
        self.typed.is_absolute()
            || std::env::current_dir().and_then(fs::canonicalize).is_ok_and(|it| folder.starts_with(it))
    }

    fn folder(&self, real: &Path) -> PathBuf {
        if fs::canonicalize(self.typed).is_ok_and(|it| it == real) {
            return self.typed.to_owned();
        }
        as_typed(self.typed, real)
    }
}
