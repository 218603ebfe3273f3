//! `breaking` and `lint` over the modules of an input: which configuration each has, and what it is compared with.
//!
//! The defaults are buf's. Where buf compares a workspace of several modules with a descriptor set, which has no modules, it takes the
//! first module alone; here every module is compared with its share of the set.

use std::collections::{HashMap, HashSet};

use protogate_check::{
    BreakingConfig, ConfigError, ConfigVersion, Direction, Earlier, Profile, Report, check_lint,
    check_several,
};
use protogate_schema::{Input, Project, Schema};

use crate::args::Selection;
use crate::escape;
use crate::failure::Failure;
use crate::images::{Images, Part};
use crate::project::{Promise, Subject};

/// What an input is compared with.
#[derive(Debug)]
pub(crate) struct Past {
    /// What it is called.
    pub(crate) name: String,
    pub(crate) images: Images,
    /// It has modules of its own, or could have.
    with_modules: bool,
}

/// How the comparison is limited.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    /// Imported files are left out.
    pub(crate) exclude_imports: bool,
    /// Of the past, only files count that the input has.
    pub(crate) input_files: bool,
}

fn usage(error: &ConfigError) -> Failure {
    Failure::usage(error.to_string())
}

/// Lints every module.
pub(crate) fn lint(
    subject: &Subject,
    images: &Images,
    selection: &Selection,
    profile: Profile,
) -> Result<Report, Failure> {
    let mut report = Report { notes: images.project.notes().to_vec(), ..Report::default() };
    for part in &images.parts {
        if module(&images.project, part).is_some_and(|it| it.lint.disable_builtin) {
            continue;
        }
        let mut config = subject.lint_of(&images.project, part.module, selection)?;
        config.profile = profile;
        if is_bare(images, profile) {
            config.version = ConfigVersion::V1;
            config.disallow_comment_ignores = true;
        }
        report = report.merge(check_lint(&part.schema, &config).map_err(|error| usage(&error))?);
    }
    report.files = images.files();
    tidy(&mut report);
    Ok(report)
}

/// Compares every module with what it was.
pub(crate) fn breaking(
    subject: &Subject,
    images: &Images,
    past: &[Past],
    selection: &Selection,
    profile: Profile,
    limits: Limits,
    direction: Direction,
) -> Result<Report, Failure> {
    let mut report = Report { notes: images.project.notes().to_vec(), ..Report::default() };
    let config_of = |part: &Part| -> Result<BreakingConfig, Failure> {
        let mut config = subject.breaking_of(&images.project, part.module, selection)?;
        config.profile = profile;
        config.exclude_imports = limits.exclude_imports;
        if is_bare(images, profile) {
            config.version = ConfigVersion::V1;
        }
        Ok(config)
    };
    for it in past {
        refuse_unequal(images, it)?;
    }
    for part in &images.parts {
        if module(&images.project, part).is_some_and(|it| it.breaking.disable_builtin) {
            continue;
        }
        let mut schemas = Vec::new();
        for it in past {
            if let Some(schema) = counterpart(images, part, it)? {
                schemas.push((it.name.as_str(), schema));
            }
        }
        let earlier: Vec<Earlier<'_>> =
            schemas.iter().map(|(name, schema)| Earlier { name, schema: schema.get() }).collect();
        let found = check_several(&part.schema, &earlier, &config_of(part)?, direction)
            .map_err(|error| usage(&error))?;
        report = report.merge(found);
    }
    report.files = images.files();
    tidy(&mut report);
    Ok(report)
}

/// Notes are said once, however many modules they come from.
fn tidy(report: &mut Report) {
    let mut seen = HashSet::new();
    report.notes.retain(|it| seen.insert(it.clone()));
}

fn module<'p>(project: &'p Project, part: &Part) -> Option<&'p protogate_schema::buf::Module> {
    part.module.and_then(|at| project.modules().get(at))
}

/// What nothing configures has the rules of v1, as buf has it.
fn is_bare(images: &Images, profile: Profile) -> bool {
    profile == Profile::Buf && images.project.file().is_none()
}

/// A schema at hand or made for the purpose.
enum Counterpart<'a> {
    There(&'a Schema),
    Made(Box<Schema>),
}

impl Counterpart<'_> {
    fn get(&self) -> &Schema {
        match self {
            Self::There(schema) => schema,
            Self::Made(schema) => schema,
        }
    }
}

/// What a module is compared with; `None` when nothing.
fn counterpart<'a>(images: &Images, part: &Part, past: &'a Past) -> Result<Option<Counterpart<'a>>, Failure> {
    let old = &past.images;
    if images.parts.len() > 1 && !past.with_modules {
        return share(images, part, old.whole()).map(Some);
    }
    let at = images.position(part);
    let found = old.parts.iter().find(|it| old.modules() == 1 || old.position(it) == at);
    // With fewer modules in the past, the first ones are compared.
    let found = found.filter(|_| old.modules() > at);
    Ok(found.map(|it| Counterpart::There(&it.schema)))
}

/// Of a schema without modules, the files that a module has, and those that are gone and were nearest to its files.
fn share<'a>(images: &Images, part: &Part, old: &Schema) -> Result<Counterpart<'a>, Failure> {
    let mut owners: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut here = 0;
    for (at, it) in images.parts.iter().enumerate() {
        if std::ptr::eq(it, part) {
            here = at;
        }
        for (_, file) in it.schema.files() {
            owners.entry(&file.path).or_default().push(at);
        }
    }
    let nearest = |path: &str| {
        let common = |other: &str| path.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count();
        let closeness = |it: &Part| {
            it.schema.files().filter(|(_, file)| !file.is_import).map(|(_, file)| common(&file.path)).max()
        };
        let parts = images.parts.iter().enumerate();
        parts.max_by_key(|(at, it)| (closeness(it), std::cmp::Reverse(*at))).map_or(0, |(at, _)| at)
    };
    let schema = old.restricted(|path| match owners.get(path) {
        Some(owners) => owners.contains(&here),
        None => nearest(path) == here,
    })?;
    Ok(Counterpart::Made(Box::new(schema)))
}

/// Modules are paired by their place, so their counts must agree; new ones at the end may have no counterpart as long as it is clear
/// which rules hold.
fn refuse_unequal(images: &Images, past: &Past) -> Result<(), Failure> {
    let (new, old) = (images.modules(), past.images.modules());
    if new == old || !past.with_modules {
        return Ok(());
    }
    let modules = images.project.modules();
    let one_config = modules.windows(2).all(|it| it[0].breaking == it[1].breaking);
    if new > old && one_config {
        return Ok(());
    }
    let name = escape::line(&past.name);
    let message = format!("the input has {new} modules, and `{name}` has {old}: they cannot be paired");
    let help = "compare module by module (`protogate breaking MODULE --against …`), or with a baseline file, which has no modules";
    Err(Failure::usage(message).with_help(help))
}

impl Past {
    /// An accepted schema, such as the baseline.
    pub(crate) fn accepted(promise: Promise, project: &Project) -> Self {
        let images = Images::of_image(promise.schema, project.clone());
        Self { name: promise.name, images, with_modules: false }
    }

    /// Reads what `--against` names, as far as the input is about it.
    pub(crate) fn read(
        subject: &Subject,
        current: &Images,
        text: &str,
        config: Option<&str>,
        limits: Limits,
    ) -> Result<Self, Failure> {
        let mut past = Subject::find_with(text, config)?;
        past.input = subject.same_folder(past.input)?;
        let mut images = past.images()?;
        let with_modules = matches!(past.input, Input::Directory(_) | Input::Git { .. } | Input::Archive(_));
        if subject.scope.is_set() {
            let mut layout = current.project.clone();
            if with_modules {
                layout = subject.scope.narrow(images.project.clone());
            }
            let image = matches!(subject.input, Input::Image(_));
            images = images.restrict(|path| {
                if image { subject.scope.takes_import(path) } else { layout.takes_import(path) }
            })?;
        }
        let names = |imports: bool| -> HashSet<&str> {
            let files = current.parts.iter().flat_map(|it| it.schema.files());
            files.filter(|(_, file)| imports || !file.is_import).map(|(_, file)| file.path.as_str()).collect()
        };
        let is_file = |input: &Input| matches!(input, Input::ProtoFile(_) | Input::PackageOf(_));
        if limits.input_files {
            let names = names(true);
            images = images.restrict_with_imports(|path| names.contains(path))?;
        } else if is_file(&subject.input) && !is_file(&past.input) {
            // Of a single file nothing follows for the others.
            let names = names(false);
            images = images.restrict_with_imports(|path| names.contains(path))?;
        }
        let with_modules = with_modules && !is_file(&subject.input);
        Ok(Self { name: text.to_owned(), images, with_modules })
    }
}
