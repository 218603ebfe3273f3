//! From arguments to the things a command works on: project, schema, baseline, rule configuration.
//!
//! The one place that says which configuration belongs to an input, and what flags change about its sections.

use std::path::{Component, Path};

use protogate_check::{BreakingConfig, Earlier, LintConfig, Report, Waivers};
use protogate_schema::buf::Module;
use protogate_schema::project::{Baseline, FILE_NAME};
use protogate_schema::{Input, Project, Schema, baseline, load};

use crate::args::{InputArgs, ScopeArgs, Selection};
use crate::config;
use crate::failure::Failure;
use crate::scope::Scope;

/// An input with the project that it belongs to.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) input: Input,
    pub(crate) project: Project,
    /// The configuration was given with `--config`.
    pub(crate) configured: bool,
    /// What of the input is looked at.
    pub(crate) scope: Scope,
}

/// The schema to compare with, and what to call it.
#[derive(Debug)]
pub(crate) struct Promise {
    pub(crate) schema: Schema,
    pub(crate) name: String,
}

impl Promise {
    /// As the rules want it.
    pub(crate) fn earlier(&self) -> Earlier<'_> {
        Earlier { name: &self.name, schema: &self.schema }
    }
}

/// What one of several inputs is called: the revision of a git input, else the input.
pub(crate) fn short_name(input: &str) -> &str {
    let options = input.rsplit_once('#').map_or("", |(_, options)| options);
    let named = options.split(',').find_map(|option| {
        ["branch=", "commit=", "ref=", "tag="].iter().find_map(|key| option.strip_prefix(key))
    });
    named.unwrap_or(input)
}

impl Subject {
    /// Finds the project of an input: that of the folder or file, else that of the current folder.
    pub(crate) fn find(args: &InputArgs) -> Result<Self, Failure> {
        Self::find_with(&args.input, args.config.as_deref())
    }

    /// The same, narrowed to some paths.
    pub(crate) fn find_in(args: &InputArgs, scope: &ScopeArgs) -> Result<Self, Failure> {
        let mut subject = Self::find(args)?;
        subject.scope = Scope::new(scope, &subject.input, &subject.project)?;
        subject.project = subject.scope.narrow(subject.project);
        Ok(subject)
    }

    /// Finds the project of an input in its notation, unless a configuration is given.
    pub(crate) fn find_with(input: &str, config: Option<&str>) -> Result<Self, Failure> {
        let input = Input::parse(input)?;
        input.check()?;
        let project = match (&input, config) {
            (Input::Directory(dir), None) => Project::around(dir)?,
            (Input::ProtoFile(file) | Input::PackageOf(file), None) => Project::of_file(file)?,
            (_, None) => Project::discover(Path::new("."))?,
            (Input::Directory(dir), Some(config)) => config::read(config, dir)?,
            (Input::ProtoFile(file) | Input::PackageOf(file), Some(config)) => {
                let found = Project::of_file(file)?;
                config::read(config, found.dir())?
            }
            (_, Some(config)) => config::read(config, Path::new("."))?,
        };
        Ok(Self { input, project, configured: config.is_some(), scope: Scope::default() })
    }

    /// Compiles or reads the input.
    pub(crate) fn load(&self) -> Result<Schema, Failure> {
        Ok(match &self.input {
            // The project is at hand, and may come from `--config`.
            Input::Directory(_) => load::load_project(&self.project)?,
            _ if self.scope.is_set() => self.images()?.into_whole(),
            other => load::load(other)?,
        })
    }

    /// The schema to compare with: `--against`, else the configured baseline; `None` when the project has none.
    ///
    /// A configured baseline that is not there is an error: a gate that is open because a file is missing is no gate.
    pub(crate) fn promise(&self, against: Option<&str>) -> Result<Option<Promise>, Failure> {
        if let Some(text) = against {
            let input = Input::parse(text)?;
            let schema = load::load(&self.same_folder(input)?)?;
            return Ok(Some(Promise { schema, name: text.to_owned() }));
        }
        let name = match self.project.baseline() {
            Baseline::File(path) => path.display().to_string(),
            Baseline::Git(rev) => format!("git {rev}"),
            Baseline::None | Baseline::Unset => return Ok(None),
        };
        Ok(baseline::load(&self.project)?.map(|schema| Promise { schema, name }))
    }

    /// For a folder without a configuration of its own: the folder and that of the project around it.
    pub(crate) fn inside_of_project(&self) -> Option<(String, String)> {
        let Input::Directory(folder) = &self.input else { return None };
        let real = folder.canonicalize().ok()?;
        let has_config = |it: &&Path| it.join(FILE_NAME).is_file();
        if self.configured || has_config(&&*real) {
            return None;
        }
        let outer = real.ancestors().skip(1).find(has_config)?;
        let up = real.strip_prefix(outer).ok()?.components().count();
        let mut shown = folder.clone();
        for _ in 0..up {
            if matches!(shown.components().next_back(), Some(Component::Normal(_))) {
                shown.pop();
            } else {
                shown.push("..");
            }
        }
        let shown = match shown.strip_prefix(".") {
            Ok(rest) if !rest.as_os_str().is_empty() => rest.to_owned(),
            _ if shown.as_os_str().is_empty() => ".".into(),
            _ => shown,
        };
        Some((folder.display().to_string(), shown.display().to_string()))
    }

    /// The schemas to compare with, each `--against` in turn, else the configured baseline; none when the project has none.
    pub(crate) fn promises(&self, against: &[String]) -> Result<Vec<Promise>, Failure> {
        if against.is_empty() {
            return Ok(self.promise(None)?.into_iter().collect());
        }
        let mut promises = Vec::with_capacity(against.len());
        for text in against {
            promises.extend(self.promise(Some(text))?);
        }
        if promises.len() > 1 {
            promises.iter_mut().for_each(|it| it.name = short_name(&it.name).to_owned());
        }
        Ok(promises)
    }

    /// A revision of the repository that the project's folder lies in, without a folder of its own, stands for the same folder.
    pub(crate) fn same_folder(&self, against: Input) -> Result<Input, Failure> {
        let (Input::Directory(dir), Input::Git { repo, rev, subdir: None }) = (&self.input, &against) else {
            return Ok(against);
        };
        if self.project.file().is_none() || !repo.is_dir() {
            return Ok(against);
        }
        let (here, there) = (baseline::folder_in_repository(dir)?, baseline::folder_in_repository(repo)?);
        Ok(match (here, there) {
            (Some((top, inside)), Some((other, _))) if top == other => {
                Input::Git { repo: repo.clone(), rev: rev.clone(), subdir: inside }
            }
            _ => against,
        })
    }

    /// Whether a file of the baseline is one of those that were asked about: of single files nothing follows for the others.
    pub(crate) fn is_about(&self, path: &str, current: &Schema) -> bool {
        !matches!(self.input, Input::ProtoFile(_) | Input::PackageOf(_))
            || current.files().any(|(_, file)| !file.is_import && file.path == path)
    }

    /// Leaves out the findings about files of the baseline that were not asked about.
    pub(crate) fn about_input(&self, mut report: Report, current: &Schema) -> Report {
        report
            .findings
            .retain(|it| it.against.as_ref().is_none_or(|against| self.is_about(&against.path, current)));
        report
    }

    /// The baseline file of the project, for commands that write or read it.
    pub(crate) fn baseline_file(&self) -> Result<&Path, Failure> {
        match self.project.baseline() {
            Baseline::File(path) => Ok(path),
            Baseline::Git(rev) => Err(Failure::environment(format!("the baseline of this project is the git revision `{rev}`, not a file"))
                .with_help("a revision is accepted by merging into it; for a file set `[baseline] file = \"proto/baseline.binpb\"`")),
            Baseline::None | Baseline::Unset => Err(no_baseline()),
        }
    }

    /// `[breaking]` with what the flags change.
    pub(crate) fn breaking(&self, selection: &Selection) -> Result<BreakingConfig, Failure> {
        self.breaking_of(&self.project, self.only_module(), selection)
    }

    /// `[lint]` with what the flags change.
    pub(crate) fn lint(&self, selection: &Selection) -> Result<LintConfig, Failure> {
        self.lint_of(&self.project, self.only_module(), selection)
    }

    /// The `breaking` section of a module, else of the project, with what the flags change.
    pub(crate) fn breaking_of(
        &self,
        project: &Project,
        module: Option<usize>,
        selection: &Selection,
    ) -> Result<BreakingConfig, Failure> {
        let mut config = match self.section_owner(project, module) {
            Some(module) => BreakingConfig::from(module),
            None => BreakingConfig { roots: roots(project), ..project.section("breaking")? },
        };
        if !selection.rules.is_empty() {
            config.r#use.clone_from(&selection.rules);
            config.except.clear();
        }
        config.except.extend(selection.except.iter().cloned());
        Ok(config)
    }

    /// The `lint` section of a module, else of the project, with what the flags change.
    pub(crate) fn lint_of(
        &self,
        project: &Project,
        module: Option<usize>,
        selection: &Selection,
    ) -> Result<LintConfig, Failure> {
        let mut config = match self.section_owner(project, module) {
            Some(module) => LintConfig::from(module),
            None => LintConfig { roots: roots(project), ..project.section("lint")? },
        };
        if !selection.rules.is_empty() {
            config.r#use.clone_from(&selection.rules);
            config.except.clear();
        }
        config.except.extend(selection.except.iter().cloned());
        Ok(config)
    }

    /// Of a descriptor set, the file's own sections count; it has no modules.
    fn section_owner<'p>(&self, project: &'p Project, module: Option<usize>) -> Option<&'p Module> {
        if matches!(self.input, Input::Image(_)) {
            return project.top();
        }
        module.and_then(|at| project.modules().get(at)).or_else(|| project.top())
    }

    fn only_module(&self) -> Option<usize> {
        let modules = self.project.modules().len();
        self.project.selected().or((modules == 1).then_some(0))
    }

    /// The `[[waiver]]` tables.
    pub(crate) fn waivers(&self) -> Result<Waivers, Failure> {
        let mut waivers: Waivers = self.project.section("waiver")?;
        waivers.places = self.project.table_places("waiver");
        waivers.path = self.project.file().map(|path| {
            let shown = path.strip_prefix(".").unwrap_or(&path);
            shown.to_string_lossy().replace('\\', "/")
        });
        Ok(waivers)
    }
}

fn roots(project: &Project) -> Vec<String> {
    project.proto().roots.iter().map(|root| root.to_string_lossy().replace('\\', "/")).collect()
}

/// What to say when a command needs a baseline and the project has none.
pub(crate) fn no_baseline() -> Failure {
    Failure::environment("there is nothing to compare with: the project has no baseline").with_help(format!(
        "give `--against INPUT`, or set `[baseline] file = \"proto/baseline.binpb\"` in `{FILE_NAME}` and run `protogate baseline accept`"
    ))
}

/// Reads a schema for a command that has no project, such as `call --schema`.
pub(crate) fn load_schema(text: &str) -> Result<Schema, Failure> {
    let input = Input::parse(text)?;
    Ok(load::load(&input)?)
}
