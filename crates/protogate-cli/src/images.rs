//! An input as the rules look at it: one schema for each module, narrowed to what was asked about.
//!
//! Every module is an image of its own, with the files of other modules as imports, because that is what buf compares. Modules are
//! compiled together where they can be, and one by one where two of them declare the same thing or share files.

use std::collections::HashMap;

use protogate_schema::compile::recompile;
use protogate_schema::{Diagnostic, Error, ErrorKind, Input, Project, Schema, load};

use crate::failure::Failure;
use crate::project::Subject;

/// The schemas of an input.
#[derive(Debug)]
pub(crate) struct Images {
    /// One for each module that has targets, in the order in which they are paired; else a single one.
    pub(crate) parts: Vec<Part>,
    /// All in one, when there are several.
    whole: Option<Schema>,
    /// Who says what the rules are.
    pub(crate) project: Project,
}

/// A module's schema, or that of an input without modules.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) schema: Schema,
    /// Place in the project's modules.
    pub(crate) module: Option<usize>,
}

impl Images {
    /// One schema that knows where every file was found.
    pub(crate) fn whole(&self) -> &Schema {
        self.whole.as_ref().unwrap_or(&self.parts[0].schema)
    }

    /// The same, when nothing else is needed any more.
    pub(crate) fn into_whole(mut self) -> Schema {
        self.whole.take().unwrap_or_else(|| self.parts.swap_remove(0).schema)
    }

    /// Target files of all parts.
    pub(crate) fn files(&self) -> usize {
        let of = |part: &Part| part.schema.files().filter(|(_, file)| !file.is_import).count();
        self.parts.iter().map(of).sum()
    }

    /// A schema that has no modules.
    pub(crate) fn of_image(schema: Schema, project: Project) -> Self {
        Self { parts: vec![Part { schema, module: None }], whole: None, project }
    }

    /// How many modules are compared with those of another input; one when there are none.
    pub(crate) fn modules(&self) -> usize {
        if self.project.selected().is_some() { 1 } else { self.project.modules().len().max(1) }
    }

    /// Place of a part among [`Self::modules`].
    pub(crate) fn position(&self, part: &Part) -> usize {
        if self.project.selected().is_some() { 0 } else { part.module.unwrap_or(0) }
    }

    fn single(schema: Schema, project: Project) -> Self {
        let module = project.selected().or((project.modules().len() == 1).then_some(0));
        Self { parts: vec![Part { schema, module }], whole: None, project }
    }

    /// Splits what was read together into the modules.
    fn split(schema: Schema, project: Project) -> Result<Self, Failure> {
        if project.modules().len() < 2 || project.selected().is_some() {
            return Ok(Self::single(schema, project));
        }
        let modules: Vec<(String, Option<usize>)> = schema
            .files()
            .filter(|(_, file)| !file.is_import)
            .map(|(_, file)| (file.path.clone(), project.module_of_file(&schema, &file.path)))
            .collect();
        let mut parts = Vec::new();
        for at in 0..project.modules().len() {
            let of: std::collections::HashSet<&str> =
                modules.iter().filter(|(_, it)| *it == Some(at)).map(|(path, _)| path.as_str()).collect();
            // A module whose files were all narrowed away has nothing to say.
            if !of.is_empty() {
                let schema = schema.restricted(|path| of.contains(path))?;
                parts.push(Part { schema, module: Some(at) });
            }
        }
        if parts.is_empty() {
            return Ok(Self::single(schema, project));
        }
        Ok(Self { parts, whole: Some(schema), project })
    }

    /// Modules that are no single schema, each read alone.
    fn one_by_one(
        project: Project,
        read: impl Fn(Project) -> Result<Schema, Error>,
    ) -> Result<Self, Failure> {
        let mut parts: Vec<Part> = Vec::new();
        let mut faults = Vec::new();
        let mut sources = std::collections::HashMap::new();
        let mut kind = ErrorKind::Input;
        for at in 0..project.modules().len() {
            match read(project.only_module(at)) {
                Ok(schema) => parts.push(Part { schema, module: Some(at) }),
                // Nothing of the module is left of what was asked for.
                Err(error)
                    if project.is_narrowed() && error.diagnostics().iter().all(|it| it.path.is_none()) => {}
                Err(error) => {
                    if error.kind() == ErrorKind::Environment {
                        kind = ErrorKind::Environment;
                    }
                    for diagnostic in error.diagnostics() {
                        if let Some((path, text)) = diagnostic
                            .path
                            .as_ref()
                            .and_then(|path| Some((path.clone(), error.source_text(path)?.into())))
                        {
                            sources.insert(path, text);
                        }
                        faults.push(diagnostic.clone());
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(kind, faults).with_sources(sources).into());
        }
        let mut names = std::collections::HashMap::new();
        for part in &parts {
            for (_, file) in part.schema.files().filter(|(_, file)| !file.is_import) {
                let here = part.schema.origin().display_path(&file.path);
                if let Some(other) = names.insert(file.path.as_str(), here) {
                    let message = format!("`{other}` has the same import name `{}`", file.path);
                    let help = "an import name may exist once in a workspace";
                    faults.push(Diagnostic::new(message).in_file(here).with_help(help));
                }
            }
        }
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::Input, faults).into());
        }
        let Some(first) = parts.first() else {
            return Err(Failure::usage("no `.proto` files are left")
                .with_help("no file is at the given paths, or all are excluded"));
        };
        let mut whole = first.schema.restricted(|path| {
            first.schema.find_file(path).is_some_and(|id| !first.schema.file(id).is_import)
        })?;
        for part in &parts[1..] {
            whole = whole.with_places_of(&part.schema);
        }
        Ok(Self { parts, whole: Some(whole), project })
    }

    /// The same with some sources replaced, compiled in memory; by import name.
    pub(crate) fn recompiled(&self, texts: &HashMap<String, String>) -> Result<Self, Failure> {
        let again = |schema: &Schema| {
            let own = texts.iter().filter(|(name, _)| schema.find_file(name).is_some());
            recompile(schema, &own.map(|(name, text)| (name.clone(), text.clone())).collect())
        };
        let mut parts = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            parts.push(Part { schema: again(&part.schema)?, module: part.module });
        }
        let whole = self.whole.as_ref().map(again).transpose()?;
        Ok(Self { parts, whole, project: self.project.clone() })
    }

    /// Looks at some files alone, by import name; what they import stays with them.
    pub(crate) fn restrict(self, keep: impl Fn(&str) -> bool) -> Result<Self, Failure> {
        let mut parts = Vec::new();
        for part in self.parts {
            let takes = |path: &str| {
                keep(path) && part.schema.find_file(path).is_some_and(|id| !part.schema.file(id).is_import)
            };
            parts.push(Part { schema: part.schema.restricted(takes)?, module: part.module });
        }
        Ok(Self { parts, ..self })
    }

    /// As [`Self::restrict`], imports becoming targets where they are taken.
    pub(crate) fn restrict_with_imports(self, keep: impl Fn(&str) -> bool) -> Result<Self, Failure> {
        let mut parts = Vec::new();
        for part in self.parts {
            parts.push(Part { schema: part.schema.restricted(&keep)?, module: part.module });
        }
        Ok(Self { parts, ..self })
    }
}

impl Subject {
    /// Reads the input, module by module.
    pub(crate) fn images(&self) -> Result<Images, Failure> {
        match &self.input {
            Input::Directory(_) => match load::load_project(&self.project) {
                Ok(schema) => Images::split(schema, self.project.clone()),
                Err(error) if self.project.modules().len() < 2 || self.project.selected().is_some() => {
                    Err(error.into())
                }
                Err(_) => Images::one_by_one(self.project.clone(), |it| load::load_project(&it)),
            },
            Input::Archive(_) | Input::Git { .. } => self.images_of_snapshot(),
            Input::ProtoFile(_) | Input::PackageOf(_) => {
                Ok(Images::single(load::load(&self.input)?, self.project.clone()))
            }
            Input::Image(_) => {
                let images = Images::of_image(load::load(&self.input)?, self.project.clone());
                if !self.scope.is_set() {
                    return Ok(images);
                }
                let images = images.restrict(|path| self.scope.takes_import(path))?;
                if images.files() == 0 {
                    return Err(Failure::usage("no files are left")
                        .with_help("no file is at the given paths, or all are excluded; in a descriptor set, paths are import names"));
                }
                Ok(images)
            }
        }
    }

    /// What is in a revision or an archive has its configuration with it, unless `--config` says otherwise.
    fn images_of_snapshot(&self) -> Result<Images, Failure> {
        let adjust = |found: Project| {
            let project = if self.configured { found.configured_by(&self.project) } else { found };
            Ok(self.scope.narrow(project))
        };
        let own = |found: Option<Project>| match found {
            Some(found) if found.file().is_some() || self.configured => found,
            _ => self.project.clone(),
        };
        match load::load_with(&self.input, &adjust) {
            Ok(found) => Images::split(found.schema, own(found.project)),
            Err(error) => {
                // Once more for the project alone, to see whether the modules can be read one by one.
                let seen = std::cell::RefCell::new(None);
                let look = |found: Project| {
                    let project = adjust(found)?;
                    seen.replace(Some(project.clone()));
                    Err(Error::message("only looked at"))
                };
                let _ = load::load_with(&self.input, &look);
                match seen.into_inner() {
                    Some(project) if project.modules().len() > 1 && project.selected().is_none() => {
                        Images::one_by_one(project, |module| {
                            let only = module.selected();
                            let choose = |found: Project| {
                                let project = adjust(found)?;
                                Ok(only.map_or(project.clone(), |at| project.only_module(at)))
                            };
                            load::load_with(&self.input, &choose).map(|it| it.schema)
                        })
                    }
                    _ => Err(error.into()),
                }
            }
        }
    }
}
