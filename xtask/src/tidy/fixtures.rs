//! Fixture folders: every area explains its format, every case is read by somebody. That each rule has a fixture which fires is a test of
//! `protogate-check` itself.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::process;

pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    let root = process::root().join("fixtures");
    let sources = rust_sources(&process::root())?;
    for area in folders(&root)? {
        let name = area.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !area.join("README.md").is_file() {
            findings.push(format!("fixtures/{name}: no README.md that says what a case consists of"));
        }
        let read = sources
            .iter()
            .any(|text| text.contains(&format!("fixtures/{name}")) || text.contains(&format!("\"{name}\"")));
        if !read {
            findings.push(format!("fixtures/{name}: no test names this folder"));
        }
        for case in folders(&area)? {
            if fs::read_dir(&case)?.next().is_none() {
                findings.push(format!("{}: an empty case", case.strip_prefix(process::root())?.display()));
            }
        }
    }
    Ok(())
}

fn folders(path: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn rust_sources(root: &Path) -> Result<Vec<String>> {
    let tests = super::workspace::tracked()?;
    Ok(tests
        .iter()
        .filter(|path| path.ends_with(".rs") && !path.starts_with("fixtures/") && !path.starts_with("xtask/"))
        .filter_map(|path| fs::read_to_string(root.join(path)).ok())
        .collect())
}
