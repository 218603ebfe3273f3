//! A copy of the corpus that every compiler can compile: files whose imports are all there.
//!
//! Public trees import files of other repositories. A compiler that fails early would look fast, so files that miss an import,
//! and those that import such files, are left out for every contender, and counted. Imports are found by line, not parsed;
//! the compilers that read the copy afterwards would complain about a wrong guess.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use super::workdir::WorkDir;
use crate::process;

/// Provided by every compiler.
const WELL_KNOWN: &str = "google/protobuf/";

/// The copy, and what is in it.
#[derive(Debug)]
pub(super) struct Corpus {
    pub(super) root: PathBuf,
    pub(super) files: usize,
    pub(super) bytes: usize,
    /// Import names, sorted.
    left_out: Vec<String>,
}

impl Corpus {
    /// A file that no other one imports, for contenders that change one.
    pub(super) fn leaf(&self) -> Result<PathBuf> {
        let mut sources = BTreeMap::new();
        collect(&self.root, "", &mut sources)?;
        let imported: BTreeSet<&str> = sources.values().flat_map(|text| imports(text)).collect();
        let leaves = sources.iter().filter(|(name, _)| !imported.contains(name.as_str()));
        let (name, _) = leaves.max_by_key(|(_, text)| text.len()).context("every file is imported")?;
        Ok(self.root.join(name))
    }

    /// What a report says about files that were left out.
    pub(super) fn left_out(&self) -> Option<String> {
        let why = "Left out for everybody, because they import files that are not in the tree";
        (!self.left_out.is_empty()).then(|| format!("{why}: `{}`.", self.left_out.join("`, `")))
    }
}

/// Copies the tree that PROTOGATE_CORPUS names into the run's folder.
pub(super) fn prepare(dir: &WorkDir) -> Result<Corpus> {
    let Some(from) = env::var_os("PROTOGATE_CORPUS") else {
        bail!(
            "PROTOGATE_CORPUS is not set: it names the import root of the protos to read, such as a checkout of googleapis"
        );
    };
    copy(&process::root().join(from), &dir.create_dir("corpus")?)
}

/// Copies the first files of the corpus that import nothing but what every compiler has: a small project.
pub(super) fn small(dir: &WorkDir, count: usize) -> Result<Corpus> {
    let whole = prepare(dir)?;
    let mut sources = BTreeMap::new();
    collect(&whole.root, "", &mut sources)?;
    let root = dir.create_dir("small")?;
    let mut corpus = Corpus { root, files: 0, bytes: 0, left_out: Vec::new() };
    let alone = |text: &str| imports(text).iter().all(|it| it.starts_with(WELL_KNOWN));
    for (name, text) in sources.iter().filter(|(_, text)| alone(text)).take(count) {
        let path = corpus.root.join(name);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        corpus.files += 1;
        corpus.bytes += text.len();
    }
    Ok(corpus)
}

/// Copies the compilable part of the tree below `from` to `to`.
fn copy(from: &Path, to: &Path) -> Result<Corpus> {
    let mut sources = BTreeMap::new();
    collect(from, "", &mut sources)?;
    if sources.is_empty() {
        bail!("no `.proto` file below {}", from.display());
    }
    let imports: BTreeMap<&str, Vec<&str>> =
        sources.iter().map(|(name, text)| (name.as_str(), imports(text))).collect();
    let left_out: Vec<String> = incomplete(&imports).into_iter().map(str::to_owned).collect();
    let mut corpus = Corpus { root: to.to_owned(), files: 0, bytes: 0, left_out };
    for (name, text) in &sources {
        if corpus.left_out.binary_search(name).is_ok() {
            continue;
        }
        let path = to.join(name);
        let folder = path.parent().context("a file lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        corpus.files += 1;
        corpus.bytes += text.len();
    }
    Ok(corpus)
}

fn collect(dir: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let import = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{import}/"), sources)?;
        } else if kind.is_file() && name.ends_with(".proto") {
            let text = fs::read_to_string(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            sources.insert(import, text);
        }
    }
    Ok(())
}

fn imports(text: &str) -> Vec<&str> {
    let quoted = |line: &'_ str| -> Option<(usize, usize)> {
        let start = line.find(['"', '\''])? + 1;
        Some((start, start + line[start..].find(['"', '\''])?))
    };
    text.lines()
        .map(str::trim_start)
        .filter(|line| {
            line.strip_prefix("import").is_some_and(|rest| rest.starts_with([' ', '\t', '"', '\'']))
        })
        .filter_map(|line| quoted(line).map(|(start, end)| &line[start..end]))
        .collect()
}

/// Files that miss an import, directly or through another file; sorted.
fn incomplete<'a>(imports: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut out = BTreeSet::new();
    loop {
        let missing = |name: &&str| {
            !name.starts_with(WELL_KNOWN) && (!imports.contains_key(name) || out.contains(name))
        };
        let found: Vec<&str> = imports
            .iter()
            .filter(|(name, wanted)| !out.contains(*name) && wanted.iter().any(missing))
            .map(|(name, _)| *name)
            .collect();
        if found.is_empty() {
            return out;
        }
        out.extend(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_by_line() {
        let text = "syntax = \"proto3\";\nimport \"a/b.proto\";\n  import public 'c.proto';\nimport weak \"d.proto\" ;\n// import \"no.proto\";\nimportant = \"x\";\n";
        assert_eq!(imports(text), ["a/b.proto", "c.proto", "d.proto"]);
    }

    #[test]
    fn a_missing_import_spreads() {
        let tree = BTreeMap::from([
            ("a.proto", vec!["google/protobuf/any.proto"]),
            ("b.proto", vec!["gone.proto"]),
            ("c.proto", vec!["a.proto", "b.proto"]),
            ("d.proto", vec!["c.proto"]),
            ("e.proto", vec!["a.proto"]),
        ]);
        assert_eq!(incomplete(&tree).into_iter().collect::<Vec<_>>(), ["b.proto", "c.proto", "d.proto"]);
    }
}
