//! Reads a project from folders: finds the targets below its import roots, and hands the compiler what it asks for.
//!
//! Only regular files whose real path is inside a root are opened, so a link cannot show a file from elsewhere and a FIFO or
//! device cannot hold the compiler up. Links to folders are not followed when targets are looked for.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::package::package_of;
use super::sources::Source;
use crate::compile::tree::{Found, Refused, Tree, unclean};
use crate::compile::{MAX_FILE_BYTES, MAX_FILES, compile_tree};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::model::Schema;
use crate::project::{FILE_NAME, Project, Role, join, shortest, shown};

/// An import root.
struct Root {
    /// As the user knows it.
    path: PathBuf,
    /// Without links.
    real: PathBuf,
}

/// What the search found under an import name.
struct Target {
    root: usize,
    /// The directory entry was a regular file, reached without links.
    plain: bool,
}

struct Disk {
    project: Project,
    roots: Vec<Root>,
    targets: HashMap<String, Target>,
    /// What was searched.
    directories: Vec<PathBuf>,
    /// Folders that were left out because they are hidden or a cache.
    skipped: Vec<PathBuf>,
    /// Real path → import names and roots of the files that were read.
    read: Mutex<BTreeMap<PathBuf, Vec<(String, usize)>>>,
}

pub(super) fn load_project(project: &Project) -> Result<Schema, Error> {
    let disk = find_targets(project)?;
    let mut targets: Vec<_> = disk.targets.keys().cloned().collect();
    targets.sort_unstable();
    let schema = compile_tree(&disk, targets).map_err(|error| project.explain_missing(error))?;
    Ok(disk.finish(schema, project))
}

/// The files below the roots, at least one.
fn find_targets(project: &Project) -> Result<Disk, Error> {
    let mut disk = open_roots(project)?;
    let empty = disk.search()?;
    if let Some(module) = empty.first().filter(|_| !project.modules().is_empty()) {
        let message = format!("the module `{module}` has no `.proto` files");
        let help = "correct its `path`, `includes` and `excludes`, or take it out of the configuration";
        return Err(Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)]));
    }
    if disk.targets.is_empty() {
        let roots: Vec<_> = disk.roots.iter().map(|it| format!("`{}`", shown(&it.path))).collect();
        let help = if project.is_narrowed() {
            "no file is at the given paths, or all are excluded"
        } else if project.file().is_some() {
            "`roots` and `exclude` of `[proto]` say where files are looked for"
        } else {
            "name the folder of the proto files, or write a `protogate.toml` with `[proto]` `roots`"
        };
        let what =
            if project.is_narrowed() { "no `.proto` files are left" } else { "there are no `.proto` files" };
        let message = format!("{what} below {}", roots.join(", "));
        return Err(Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)]));
    }
    Ok(disk)
}

/// The target files as they are written.
pub(super) fn sources(project: &Project) -> Result<Vec<Source>, Error> {
    let disk = find_targets(project)?;
    let mut targets: Vec<_> = disk.targets.iter().collect();
    targets.sort_unstable_by_key(|(name, _)| *name);
    let read = |(name, target): (&String, &Target)| {
        let root = &disk.roots[target.root];
        let path = join(&root.path, Path::new(name));
        let display = shown(&path);
        let Some(real) = disk.resolve(&path, root, &display)? else { return Ok(None) };
        let bytes = read_bounded(&real, &display)?;
        Ok(Some(Source { path: display, file: Some(real), bytes }))
    };
    let refused = |it: Refused| Error::new(it.kind, vec![*it.diagnostic]);
    targets.into_iter().filter_map(|it| read(it).map_err(refused).transpose()).collect()
}

/// One file as it is written.
pub(super) fn source(path: &Path) -> Result<Source, Error> {
    let display = shown(path);
    let refuse = |message: String| Refused::input(&display, message);
    let read = || {
        let real = fs::canonicalize(path).map_err(|error| refuse(format!("cannot be opened: {error}")))?;
        let bytes = read_bounded(&real, &display)?;
        Ok(Source { path: display.clone(), file: Some(real), bytes })
    };
    read().map_err(|it: Refused| Error::new(it.kind, vec![*it.diagnostic]))
}

/// One file: with the roots of the project that it lies in, else with its own folder.
pub(super) fn load_file(path: &Path) -> Result<Schema, Error> {
    let place = locate(path)?;
    let schema = compile_tree(&place.disk, vec![place.import])
        .map_err(|error| place.disk.project.explain_missing(error))?;
    place.disk.finish_file(schema, place.project.as_ref(), path)
}

/// One file and the others of its package, in the same project or folder.
pub(super) fn load_package(path: &Path) -> Result<Schema, Error> {
    let Place { import, project, mut disk } = locate(path)?;
    disk.search()?;
    let package = |name: &str| {
        let found = disk.read(name).map_err(|it| Error::new(it.kind, vec![*it.diagnostic]))?;
        Ok::<_, Error>(found.map(|it| package_of(&it.bytes)))
    };
    let wanted = package(&import)?;
    let mut targets = vec![import];
    for name in disk.targets.keys() {
        // Of a file that cannot be read, nobody asked for it as long as nobody imports it.
        if *name != targets[0] && package(name).is_ok_and(|it| it == wanted) {
            targets.push(name.clone());
        }
    }
    targets.sort_unstable();
    // Looking was not reading yet.
    disk.read = Mutex::default();
    let schema = compile_tree(&disk, targets)?;
    disk.finish_file(schema, project.as_ref(), path)
}

/// Where a single file is: its import name below the roots of its project.
struct Place {
    import: String,
    project: Option<Project>,
    disk: Disk,
}

fn locate(path: &Path) -> Result<Place, Error> {
    let display = shown(path);
    let fail = |kind, message: String| Error::new(kind, vec![Diagnostic::new(message).in_file(&display)]);
    let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else {
        return Err(fail(ErrorKind::Input, "is no file".to_owned()));
    };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    fs::symlink_metadata(path).map_err(|error| match error.kind() {
        IoErrorKind::NotFound => fail(ErrorKind::Input, "there is no such file".to_owned()),
        _ => fail(ErrorKind::Environment, format!("cannot be opened: {error}")),
    })?;
    let folder = fs::canonicalize(parent)
        .map_err(|error| fail(ErrorKind::Environment, format!("cannot be opened: {error}")))?;
    let real = folder.join(name);

    let project = Project::of_file(path)?;
    if project.file().is_some() {
        let disk = open_roots(&project)?;
        let inside =
            disk.roots.iter().enumerate().filter(|(at, _)| {
                project.selected().is_none_or(|module| project.module_of(*at) == Some(module))
            });
        let mut inside = inside.filter_map(|(_, root)| real.strip_prefix(&root.real).ok());
        if let Some(import) = inside.next().and_then(import_name) {
            let has = |at: usize, root: &Root| {
                project.role(at, &import) != Role::Absent && root.path.join(&import).exists()
            };
            let first = disk.roots.iter().enumerate().find(|(at, root)| has(*at, root)).map(|(_, root)| root);
            if let Some(first) = first.filter(|root| root.real.join(&import) != real) {
                let shadow = shown(&join(&first.path, Path::new(&import)));
                return Err(fail(
                    ErrorKind::Input,
                    format!("is hidden by `{shadow}`, which has the same import name in an earlier root"),
                ));
            }
            return Ok(Place { import, project: Some(project), disk });
        }
    }
    let import = import_name(Path::new(name))
        .ok_or_else(|| fail(ErrorKind::Input, "has a name that is not UTF-8".to_owned()))?;
    let alone = Project::parse("", FILE_NAME, parent)?;
    Ok(Place { import, project: None, disk: open_roots(&alone)? })
}

fn import_name(path: &Path) -> Option<String> {
    let parts: Option<Vec<_>> = path.iter().map(|it| it.to_str()).collect();
    parts.map(|it| it.join("/"))
}

fn open_roots(project: &Project) -> Result<Disk, Error> {
    let modules = project.modules();
    let mut found = Vec::new();
    let mut faults = Vec::new();
    let mut kind = ErrorKind::Input;
    for (at, root) in project.roots().iter().enumerate() {
        let mut path = join(project.dir(), root);
        if !modules.is_empty() {
            path = shortest(path);
        }
        let fault = |message: String| {
            Diagnostic::new(message).with_help("import roots are set in `roots` of `[proto]`")
        };
        match fs::canonicalize(&path) {
            Ok(real) if real.is_dir() => {
                // One folder may be two modules, with other files each.
                if let Some(first) = found.iter().find(|it: &&Root| modules.is_empty() && it.real == real) {
                    let message = format!(
                        "the import roots `{}` and `{}` are one folder",
                        shown(&first.path),
                        shown(&path)
                    );
                    faults.push(fault(message));
                }
                found.push(Root { path, real });
            }
            Ok(_) => faults.push(fault(format!("the import root `{}` is no folder", shown(&path)))),
            Err(error) if error.kind() == IoErrorKind::NotFound && project.module_of(at).is_some() => {
                // As a folder without files, which is what it is to its module.
                found.push(Root { real: path.clone(), path });
            }
            Err(error) if error.kind() == IoErrorKind::NotFound => {
                faults.push(fault(format!("the import root `{}` does not exist", shown(&path))));
            }
            Err(error) => {
                kind = ErrorKind::Environment;
                faults.push(fault(format!("the import root `{}` cannot be opened: {error}", shown(&path))));
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::new(kind, faults));
    }
    Ok(Disk::new(project.clone(), found))
}

impl Disk {
    fn new(project: Project, roots: Vec<Root>) -> Self {
        let (directories, skipped) = (Vec::new(), Vec::new());
        Self { project, roots, targets: HashMap::new(), directories, skipped, read: Mutex::default() }
    }

    /// Finds the `.proto` files below the roots. A name that two roots have belongs to the first.
    ///
    /// Left out are hidden files and folders, and folders that declare themselves a cache (`CACHEDIR.TAG`, as cargo's `target`
    /// does). The result are the paths of modules without files, as far as they were searched.
    fn search(&mut self) -> Result<Vec<String>, Error> {
        let project = self.project.clone();
        let mut seen = vec![false; project.modules().len()];
        let mut searched = seen.clone();
        let mut faults = Vec::new();
        let mut kind = ErrorKind::Input;
        for index in 0..self.roots.len() {
            let top = self.roots[index].path.clone();
            let module = project.module_of(index);
            if module.is_some_and(|it| project.selected().is_some_and(|only| only != it)) {
                continue;
            }
            if let Some(module) = module {
                searched[module] = true;
                if !self.roots[index].real.is_dir() {
                    continue;
                }
            }
            let mut open = vec![(top, String::new())];
            while let Some((folder, prefix)) = open.pop() {
                let entries = match fs::read_dir(&folder) {
                    Ok(entries) => entries,
                    Err(error) => {
                        kind = ErrorKind::Environment;
                        let message = format!("folder cannot be read: {error}");
                        faults.push(Diagnostic::new(message).in_file(shown(&folder)));
                        continue;
                    }
                };
                self.directories.push(folder.clone());
                for entry in entries.flatten() {
                    let file_name = entry.file_name();
                    let Ok(of) = entry.file_type() else { continue };
                    let hidden = file_name.as_encoded_bytes().starts_with(b".");
                    let proto = Path::new(&file_name).extension().is_some_and(|it| it == "proto");
                    if hidden && of.is_dir() {
                        self.skipped.push(join(&folder, Path::new(&file_name)));
                    }
                    if hidden || !(of.is_dir() || proto) {
                        continue;
                    }
                    if project.skips_links() && of.is_symlink() {
                        continue;
                    }
                    let path = join(&folder, Path::new(&file_name));
                    let name = file_name.to_str().map(|it| format!("{prefix}{it}"));
                    let why = name.as_deref().map_or(Some("is not UTF-8"), unclean);
                    let name = match (name, why) {
                        (Some(name), None) => name,
                        // Folders without proto files may have any name.
                        _ if of.is_dir() => continue,
                        (_, why) => {
                            let shown = path.to_string_lossy().escape_debug().to_string();
                            faults.push(Diagnostic::new(format!(
                                "the file name `{shown}` {}",
                                why.unwrap_or("is wrong")
                            )));
                            continue;
                        }
                    };
                    if of.is_dir() {
                        if !project.enters(index, &name) {
                            // A module has files if only they are narrowed away.
                            if let Some(module) = module.filter(|_| project.is_narrowed()) {
                                seen[module] = true;
                            }
                        } else if path.join("CACHEDIR.TAG").exists() {
                            self.skipped.push(path);
                        } else {
                            open.push((path, format!("{name}/")));
                        }
                        continue;
                    }
                    let role = project.role(index, &name);
                    if let Some(module) = module.filter(|_| role != Role::Absent) {
                        seen[module] = true;
                    }
                    if role != Role::Target {
                        continue;
                    }
                    if let (Some(_), Some(first)) = (module, self.targets.get(&name)) {
                        let other = shown(&join(&self.roots[first.root].path, Path::new(&name)));
                        let message = format!("`{other}` has the same import name `{name}`");
                        let help = "an import name may exist once in a workspace";
                        faults.push(Diagnostic::new(message).in_file(shown(&path)).with_help(help));
                    }
                    self.targets.entry(name).or_insert(Target { root: index, plain: of.is_file() });
                    if self.targets.len() > MAX_FILES {
                        let message = format!("there are more than {MAX_FILES} `.proto` files");
                        return Err(Error::new(
                            ErrorKind::Input,
                            vec![Diagnostic::new(message).with_help(
                                "exclude what is no part of the project in `exclude` of `[proto]`",
                            )],
                        ));
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(kind, faults));
        }
        let modules = project.modules().iter().zip(seen.iter().zip(&searched));
        Ok(modules
            .filter(|(_, (seen, searched))| !**seen && **searched)
            .map(|(it, _)| it.path.clone())
            .collect())
    }

    /// As [`Self::finish`], for a single file that may lie in no project.
    fn finish_file(self, schema: Schema, project: Option<&Project>, path: &Path) -> Result<Schema, Error> {
        if let Some(project) = project {
            return Ok(self.finish(schema, project));
        }
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut schema = self.finish(schema, &Project::parse("", FILE_NAME, parent)?);
        schema.origin.files.retain(|it| it.file_name().is_none_or(|it| it != FILE_NAME));
        Ok(schema)
    }

    fn finish(self, mut schema: Schema, project: &Project) -> Schema {
        let origin = &mut schema.origin;
        project.dir().clone_into(&mut origin.root);
        let read = self.read.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let names = read.into_values().flatten();
        origin.files = names.map(|(name, root)| join(&self.roots[root].path, Path::new(&name))).collect();
        origin.files.extend(project.file());
        origin.files.sort_unstable();
        // Who watches a folder watches all that is in it: one around a cache, such as `target`, would change all the time.
        let holds_skipped = |dir: &Path| {
            self.skipped.iter().any(|it| it.starts_with(dir) || dir == Path::new(".") && it.is_relative())
        };
        origin.directories = self.directories.iter().filter(|it| !holds_skipped(it)).cloned().collect();
        origin.directories.sort_unstable();
        schema
    }

    /// The real path of a file in a root, if the file is there and may be opened.
    fn resolve(&self, path: &Path, root: &Root, display: &str) -> Result<Option<PathBuf>, Refused> {
        match fs::symlink_metadata(path) {
            Err(error) if matches!(error.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(Refused::environment(display, format!("cannot be opened: {error}"))),
            Ok(found) if found.is_symlink() && self.project.skips_links() => return Ok(None),
            Ok(_) => {}
        }
        let real = fs::canonicalize(path)
            .map_err(|error| Refused::input(display, format!("is a link that leads nowhere: {error}")))?;
        if !real.starts_with(&root.real) {
            let mut refused =
                Refused::input(display, "is or goes through a symbolic link that leaves its import root");
            refused.diagnostic.help =
                Some("copy the file, or name its folder in `roots` of `[proto]`".to_owned());
            return Err(refused);
        }
        match fs::metadata(&real) {
            Ok(found) if found.is_file() => Ok(Some(real)),
            Ok(_) => Err(Refused::input(display, "is no regular file")),
            Err(error) => Err(Refused::environment(display, format!("cannot be opened: {error}"))),
        }
    }
}

impl Tree for Disk {
    fn project(&self) -> Option<String> {
        let roots: Option<Vec<_>> = self.roots.iter().map(|it| it.real.to_str()).collect();
        roots.map(|it| it.join("\n"))
    }

    fn read(&self, name: &str) -> Result<Option<Found>, Refused> {
        let target = self.targets.get(name);
        let roots = match target {
            Some(target) => &self.roots[target.root..=target.root],
            None => &self.roots,
        };
        for (index, root) in roots.iter().enumerate() {
            if target.is_none() && self.project.role(index, name) == Role::Absent {
                continue;
            }
            let path = join(&root.path, Path::new(name));
            let display = shown(&path);
            let real = match target {
                Some(Target { plain: true, .. }) => Some(root.real.join(name)),
                _ => self.resolve(&path, root, &display)?,
            };
            let Some(real) = real else { continue };
            let bytes = read_bounded(&real, &display)?;
            let index = target.map_or(index, |it| it.root);
            let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            read.entry(real).or_default().push((name.to_owned(), index));
            return Ok(Some(Found { display, bytes }));
        }
        Ok(None)
    }

    fn names(&self) -> Vec<String> {
        if !self.targets.is_empty() {
            return self.targets.keys().cloned().collect();
        }
        // A single file was asked for, so nobody has searched yet.
        let roots =
            self.roots.iter().map(|it| Root { path: it.path.clone(), real: it.real.clone() }).collect();
        let mut search = Self::new(self.project.clone(), roots);
        match search.search() {
            Ok(_) => search.targets.into_keys().collect(),
            Err(_) => Vec::new(),
        }
    }

    /// One file under two import names would be two files that declare the same things.
    fn check(&self) -> Vec<Diagnostic> {
        let read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // One message for two roots, however many files they share: the first file's names, and how many there are.
        let mut pairs = BTreeMap::new();
        for names in read.values().filter(|it| it.len() > 1) {
            let mut names: Vec<_> = names.iter().collect();
            names.sort_unstable_by_key(|(name, root)| (*root, name.as_str()));
            let entry = pairs.entry((names[0].1, names[1].1)).or_insert_with(|| (names.clone(), 0));
            entry.1 += 1;
        }
        let faults = pairs.into_iter().map(|((first, second), (names, count))| {
            let (one, two) = (&names[0].0, &names[1].0);
            let path = |root: usize, name: &str| shown(&join(&self.roots[root].path, Path::new(name)));
            let more =
                if count > 1 { format!("; further files like it: {}", count - 1) } else { String::new() };
            if first == second {
                let message =
                    format!("is the same file as `{}`, through a symbolic link{more}", path(first, one));
                return Diagnostic::new(message)
                    .in_file(path(second, two))
                    .with_help("exclude one of the two in `exclude` of `[proto]`");
            }
            let message = format!(
                "the file has two import names: `{one}` (root `{}`) and `{two}` (root `{}`){more}",
                shown(&self.roots[first].path),
                shown(&self.roots[second].path),
            );
            Diagnostic::new(message).in_file(path(first, one)).with_help(
                "the roots overlap: keep one of them, or exclude the inner folder in `exclude` of `[proto]`",
            )
        });
        faults.collect()
    }
}

/// The content of a file that was a regular one a moment ago.
fn read_bounded(path: &Path, display: &str) -> Result<Vec<u8>, Refused> {
    let unreadable = |error: std::io::Error| match error.kind() {
        IoErrorKind::NotFound => Refused::input(display, "is no longer there"),
        _ => Refused::environment(display, format!("cannot be read: {error}")),
    };
    let found = fs::symlink_metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(Refused::input(display, "is no regular file"));
    }
    let too_long = || {
        Refused::input(display, format!("has more than {MAX_FILE_BYTES} bytes, the limit for a source file"))
    };
    if found.len() > MAX_FILE_BYTES {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0) + 1);
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_long()) } else { Ok(bytes) }
}
