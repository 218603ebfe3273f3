//! Which file below which import root is what: a target, there to be imported, or not there at all.
//!
//! One answer for every kind of input. In a `protogate.toml`, excluded files may still be imported; in a module of buf they do not
//! exist. Paths that the command line narrows the targets to leave the others there to be imported.

use std::path::{Path, PathBuf};

use super::{Project, join as join_paths, shortest, shown};
use crate::buf::{is_below, join};
use crate::model::Schema;

/// What a file is to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Asked for.
    Target,
    /// There for others to import.
    Import,
    /// No part of the project.
    Absent,
}

/// Paths that targets are narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Narrow {
    /// Files and folders relative to the project's folder; empty: all.
    pub(crate) paths: Vec<String>,
    /// The same, left out.
    pub(crate) exclude: Vec<String>,
}

impl Narrow {
    /// Whether a file, relative to the project's folder, is meant.
    pub(crate) fn takes(&self, file: &str) -> bool {
        (self.paths.is_empty() || self.paths.iter().any(|it| is_below(file, it)))
            && !self.exclude.iter().any(|it| is_below(file, it))
    }
}

impl Project {
    /// The import roots in order, relative to [`Self::dir`].
    #[must_use]
    pub fn roots(&self) -> Vec<PathBuf> {
        if self.modules.is_empty() {
            return self.proto.roots.clone();
        }
        self.modules.iter().flat_map(|it| &it.roots).cloned().collect()
    }

    /// The module that an import root belongs to, by the root's place in [`Self::roots`]; `None` without modules.
    #[must_use]
    pub fn module_of(&self, root: usize) -> Option<usize> {
        let mut end = 0;
        self.modules.iter().position(|it| {
            end += it.roots.len();
            root < end
        })
    }

    /// The module that a file of a schema belongs to, which was read by this project.
    #[must_use]
    pub fn module_of_file(&self, schema: &Schema, import_name: &str) -> Option<usize> {
        let display = schema.origin().display_path(import_name);
        let roots = self.roots();
        let found = (0..roots.len()).find(|&at| {
            let root = shortest(join_paths(&self.dir, &roots[at]));
            self.role(at, import_name) != Role::Absent
                && shown(&join_paths(&root, Path::new(import_name))) == display
        });
        found.and_then(|root| self.module_of(root))
    }

    /// Whether the file with this import name, in some root, is among what the targets are narrowed to.
    #[must_use]
    pub fn takes_import(&self, import_name: &str) -> bool {
        self.roots().iter().any(|root| self.narrow.takes(&join(&slashed(root), import_name)))
    }

    /// What the file with this path below a root is.
    #[must_use]
    pub fn role(&self, root: usize, inside: &str) -> Role {
        let roots = self.roots();
        let Some(folder) = roots.get(root) else { return Role::Absent };
        let file = join(&slashed(folder), inside);
        let Some(module) = self.module_of(root) else {
            let excluded = self.proto.exclude.iter().any(|it| is_below(&file, &join(".", &slashed(it))));
            return if !excluded && self.narrow.takes(&file) { Role::Target } else { Role::Import };
        };
        let of = &self.modules[module];
        if of.excludes.iter().any(|it| is_below(&file, it))
            || !(of.includes.is_empty() || of.includes.iter().any(|it| is_below(&file, it)))
        {
            Role::Absent
        } else if self.selected.is_some_and(|it| it != module) || !self.narrow.takes(&file) {
            Role::Import
        } else {
            Role::Target
        }
    }

    /// Whether targets can be found in a folder below a root, so that it has to be looked at.
    #[must_use]
    pub fn enters(&self, root: usize, inside: &str) -> bool {
        let roots = self.roots();
        let Some(folder) = roots.get(root) else { return false };
        let folder = join(&slashed(folder), inside);
        let around = |paths: &[String]| {
            paths.is_empty() || paths.iter().any(|it| is_below(&folder, it) || is_below(it, &folder))
        };
        if !around(&self.narrow.paths) || self.narrow.exclude.iter().any(|it| is_below(&folder, it)) {
            return false;
        }
        let Some(module) = self.module_of(root) else {
            return !self.proto.exclude.iter().any(|it| is_below(&folder, &join(".", &slashed(it))));
        };
        let of = &self.modules[module];
        self.selected.is_none_or(|it| it == module)
            && !of.excludes.iter().any(|it| is_below(&folder, it))
            && around(&of.includes)
    }

    /// Narrows the targets to these files and folders, relative to [`Self::dir`]; no `paths`: to all but `exclude`.
    #[must_use]
    pub fn narrowed(mut self, paths: Vec<String>, exclude: Vec<String>) -> Self {
        self.narrow = Narrow { paths, exclude };
        self
    }

    /// Whether the targets are narrowed.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.narrow != Narrow::default()
    }

    /// With the targets of one module alone; the others are there to be imported.
    #[must_use]
    pub fn only_module(&self, module: usize) -> Self {
        Self { selected: Some(module), ..self.clone() }
    }
}

pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
