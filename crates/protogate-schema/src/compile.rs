//! Sources → descriptor bytes → [`Schema`]: reads and parses in parallel, follows imports, links.
//!
//! All errors of a phase are reported together; the next phase starts only without any. The compiler itself is behind
//! `front_end`, the bounds on what reaches it are in `text`, and where sources come from is a `tree::Tree`'s business.

mod advice;
mod fault;
mod front_end;
mod imports;
mod language;
mod parsed;
mod remembered;
mod shards;
mod single_range;
mod source_info;
mod text;
pub(crate) mod tree;
mod units;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::cache::{Cache, MIN_FILES};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::model::Schema;
use remembered::Remembered;
use tree::{Memory, Tree};

/// Longest source file, in bytes.
pub(crate) const MAX_FILE_BYTES: u64 = 16 << 20;
/// All source files together, in bytes.
pub(crate) const MAX_TOTAL_BYTES: u64 = 1 << 30;
/// Most source files.
pub(crate) const MAX_FILES: usize = 200_000;
/// Longest chain of files that import each other.
pub(crate) const MAX_IMPORT_DEPTH: usize = 200;
/// Deepest nesting of brackets in a source file.
pub(crate) const MAX_BRACKETS: usize = 100;

/// A source file that is not read from a disk.
#[derive(Debug, Clone)]
pub struct Source {
    /// Import name: relative, forward slashes.
    pub path: String,
    /// Content, UTF-8, with or without a byte order mark.
    pub text: Vec<u8>,
    /// Asked for, rather than there to be imported.
    pub target: bool,
}

impl Source {
    /// A target.
    pub fn new(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), text: text.into(), target: true }
    }

    /// A file that may be imported.
    pub fn import(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), text: text.into(), target: false }
    }
}

/// Compiles sources from memory; what they import is looked for among them and then among the bundled files.
///
/// # Errors
/// Every error of the phase that failed: parsing, imports, linking.
pub fn compile(sources: Vec<Source>) -> Result<Schema, Error> {
    let targets = sources.iter().filter(|it| it.target).map(|it| it.path.clone()).collect();
    compile_tree(&Memory::new(sources)?, targets)
}

/// Compiles the sources of a schema once more, with some of them replaced, by import name. Nothing is read.
///
/// # Errors
/// As [`compile`]; and when the schema was not compiled from sources, or has no such file.
pub fn recompile(schema: &Schema, replaced: &HashMap<String, String>) -> Result<Schema, Error> {
    if let Some(name) = replaced.keys().find(|it| schema.find_file(it).is_none()) {
        return Err(Error::message(format!("there is no file `{}` to replace", name.escape_debug())));
    }
    let mut sources = Vec::with_capacity(schema.files.len());
    for file in &schema.files {
        let text = replaced.get(&file.path).map(String::as_str);
        let Some(text) = text.or_else(|| schema.source(&file.path).map(|it| &**it)) else {
            return Err(Error::message(format!(
                "the source of `{}` is not at hand",
                file.path.escape_debug()
            )));
        };
        sources.push(Source { path: file.path.clone(), text: text.into(), target: !file.is_import });
    }
    let mut compiled = compile(sources)?;
    compiled.origin.clone_from(&schema.origin);
    Ok(compiled)
}

/// Compiles files of a tree and everything that they import.
pub(crate) fn compile_tree(tree: &dyn Tree, targets: Vec<String>) -> Result<Schema, Error> {
    let project = tree.project().filter(|_| targets.len() >= MIN_FILES);
    let cache = project.and_then(|it| Cache::of_project(&it));
    compile_with(tree, targets, cache.as_ref())
}

fn compile_with(tree: &dyn Tree, targets: Vec<String>, cache: Option<&Cache>) -> Result<Schema, Error> {
    let wanted: HashSet<String> = targets.iter().cloned().collect();
    let mut units = units::read_and_parse(tree, targets, cache)?;
    let order = imports::order(&units, tree).map_err(|found| with_texts(ErrorKind::Input, found, &units))?;
    units = reorder(units, &order);

    let display: HashMap<_, _> = units.iter().map(|it| (it.name.clone(), it.display.clone())).collect();
    let texts: HashMap<_, _> = units.iter().map(|it| (it.name.clone(), it.text.clone())).collect();
    let refuse = |found, texts: &HashMap<String, Arc<str>>| {
        let found = advice::explain(found, texts, &display);
        let by_display = texts.iter().map(|(name, text)| (display[name].clone(), text.clone())).collect();
        error_with(ErrorKind::Input, found, &by_display)
    };
    let remembered = Remembered::find(&units, cache);
    let files = front_end::link(&units, &remembered.linked).map_err(|found| refuse(found, &texts))?;
    let names = units.iter().map(|it| it.name.as_str());
    let marked = files.into_iter().zip(names).map(|(file, name)| (file, !wanted.contains(name)));
    let mut schema = Schema::from_files(marked.collect())?;
    let forbidden = language::check(&schema);
    if !forbidden.is_empty() {
        return Err(refuse(forbidden, &texts));
    }
    if let Some(cache) = cache {
        remembered.keep(schema.encoded(), cache);
    }
    schema = schema.with_sources(texts);
    schema.origin.display = display;
    Ok(schema)
}

fn reorder(units: Vec<units::Unit>, order: &[usize]) -> Vec<units::Unit> {
    let mut slots: Vec<_> = units.into_iter().map(Some).collect();
    order.iter().filter_map(|&index| slots[index].take()).collect()
}

fn with_texts(kind: ErrorKind, found: Vec<Diagnostic>, units: &[units::Unit]) -> Error {
    let texts = units.iter().map(|it| (it.display.clone(), it.text.clone())).collect();
    error_with(kind, found, &texts)
}

/// An error with the texts of the files that it names, and no others.
fn error_with(kind: ErrorKind, found: Vec<Diagnostic>, texts: &HashMap<String, Arc<str>>) -> Error {
    let named = found.iter().flat_map(|it| it.path.iter().chain(it.related.iter().map(|it| &it.path)));
    let sources = named.filter_map(|path| texts.get(path).map(|text| (path.clone(), text.clone()))).collect();
    Error::new(kind, found).with_sources(sources)
}
