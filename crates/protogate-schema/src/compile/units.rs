//! Reads and parses the targets and, round by round, what they import; each round in parallel.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::front_end::{self, Parsed};
use super::tree::{Found, Refused, Tree, unclean};
use super::{MAX_FILES, MAX_IMPORT_DEPTH, MAX_TOTAL_BYTES, error_with, text};
use crate::bundled;
use crate::cache::{Cache, Hash};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::line_index::LineIndex;

/// Stack of a thread that parses; nesting is bounded to [`super::MAX_BRACKETS`], which needs far less.
const STACK_BYTES: usize = 64 << 20;

/// One file, parsed.
pub(super) struct Unit {
    /// Import name.
    pub(super) name: String,
    /// Path as the user knows it.
    pub(super) display: String,
    pub(super) text: Arc<str>,
    pub(super) parsed: Parsed,
    /// Identity of name and text, where there is a cache.
    pub(super) id: Option<Hash>,
}

/// What became of one file.
enum Outcome {
    Parsed(Box<Unit>),
    /// Not in the tree and not bundled: the import phase says who wanted it.
    Missing,
    Failed {
        kind: ErrorKind,
        found: Vec<Diagnostic>,
        display: String,
        text: Arc<str>,
    },
}

/// The targets and everything that they import as far as it can be found, in order of name.
///
/// A file that the cache knows is read, but not parsed.
pub(super) fn read_and_parse(
    tree: &dyn Tree,
    targets: Vec<String>,
    cache: Option<&Cache>,
) -> Result<Vec<Unit>, Error> {
    let mut seen: HashSet<String> = targets.iter().cloned().collect();
    let mut round = targets;
    let mut units = Vec::with_capacity(round.len());
    let mut failures = Failures::default();
    let bytes = AtomicU64::new(0);
    // A chain of imports that is too long is the import phase's to report; here it only has to end.
    for depth in 0..=MAX_IMPORT_DEPTH {
        let first = units.len();
        for (name, outcome) in run(tree, round, &bytes, cache)? {
            match outcome {
                Outcome::Parsed(unit) => units.push(*unit),
                Outcome::Missing if depth == 0 => {
                    failures.found.push(Diagnostic::new("is no longer there").in_file(name));
                }
                Outcome::Missing => {}
                Outcome::Failed { kind, found, display, text } => {
                    failures.add(&name, kind, found, display, text)
                }
            }
        }
        if bytes.load(Ordering::Relaxed) > MAX_TOTAL_BYTES {
            return Err(Error::message(format!(
                "the source files have more than {MAX_TOTAL_BYTES} bytes; exclude what is no part of the project"
            )));
        }
        let imports = units[first..].iter().flat_map(|it| it.parsed.imports());
        let mut next: Vec<String> =
            imports.filter(|it| unclean(it).is_none() && !seen.contains(*it)).cloned().collect();
        next.sort_unstable();
        next.dedup();
        seen.extend(next.iter().cloned());
        if seen.len() > MAX_FILES {
            return Err(Error::message(format!("there are more than {MAX_FILES} source files")));
        }
        round = next;
        if round.is_empty() {
            break;
        }
    }
    failures.found.extend(tree.check());
    if failures.found.is_empty() {
        units.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(units)
    } else {
        Err(error_with(failures.kind, failures.found, &failures.texts))
    }
}

struct Failures {
    kind: ErrorKind,
    found: Vec<Diagnostic>,
    texts: HashMap<String, Arc<str>>,
}

impl Default for Failures {
    fn default() -> Self {
        Self { kind: ErrorKind::Input, found: Vec::new(), texts: HashMap::new() }
    }
}

impl Failures {
    fn add(&mut self, name: &str, kind: ErrorKind, found: Vec<Diagnostic>, display: String, text: Arc<str>) {
        if kind == ErrorKind::Environment {
            self.kind = kind;
        }
        self.found.extend(found);
        if !text.is_empty() {
            self.texts.insert(if display.is_empty() { name.to_owned() } else { display }, text);
        }
    }
}

/// Reads and parses the named files on all processors.
fn run(
    tree: &dyn Tree,
    names: Vec<String>,
    bytes: &AtomicU64,
    cache: Option<&Cache>,
) -> Result<Vec<(String, Outcome)>, Error> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(names.len().div_ceil(8)).max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(index) else { break };
            // A panic below is a defect, of ours or of the parser: it costs the one file, not the run.
            let outcome =
                catch_unwind(AssertUnwindSafe(|| one(tree, name, bytes, cache))).unwrap_or_else(|_| {
                    let found = vec![
                        Diagnostic::new("the parser failed on this file; this is a defect").in_file(name),
                    ];
                    Outcome::Failed {
                        kind: ErrorKind::Input,
                        found,
                        display: String::new(),
                        text: Arc::from(""),
                    }
                });
            done.push((index, outcome));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let spawn = || thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let handles: Result<Vec<_>, _> = (0..workers).map(|_| spawn()).collect();
        let handles = handles.map_err(|error| environment(format!("a thread cannot be started: {error}")))?;
        let results = handles.into_iter().map(|it| it.join().map_err(|_| environment("a thread failed")));
        let done = results.collect::<Result<Vec<_>, _>>()?;
        Ok::<_, Error>(done.into_iter().flatten().collect::<Vec<_>>())
    })?;
    done.sort_unstable_by_key(|(index, _)| *index);
    Ok(names.into_iter().zip(done.into_iter().map(|(_, outcome)| outcome)).collect())
}

fn environment(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Environment, vec![Diagnostic::new(message)])
}

fn one(tree: &dyn Tree, name: &str, bytes: &AtomicU64, cache: Option<&Cache>) -> Outcome {
    if bytes.load(Ordering::Relaxed) > MAX_TOTAL_BYTES {
        return Outcome::Missing;
    }
    let found = match tree.read(name) {
        Ok(Some(found)) => found,
        Ok(None) => match bundled::source(name) {
            Some(text) => Found { display: name.to_owned(), bytes: text.as_bytes().to_vec() },
            None => return Outcome::Missing,
        },
        Err(Refused { kind, diagnostic }) => {
            let text = Arc::from("");
            return Outcome::Failed { kind, found: vec![*diagnostic], display: String::new(), text };
        }
    };
    bytes.fetch_add(found.bytes.len() as u64, Ordering::Relaxed);
    let display = found.display;
    let failed = |found, display, text: String| Outcome::Failed {
        kind: ErrorKind::Input,
        found,
        display,
        text: Arc::from(text),
    };
    let id = cache.map(|it| it.id(name, &found.bytes));
    // Only what is a good text has ever been remembered.
    let known = cache.zip(id).and_then(|(cache, id)| cache.known(&id));
    if let Some(entry) = known
        && let Ok(text) = str::from_utf8(&found.bytes)
    {
        let text: Arc<str> = Arc::from(text.strip_prefix('\u{FEFF}').unwrap_or(text));
        let parsed = Parsed::remember(entry, name, &text);
        return Outcome::Parsed(Box::new(Unit { name: name.to_owned(), display, text, parsed, id }));
    }
    let text = match text::decode(found.bytes) {
        Ok(text) => text,
        Err((shown, fault)) => {
            let mut diagnostic = Diagnostic::new(fault.message).in_file(&display).with_help(fault.help);
            if let Some(range) = fault.range {
                diagnostic = diagnostic.at(LineIndex::new(&shown).span(range)).with_label(fault.label);
            }
            return failed(vec![diagnostic], display, shown);
        }
    };
    match front_end::parse(name, &text) {
        Ok(parsed) => {
            let text = Arc::from(text);
            Outcome::Parsed(Box::new(Unit { name: name.to_owned(), display, text, parsed, id }))
        }
        Err(faults) => {
            let index = LineIndex::new(&text);
            let found = faults.into_iter().map(|it| it.into_diagnostic(&display, &index)).collect();
            failed(found, display, text)
        }
    }
}
