//! Rust files one by one: header, size, names, and texts that must not be in the repository.

use std::fs;

use anyhow::Result;

use super::workspace::tracked;
use crate::process;

/// Code lines of one file, tests in the same file included.
const MAX_CODE_LINES: usize = 600;
const FORBIDDEN_STEMS: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "manager"];

pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    // Split, so that this file does not find itself.
    let markers = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[ig", "nore"),
    ];
    for path in tracked()?.iter().filter(|path| path.ends_with(".rs")) {
        if path.starts_with("fixtures/") {
            continue;
        }
        let Ok(text) = fs::read_to_string(process::root().join(path)) else { continue };
        if !text.starts_with("//!") {
            findings.push(format!("{path}:1: no `//!` header that says what is in the file and why"));
        }
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        if lines > MAX_CODE_LINES {
            findings.push(format!(
                "{path}: {lines} code lines, more than {MAX_CODE_LINES}: split it by question"
            ));
        }
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
        if FORBIDDEN_STEMS.contains(&stem) {
            findings.push(format!(
                "{path}: `{stem}` answers no question; name the file after the one it answers"
            ));
        }
        for (number, line) in text.lines().enumerate() {
            if let Some(marker) = markers.iter().find(|marker| line.contains(**marker)) {
                findings.push(format!("{path}:{}: `{marker}` in the tree", number + 1));
            }
        }
    }
    Ok(())
}
