//! From arguments to the things a command works on: project, schema, baseline, rule configuration.
//!
//! The one place that says which `protogate.toml` belongs to an input, and what flags change about its sections.

use std::path::{Path, PathBuf};

use protogate_check::{BreakingConfig, LintConfig, Report, Waivers};
use protogate_schema::project::{Baseline, FILE_NAME};
use protogate_schema::{Input, Project, Schema, baseline, load};

use crate::args::{InputArgs, Selection};
use crate::escape;
use crate::failure::Failure;

/// Longest configuration that `--config` reads, in bytes.
const MAX_CONFIG: u64 = 1 << 20;

/// An input with the project that it belongs to.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) input: Input,
    pub(crate) project: Project,
}

/// The schema to compare with, and what to call it.
#[derive(Debug)]
pub(crate) struct Promise {
    pub(crate) schema: Schema,
    pub(crate) name: String,
}

impl Subject {
    /// Finds the project of an input: the folder itself, the nearest one above a file, else the current folder.
    pub(crate) fn find(args: &InputArgs) -> Result<Self, Failure> {
        let input = Input::parse(&args.input)?;
        refuse_unsupported(&input)?;
        let dir = match &input {
            Input::Directory(dir) => dir.clone(),
            Input::ProtoFile(file) => Project::folder_around(file),
            Input::DescriptorSet(_) | Input::Git { .. } => PathBuf::from("."),
        };
        let project = match &args.config {
            None => Project::discover(&dir)?,
            Some(file) => {
                let text = read_config(file)?;
                Project::parse(&text, &file.to_string_lossy(), &dir)?
            }
        };
        Ok(Self { input, project })
    }

    /// Compiles or reads the input.
    pub(crate) fn load(&self) -> Result<Schema, Failure> {
        Ok(match &self.input {
            // The project is at hand, and may come from `--config`.
            Input::Directory(_) => load::load_project(&self.project)?,
            other => load::load(other)?,
        })
    }

    /// The schema to compare with: `--against`, else the configured baseline; `None` when the project has none.
    ///
    /// A configured baseline that is not there is an error: a gate that is open because a file is missing is no gate.
    pub(crate) fn promise(&self, against: Option<&str>) -> Result<Option<Promise>, Failure> {
        if let Some(text) = against {
            let input = Input::parse(text)?;
            refuse_unsupported(&input)?;
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

    /// A revision of the repository that the project's folder lies in, without a folder of its own, stands for the same folder.
    fn same_folder(&self, against: Input) -> Result<Input, Failure> {
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

    /// Whether a file of the baseline is one of those that were asked about: of a single file nothing follows for the others.
    pub(crate) fn is_about(&self, path: &str, current: &Schema) -> bool {
        !matches!(self.input, Input::ProtoFile(_))
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
        let mut config: BreakingConfig = self.project.section("breaking")?;
        if !selection.rules.is_empty() {
            config.r#use.clone_from(&selection.rules);
            config.except.clear();
        }
        config.except.extend(selection.except.iter().cloned());
        config.roots = self.roots();
        Ok(config)
    }

    /// `[lint]` with what the flags change.
    pub(crate) fn lint(&self, selection: &Selection) -> Result<LintConfig, Failure> {
        let mut config: LintConfig = self.project.section("lint")?;
        if !selection.rules.is_empty() {
            config.r#use.clone_from(&selection.rules);
            config.except.clear();
        }
        config.except.extend(selection.except.iter().cloned());
        config.roots = self.roots();
        Ok(config)
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

    fn roots(&self) -> Vec<String> {
        self.project.proto().roots.iter().map(|root| root.to_string_lossy().replace('\\', "/")).collect()
    }
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
    refuse_unsupported(&input)?;
    Ok(load::load(&input)?)
}

/// Inputs of the notation that are not read yet end up as folders that do not exist; they deserve a better message.
fn refuse_unsupported(input: &Input) -> Result<(), Failure> {
    let Input::Directory(path) = input else { return Ok(()) };
    let text = path.to_string_lossy();
    let endings = [".tar", ".tar.gz", ".tgz", ".zip", ".json", ".gz", ".zst", ".yaml", ".txtpb"];
    let what = if text == "-" {
        "reading a schema from stdin"
    } else if !path.is_dir() && endings.iter().any(|ending| text.ends_with(ending)) {
        "this kind of file"
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!("`{}`: {what} is not supported yet", escape::line(&text)))
        .with_help("give a folder, a .proto file, a descriptor set (.binpb, .bin, .pb, .desc) or a git revision (`.git#branch=main`)"))
}

fn read_config(file: &Path) -> Result<String, Failure> {
    let name = file.display();
    let missing = |error: std::io::Error| Failure::usage(format!("`{name}` cannot be read: {error}"));
    let found = std::fs::metadata(file).map_err(missing)?;
    if !found.is_file() || found.len() > MAX_CONFIG {
        return Err(Failure::usage(format!("`{name}` is no regular file of at most {MAX_CONFIG} bytes")));
    }
    std::fs::read_to_string(file).map_err(missing)
}
