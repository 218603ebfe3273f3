//! Runs a command line with buf's binary and with ours, in the same folder, and says where they differ.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(super) fn buf() -> Option<PathBuf> {
    let found = std::env::var_os("PROTOGATE_BUF").map(PathBuf::from);
    if found.is_none() {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with buf");
    }
    found
}

pub(super) fn reference(buf: &Path, dir: &Path) -> Command {
    let mut command = Command::new(buf);
    command.current_dir(dir).stdin(Stdio::null());
    command.env("BUF_CACHE_DIR", std::env::temp_dir().join("protogate-buf-cache"));
    command
}

pub(super) fn ours(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protogate"));
    command.current_dir(dir).stdin(Stdio::null());
    command
}

pub(super) fn git(dir: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let status = Command::new("git").current_dir(dir).args(identity).args(arguments).status().unwrap();
    assert!(status.success());
}

/// Runs a command line with both; `@DIR` in front is the folder to run it in.
pub(super) fn compare(buf: &Path, dir: &Path, line: &str) -> Option<String> {
    let mut words: Vec<&str> = line.split(' ').collect();
    let mut dir = dir.to_owned();
    if let Some(inner) = words[0].strip_prefix('@') {
        dir = dir.join(inner);
        words.remove(0);
    }
    words.extend(["--error-format", "json"]);
    let expected = reference(buf, &dir).args(&words).output().unwrap();
    let actual = ours(&dir).args(&words).output().unwrap();
    let codes = (expected.status.code(), actual.status.code());
    let talk = || {
        format!(
            "buf {:?}: {}\nours {:?}: {}{}",
            codes.0,
            String::from_utf8_lossy(&expected.stderr),
            codes.1,
            String::from_utf8_lossy(&actual.stderr),
            String::from_utf8_lossy(&actual.stdout),
        )
    };
    let compiles = !String::from_utf8_lossy(&expected.stdout).contains("\"COMPILE\"");
    let agree = match codes {
        (Some(0), Some(0)) | (Some(1), Some(2)) => true,
        (Some(100), Some(1)) => compiles,
        (Some(100), Some(2)) => !compiles,
        _ => false,
    };
    if !agree {
        return Some(talk());
    }
    if codes.0 != Some(100) || !compiles {
        return None;
    }
    let (expected, actual) = (places(&expected), places(&actual));
    (expected != actual).then(|| {
        let only = |these: &[String], others: &[String], mark: &str| {
            let mut rest = others.to_vec();
            let mut out = String::new();
            for line in these {
                match rest.iter().position(|it| it == line) {
                    Some(at) => drop(rest.swap_remove(at)),
                    None => out.push_str(&format!("{mark} {line}\n")),
                }
            }
            out
        };
        only(&expected, &actual, "-") + &only(&actual, &expected, "+")
    })
}

pub(super) fn places(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut places: Vec<String> = text
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let number = |key: &str| value[key].as_u64().unwrap_or(1);
            format!(
                "{}:{}:{}-{}:{} {}",
                value["path"].as_str().unwrap_or("-"),
                number("start_line"),
                number("start_column"),
                number("end_line"),
                number("end_column"),
                value["type"].as_str().unwrap()
            )
        })
        .collect();
    places.sort();
    places
}
