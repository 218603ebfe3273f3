//! A folder with its configuration: the one reader of `protogate.toml`, so that command line and build script agree.
//!
//! buf's files may stand in its place; [`crate::buf`] reads them and `discover` decides which counts.
//!
//! The types of most sections belong to the crates that act on them ([`Project::section`]); only `[proto]` and `[baseline]` are
//! read here. Nothing in here looks at proto files.

mod discover;
mod files;
mod way;

use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::buf::Module;
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::line_index::LineIndex;
use crate::load::check_revision;
use crate::model::span::Span;
use crate::nearest::suggest;

pub use files::Role;
pub(crate) use way::shortest;

/// Name of the configuration file.
pub const FILE_NAME: &str = "protogate.toml";

/// Top-level keys of the file, whoever owns them.
const SECTIONS: [&str; 6] = ["baseline", "breaking", "codegen", "lint", "proto", "waiver"];

/// Longest configuration that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A folder with its configuration.
#[derive(Debug, Clone)]
pub struct Project {
    dir: PathBuf,
    /// As shown in diagnostics; `None` when there is no file and the defaults hold.
    file: Option<String>,
    /// As it can be opened, beside `file`.
    path: PathBuf,
    text: Arc<str>,
    proto: ProtoSection,
    baseline: Baseline,
    /// Of buf's files; none with a `protogate.toml`.
    modules: Vec<Module>,
    /// The module that alone has targets.
    selected: Option<usize>,
    /// The file's own sections.
    top: Option<Module>,
    deps: Vec<String>,
    notes: Vec<String>,
    narrow: files::Narrow,
    skip_links: bool,
}

/// `[proto]`: where the project's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtoSection {
    /// Import roots in order, relative to [`Project::dir`]; never empty. Default: the folder itself.
    pub roots: Vec<PathBuf>,
    /// Files and folders that are no targets but may be imported, relative to [`Project::dir`].
    pub exclude: Vec<PathBuf>,
}

/// `[baseline]`: where the accepted schema is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Baseline {
    /// A descriptor set; the path has [`Project::dir`] in front and can be opened as it is.
    File(PathBuf),
    /// A git revision of the same project.
    Git(String),
    /// The project says that it has none: `none = true`.
    None,
    /// The project says nothing.
    Unset,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawProto {
    roots: Option<Vec<String>>,
    #[serde(default)]
    exclude: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    file: Option<String>,
    git: Option<String>,
    none: Option<bool>,
}

impl Project {
    /// The folder of the project that a file lies in: the nearest one around it, links resolved, that has a configuration, else the
    /// file's own. A path that was typed relative stays relative where the current folder is around the result.
    #[must_use]
    pub fn folder_around(file: &Path) -> PathBuf {
        let own = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        folder_around(file, &own).unwrap_or(own)
    }

    /// Reads a configuration from its text. `file` is its path, which diagnostics show and [`Self::file`] returns.
    ///
    /// # Errors
    /// Every syntax error; then every unknown key and wrong value of `[proto]` and `[baseline]`, with its place.
    pub fn parse(text: &str, file: &str, dir: &Path) -> Result<Self, Error> {
        let mut project = Self {
            dir: dir.to_owned(),
            file: Some(file.to_owned()),
            path: PathBuf::from(file),
            text: Arc::from(text),
            proto: ProtoSection { roots: vec![PathBuf::from(".")], exclude: Vec::new() },
            baseline: Baseline::Unset,
            modules: Vec::new(),
            selected: None,
            top: None,
            deps: Vec::new(),
            notes: Vec::new(),
            narrow: files::Narrow::default(),
            skip_links: false,
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let found =
                errors.iter().map(|error| project.fault(error.span(), lower(error.message()))).collect();
            return Err(project.error(found));
        }
        let mut found: Vec<Diagnostic> = table
            .get_ref()
            .keys()
            .filter(|key| !SECTIONS.contains(&key.get_ref().as_ref()))
            .map(|key| {
                let name = key.get_ref();
                project
                    .fault(Some(key.span()), format!("`{name}` is no section of `{FILE_NAME}`"))
                    .with_label("not known")
                    .with_help(suggest(name, SECTIONS))
            })
            .collect();
        let span = |name: &str| table.get_ref().get(name).map(toml::Spanned::span);
        match project.section_or_faults::<RawProto>("proto") {
            Ok(raw) => project.set_proto(raw, span("proto"), &mut found),
            Err(faults) => found.extend(faults),
        }
        match project.section_or_faults::<RawBaseline>("baseline") {
            Ok(raw) => project.set_baseline(raw, span("baseline"), &mut found),
            Err(faults) => found.extend(faults),
        }
        if found.is_empty() { Ok(project) } else { Err(project.error(found)) }
    }

    /// The folder, as given.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The configuration file, as given, `None` when there is none.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.file.as_ref().map(|_| self.path.clone())
    }

    /// The modules of buf's files, sorted as they are paired; empty when the project is a `protogate.toml` or nothing.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The module that alone has targets, by its place in [`Self::modules`].
    #[must_use]
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// What `lint` and `breaking` of a `buf.yaml` say for an input that has no modules, such as a descriptor set.
    #[must_use]
    pub fn top(&self) -> Option<&Module> {
        self.top.as_ref()
    }

    /// What a user should know about the configuration, such as a plugin that is not run.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Symbolic links are left alone, whatever they lead to.
    #[must_use]
    pub fn without_links(mut self) -> Self {
        self.skip_links = true;
        self
    }

    /// Whether symbolic links are left alone.
    #[must_use]
    pub fn skips_links(&self) -> bool {
        self.skip_links
    }

    /// Adds to an error about imports that are not found what to do about the modules of a registry that the project depends on.
    #[must_use]
    pub fn explain_missing(&self, error: Error) -> Error {
        if self.deps.is_empty() {
            return error;
        }
        let names = self.deps.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        let first = self.deps[0].split(':').next().unwrap_or_default();
        let help = format!(
            "nothing is fetched from a registry; if the file is in {names}, put a copy below the workspace (`buf export {first} -o vendor`) and name it as a module or import root"
        );
        error.map_diagnostics(|mut it| {
            if it.message.ends_with("is not found")
                && it.help.as_ref().is_none_or(|it| !it.starts_with("did you mean"))
            {
                it.help = Some(help.clone());
            }
            it
        })
    }

    /// `[proto]`.
    #[must_use]
    pub fn proto(&self) -> &ProtoSection {
        &self.proto
    }

    /// `[baseline]`.
    #[must_use]
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// A section that another crate owns: `breaking`, `lint`, `codegen`, or the array `waiver`. Its default when it is not there.
    ///
    /// `T` says `#[serde(deny_unknown_fields)]`; unknown keys are then reported with the nearest known one.
    ///
    /// # Errors
    /// When the section doesn't fit `T`, with the place in the file.
    pub fn section<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Error> {
        self.section_or_faults(name).map_err(|faults| self.error(faults))
    }

    /// Where the tables of an array of tables, such as `waiver`, stand in the file: the place of each header, in order.
    #[must_use]
    pub fn table_places(&self, name: &str) -> Vec<Span> {
        let Ok(table) = DeTable::parse(&self.text) else { return Vec::new() };
        let Some(DeValue::Array(tables)) = table.get_ref().get(name).map(toml::Spanned::get_ref) else {
            return Vec::new();
        };
        let lines = LineIndex::new(&self.text);
        tables.iter().map(|it| lines.span(it.span())).collect()
    }

    /// An error at a section's first header, for what only the section's owner can judge.
    #[must_use]
    pub fn section_error(&self, section: &str, message: impl Into<String>) -> Error {
        let span = DeTable::parse(&self.text)
            .ok()
            .and_then(|table| table.get_ref().get_key_value(section).map(|(key, _)| key.span()));
        self.error(vec![self.fault(span, message)])
    }

    fn section_or_faults<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Vec<Diagnostic>> {
        let mut table = DeTable::parse(&self.text)
            .map_err(|error| vec![self.fault(error.span(), lower(error.message()))])?
            .into_inner();
        let Some(value) = table.remove(name) else { return Ok(T::default()) };
        let whole = value.span();
        T::deserialize(ValueDeserializer::from(value)).map_err(|error| {
            let span = error.span().unwrap_or(whole);
            vec![self.explain(name, span, error.message())]
        })
    }

    /// Turns serde's words into ours, and finds the nearest known key.
    fn explain(&self, section: &str, span: Range<usize>, message: &str) -> Diagnostic {
        let mut quoted = message.split('`').skip(1).step_by(2);
        let what = if message.starts_with("unknown field") {
            "key"
        } else if message.starts_with("unknown variant") {
            "value"
        } else {
            return self.fault(Some(span), lower(message));
        };
        let Some(wrong) = quoted.next() else { return self.fault(Some(span), lower(message)) };
        let known: Vec<_> = quoted.collect();
        let diagnostic = self
            .fault(Some(span), format!("`{wrong}` is no known {what} of `[{section}]`"))
            .with_label("not known");
        if known.is_empty() {
            diagnostic
        } else {
            diagnostic.with_help(suggest(wrong, known.iter().copied()))
        }
    }

    fn set_proto(&mut self, raw: RawProto, span: Option<Range<usize>>, found: &mut Vec<Diagnostic>) {
        let mut clean = |key: &str, path: String| {
            let result = clean_path(&path);
            if let Err(why) = &result {
                let message = format!("`{path}` in `{key}` of `[proto]` {why}");
                found.push(self.fault(self.place_of(&path, span.clone()), message));
            }
            result.ok()
        };
        let roots: Vec<_> =
            raw.roots.iter().flatten().filter_map(|path| clean("roots", path.clone())).collect();
        let exclude = raw.exclude.into_iter().filter_map(|path| clean("exclude", path)).collect();
        if raw.roots.as_ref().is_some_and(Vec::is_empty) {
            let diagnostic = self
                .fault(span, "`roots` of `[proto]` is empty")
                .with_help("name at least one folder, or leave the key out for the project's own folder");
            found.push(diagnostic);
        }
        if !roots.is_empty() {
            self.proto.roots = roots;
        }
        self.proto.exclude = exclude;
    }

    fn set_baseline(&mut self, raw: RawBaseline, span: Option<Range<usize>>, found: &mut Vec<Diagnostic>) {
        self.baseline = match (raw.file, raw.git, raw.none.unwrap_or(false)) {
            (None, None, false) => Baseline::Unset,
            (None, None, true) => Baseline::None,
            (Some(file), None, false) => match clean_path(&file) {
                Ok(path) => Baseline::File(join(&self.dir, &path)),
                Err(why) => {
                    let message = format!("`{file}` in `file` of `[baseline]` {why}");
                    found.push(self.fault(self.place_of(&file, span), message));
                    return;
                }
            },
            (None, Some(git), false) => match check_revision(&git) {
                Ok(()) => Baseline::Git(git),
                Err(why) => {
                    found.push(self.fault(self.place_of(&git, span), why));
                    return;
                }
            },
            _ => {
                let diagnostic = self
                    .fault(span, "`[baseline]` has more than one of `file`, `git` and `none`")
                    .with_help("keep one of them");
                found.push(diagnostic);
                return;
            }
        };
    }

    /// Place of a quoted value in a section, else of the section. Spans of sections are those of their headers.
    fn place_of(&self, value: &str, section: Option<Range<usize>>) -> Option<Range<usize>> {
        let section = section?;
        let text = self.text.get(section.start..)?;
        let at = ['"', '\''].iter().find_map(|quote| text.find(&format!("{quote}{value}{quote}")));
        Some(at.map_or(section.clone(), |at| section.start + at..section.start + at + value.len() + 2))
    }

    fn fault(&self, span: Option<Range<usize>>, message: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(message).in_file(self.file.as_deref().unwrap_or(FILE_NAME));
        match span {
            Some(span) => diagnostic.at(LineIndex::new(&self.text).span(span)),
            None => diagnostic,
        }
    }

    fn error(&self, found: Vec<Diagnostic>) -> Error {
        let name = self.file.clone().unwrap_or_else(|| FILE_NAME.to_owned());
        Error::new(ErrorKind::Input, found).with_sources([(name, self.text.clone())].into())
    }
}

/// The nearest folder at or above `folder`, which holds the file that was typed, with a configuration.
pub(crate) fn folder_around(typed: &Path, folder: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(folder).ok()?;
    let dir = real.ancestors().find(|it| it.join(FILE_NAME).is_file())?;
    Some(as_typed(typed, dir))
}

/// A folder around the current one as a relative path, if the user typed a relative path.
fn as_typed(typed: &Path, dir: &Path) -> PathBuf {
    let current = std::env::current_dir().and_then(fs::canonicalize);
    match current {
        Ok(current) if typed.is_relative() => {
            dir.strip_prefix(&current).map_or_else(|_| dir.to_owned(), |it| join(it, Path::new("")))
        }
        _ => dir.to_owned(),
    }
}

/// Joins without a `./` in front.
pub(crate) fn join(dir: &Path, path: &Path) -> PathBuf {
    let normal = |path: &Path| path.components().filter(|it| *it != Component::CurDir).collect::<PathBuf>();
    let (mut joined, path) = (normal(dir), normal(path));
    // Joining nothing would add a slash.
    if !path.as_os_str().is_empty() {
        joined.push(path);
    }
    if joined.as_os_str().is_empty() { PathBuf::from(".") } else { joined }
}

/// A path as diagnostics show it: forward slashes, no `./` in front.
pub(crate) fn shown(path: &Path) -> String {
    let text = join(path, Path::new("")).to_string_lossy().into_owned();
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

fn clean_path(path: &str) -> Result<PathBuf, &'static str> {
    if path.is_empty() {
        Err("is empty")
    } else if path.contains(char::is_control) {
        Err("holds a control character")
    } else if Path::new(path).is_absolute() {
        Err("is absolute: give it relative to the project's folder")
    } else {
        Ok(join(Path::new(path), Path::new("")))
    }
}

fn at_path(path: &Path, kind: ErrorKind, message: impl Into<String>) -> Error {
    Error::new(kind, vec![Diagnostic::new(message).in_file(shown(path))])
}

fn lower(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('\n', ", ");
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if chars.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message,
    }
}
