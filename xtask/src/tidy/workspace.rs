//! The repository as a whole: top level, folder names, links, manifests, machine paths.

use std::fs;

use anyhow::Result;

use crate::process;

const TOP_LEVEL: [&str; 22] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "fixtures",
    "proto",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "xtask",
];
const TOP_LEVEL_TREES: [&str; 2] = ["templates", "tests"];

/// Files that git knows or would add, relative to the root, sorted.
pub(crate) fn tracked() -> Result<Vec<String>> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let mut files: Vec<String> = process::output(&mut process::command("git", args))?
        .split('\0')
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    let files = tracked()?;
    for path in &files {
        let top = path.split('/').next().unwrap_or(path);
        if !TOP_LEVEL.contains(&top) && !TOP_LEVEL_TREES.contains(&top) {
            findings.push(format!("{path}: `{top}` does not belong to the top level"));
        }
        let full = process::root().join(path);
        if full.is_symlink() && !full.exists() {
            findings.push(format!("{path}: a link that leads nowhere"));
        }
    }
    manifests(findings, &files)?;
    machine_paths(findings, &files);
    architecture(findings)
}

/// Folder name = crate name; versions only in the workspace; lints inherited.
fn manifests(findings: &mut Vec<String>, files: &[String]) -> Result<()> {
    for path in files.iter().filter(|path| path.ends_with("/Cargo.toml") && !path.starts_with("fixtures/")) {
        let full = process::root().join(path);
        if full.components().any(|it| it.as_os_str() == "template") {
            continue;
        }
        let text = fs::read_to_string(full)?;
        if let Some(folder) = path.strip_prefix("crates/").and_then(|it| it.strip_suffix("/Cargo.toml"))
            && !text.contains(&format!("name = \"{folder}\""))
        {
            findings.push(format!("{path}: the crate is not named after its folder `{folder}`"));
        }
        if !text.contains("[lints]\nworkspace = true") {
            findings.push(format!("{path}: does not inherit the workspace's lints"));
        }
        let mut in_dependencies = false;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('[') {
                // The fuzz targets are a workspace of their own.
                in_dependencies = line.contains("dependencies") && line != "[workspace.dependencies]";
            } else if in_dependencies
                && line.contains('=')
                && !line.contains("workspace = true")
                && !line.trim_start().starts_with('#')
            {
                findings
                    .push(format!("{path}:{}: versions stand once, in [workspace.dependencies]", number + 1));
            }
        }
    }
    Ok(())
}

fn machine_paths(findings: &mut Vec<String>, files: &[String]) {
    // Split, so that this file does not find itself.
    let patterns = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/runner"),
        concat!("/tmp/", "pg"),
        concat!("/tmp/", "corpus"),
    ];
    for path in
        files.iter().filter(|path| !path.starts_with("proto/google") && !path.starts_with("proto/buf"))
    {
        let Ok(text) = fs::read_to_string(process::root().join(path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(pattern) = patterns.iter().find(|pattern| line.contains(**pattern)) {
                findings.push(format!("{path}:{}: `{pattern}` is a path of one machine", number + 1));
            }
        }
    }
}

fn architecture(findings: &mut Vec<String>) -> Result<()> {
    let lines = fs::read_to_string(process::root().join("ARCHITECTURE.md"))?.lines().count();
    if lines > 200 {
        findings.push(format!("ARCHITECTURE.md: {lines} lines, more than 200"));
    }
    Ok(())
}
