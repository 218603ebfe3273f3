//! Random realistic edits of real packages, and lint of the whole corpus: our findings against the reference checker's.
//!
//! Needs `PROTOGATE_BUF`; real packages and the sweep need `PROTOGATE_CORPUS`. `RUN_SLOW_TESTS=1` raises the number of pairs from 40 to
//! 1,200 and switches the sweep on. A failure prints the seed: `PROTOGATE_SEED=n` runs that one pair alone.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

mod draft;
mod edits;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use draft::{Draft, Random, Tree};
use protogate_check::{BreakingConfig, Finding, LintConfig, check_breaking, check_lint};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

/// Folders of the corpus that are edited: varied in style, small enough that a thousand runs of the reference take minutes.
const PACKAGES: [&str; 10] = [
    "google/cloud/kms/v1",
    "google/logging/v2",
    "google/pubsub/v1",
    "google/firestore/v1",
    "google/spanner/v1",
    "google/bigtable/v2",
    "google/devtools/build/v1",
    "google/cloud/tasks/v2",
    "google/iam/admin/v1",
    "google/storage/v2",
];

/// Categories that together hold every breaking rule.
const BREAKING: [&str; 5] = ["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"];
/// Categories and ids that together hold every lint rule.
const LINT: [&str; 4] = ["STANDARD", "COMMENTS", "UNARY_RPC", "STABLE_PACKAGE_NO_IMPORT_UNSTABLE"];

struct Base {
    name: String,
    own: Vec<String>,
    tree: Tree,
    schema: Schema,
}

fn compiled(tree: &Tree) -> Option<Schema> {
    compile(tree.iter().map(|(path, text)| Source::new(path.clone(), text.clone())).collect()).ok()
}

fn base(root: &Path, folder: &str) -> Base {
    let mut own: Vec<String> = fs::read_dir(root.join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()))
        .filter(|path| path.ends_with(".proto"))
        .collect();
    own.sort();
    let mut tree = Tree::new();
    let mut open = own.clone();
    while let Some(path) = open.pop() {
        if path.starts_with("google/protobuf/") || tree.contains_key(&path) {
            continue;
        }
        let text = fs::read_to_string(root.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        for line in text.lines().filter(|line| line.starts_with("import ")) {
            open.extend(line.split('"').nth(1).map(str::to_owned));
        }
        tree.insert(path, text);
    }
    let schema = compiled(&tree).unwrap_or_else(|| panic!("{folder} does not compile"));
    Base { name: folder.to_owned(), own, tree, schema }
}

fn bases() -> Vec<Base> {
    let mut bases = vec![base(&protogate_fixture::area_dir("differential").join("proto2"), "acme/legacy")];
    match std::env::var_os("PROTOGATE_CORPUS") {
        Some(corpus) => {
            let corpus = PathBuf::from(corpus);
            bases.extend(PACKAGES.iter().map(|folder| base(&corpus, folder)));
        }
        None => eprintln!("note: PROTOGATE_CORPUS is not set; only the fixture is edited"),
    }
    bases
}

fn write(tree: &Tree, dir: &Path) {
    let _ = fs::remove_dir_all(dir);
    for (path, text) in tree {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn places(findings: &[Finding]) -> Vec<String> {
    let mut places: Vec<String> = findings.iter().map(support::place).collect();
    places.sort();
    places
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn breaking_places(current: &Schema, baseline: &Schema) -> Vec<String> {
    let config = BreakingConfig { r#use: names(&BREAKING), ..Default::default() };
    places(&check_breaking(current, baseline, &config).unwrap().findings)
}

fn lint_places(schema: &Schema) -> Vec<String> {
    let config = LintConfig { r#use: names(&LINT), ..Default::default() };
    places(&check_lint(schema, &config).unwrap().findings)
}

fn reference_breaking(current: &Path, baseline: &Path) -> Result<Vec<String>, String> {
    let config = serde_json::json!({ "version": "v2", "breaking": { "use": BREAKING } }).to_string();
    let arguments = ["breaking", ".", "--against", baseline.to_str().unwrap(), "--config", &config];
    support::try_reference(current, &arguments)
}

fn reference_lint(current: &Path) -> Result<Vec<String>, String> {
    let section = serde_json::json!({ "use": LINT });
    let config = serde_json::json!({ "version": "v2", "lint": section }).to_string();
    support::try_reference(current, &["lint", ".", "--config", &config])
}

/// An edited base: what is left after one to four edits that compile, and what they were.
fn edited(base: &Base, random: &mut Random) -> Option<(Tree, Schema, Vec<String>)> {
    let wanted = 1 + random.below(4);
    let mut tree = base.tree.clone();
    let mut schema: Option<Schema> = None;
    let mut done = Vec::new();
    for _ in 0..40 {
        let before = schema.as_ref().unwrap_or(&base.schema);
        let Some((next, what)) = edits::one(Draft::new(before, tree.clone(), &base.own, random)) else {
            continue;
        };
        if let Some(after) = compiled(&next) {
            (tree, schema) = (next, Some(after));
            done.push(what);
            if done.len() == wanted {
                break;
            }
        }
    }
    Some((tree, schema?, done))
}

/// What one pair shows: the number of findings compared, or the difference as text.
fn compare(base: &Base, seed: u64, dir: &Path) -> Result<usize, String> {
    let mut random = Random::new(seed);
    let Some((tree, schema, done)) = edited(base, &mut random) else { return Ok(0) };
    let (baseline_dir, edited_dir) = (dir.join("base").join(&base.name), dir.join("edited"));
    if !baseline_dir.exists() {
        write(&base.tree, &baseline_dir);
    }
    write(&tree, &edited_dir);
    let forward = random.below(2) == 0;
    let ours =
        if forward { breaking_places(&schema, &base.schema) } else { breaking_places(&base.schema, &schema) };
    let theirs = if forward {
        reference_breaking(&edited_dir, &baseline_dir)
    } else {
        reference_breaking(&baseline_dir, &edited_dir)
    };
    let mut wrong = match theirs {
        Ok(theirs) => support::difference(&theirs, &ours),
        Err(refused) => format!("the reference refuses what we compile: {refused}\n"),
    };
    let mut compared = ours.len();
    if wrong.is_empty() && random.below(4) == 0 {
        let ours = lint_places(&schema);
        compared += ours.len();
        wrong = match reference_lint(&edited_dir) {
            Ok(theirs) => support::difference(&theirs, &ours),
            Err(refused) => format!("the reference refuses what we compile: {refused}\n"),
        };
    }
    if wrong.is_empty() {
        return Ok(compared);
    }
    let way = if forward { "" } else { " (the edited files are the baseline)" };
    Err(format!("PROTOGATE_SEED={seed} {}{way}\n  edits: {}\n{wrong}", base.name, done.join("; ")))
}

#[test]
fn random_edits_give_the_reference_checkers_findings() {
    if std::env::var_os("PROTOGATE_BUF").is_none() {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with the reference checker");
        return;
    }
    let bases = bases();
    let one: Option<usize> = std::env::var("PROTOGATE_SEED").ok().map(|seed| seed.parse().unwrap());
    let slow = std::env::var_os("RUN_SLOW_TESTS").is_some();
    let seeds = one.map_or(0..if slow { 1_200 } else { 40 }, |seed| seed..seed + 1);
    let next = AtomicUsize::new(seeds.start);
    let (wrong, compared, pairs) = (Mutex::new(Vec::new()), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let dir = tempfile::tempdir().unwrap();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    match compare(&bases[seed % bases.len()], seed as u64, dir.path()) {
                        Ok(0) => {}
                        Ok(found) => {
                            compared.fetch_add(found, Ordering::Relaxed);
                            pairs.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(text) => wrong.lock().unwrap().push(text),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let (pairs, compared) = (pairs.into_inner(), compared.into_inner());
    eprintln!("{pairs} pairs with findings, {compared} findings compared");
    let shown = wrong.iter().take(30).cloned().collect::<String>();
    assert!(wrong.is_empty(), "{} pairs differ; `-` only the reference, `+` only ours\n{shown}", wrong.len());
    assert!(
        one.is_some() || pairs * 10 >= seeds.len() * 8,
        "only {pairs} of {} pairs say something",
        seeds.len()
    );
}

#[test]
fn lint_of_the_corpus_gives_the_reference_checkers_findings() {
    let (Some(corpus), Some(_), Some(_)) = (
        std::env::var_os("PROTOGATE_CORPUS"),
        std::env::var_os("PROTOGATE_BUF"),
        std::env::var_os("RUN_SLOW_TESTS"),
    ) else {
        eprintln!(
            "note: needs PROTOGATE_CORPUS, PROTOGATE_BUF and RUN_SLOW_TESTS; the corpus is not compared"
        );
        return;
    };
    let corpus = PathBuf::from(corpus);
    let mut tree = Tree::new();
    read_below(&corpus, &corpus, &mut tree);
    // Neither tool can compile these: the published archive lacks the files that they import.
    tree.retain(|_, text| !text.contains("import \"grafeas/"));
    let schema = compiled(&tree).expect("the corpus compiles");
    let dir = tempfile::tempdir().unwrap();
    write(&tree, dir.path());
    let (theirs, ours) = (reference_lint(dir.path()).unwrap(), lint_places(&schema));
    eprintln!("{} findings compared", ours.len());
    assert!(ours.len() > 10_000, "{} findings", ours.len());
    // Sorted lists: a multiset comparison by merging, because the quadratic one of the small tests would take an hour.
    let (mut left, mut right) = (theirs.iter().peekable(), ours.iter().peekable());
    let mut wrong = String::new();
    loop {
        let (mark, line) = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => {
                left.next();
                right.next();
                continue;
            }
            (Some(a), Some(b)) if a < b => ('-', left.next()),
            (Some(_), None) => ('-', left.next()),
            _ => ('+', right.next()),
        };
        wrong.push_str(&format!("  {mark} {}\n", line.unwrap()));
    }
    assert!(
        wrong.is_empty(),
        "`-` only the reference, `+` only ours\n{}",
        wrong.chars().take(5_000).collect::<String>()
    );
}

fn read_below(root: &Path, dir: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_below(root, &path, tree);
        } else if path.extension().is_some_and(|ext| ext == "proto") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            tree.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
