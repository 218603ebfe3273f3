//! Runs the commands of a case and writes down what a person would have seen.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use protogate_fixture::Case;

/// The binary in a folder, with an environment of its own.
pub(crate) fn protogate(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_protogate"));
    clean(&mut command, dir);
    command
}

fn clean(command: &mut Command, dir: &Path) {
    command.current_dir(dir).env_clear().stdin(Stdio::null());
    for name in ["PATH", "SYSTEMROOT", "TEMP", "TMP"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("COLUMNS", "100").env("HOME", dir);
}

/// The transcript of a case.
pub(crate) fn run(case: &Case) -> String {
    let dir = tempfile::tempdir().unwrap();
    // Links in the path of temporary folders would show up in git's answers.
    let dir = dir.path().canonicalize().unwrap();
    if case.has("project") {
        let name = case.read("project");
        copy(&protogate_fixture::area_dir("cli").join("projects").join(name.trim()), &dir);
    }
    if case.has("in") {
        copy(&case.path("in"), &dir);
    }
    let mut transcript = String::new();
    for line in
        case.read("commands.txt").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        let words = split(line);
        let assignments = words.iter().take_while(|word| is_assignment(word)).count();
        let (environment, words) = words.split_at(assignments);
        let (name, arguments) = words.split_first().unwrap();
        match (name.as_str(), arguments) {
            ("cp", [from, to]) => drop(fs::copy(dir.join(from), dir.join(to)).unwrap()),
            ("rm", [file]) => fs::remove_file(dir.join(file)).unwrap(),
            ("git", _) => git(&dir, arguments),
            ("protogate", _) => {
                let mut command = protogate(&dir);
                command.envs(environment.iter().filter_map(|word| word.split_once('=')));
                let output = command.args(arguments).output().unwrap();
                writeln!(transcript, "$ {line}").unwrap();
                for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
                    if !bytes.is_empty() {
                        let text = String::from_utf8_lossy(bytes).replace(&*dir.to_string_lossy(), "<dir>");
                        let text = normalise(&text);
                        // Results are the same in every run; how long a run took is talk.
                        assert!(
                            stream == "stderr" || !text.contains("<n> ms"),
                            "{}: a time in stdout: {text}",
                            case.name
                        );
                        writeln!(transcript, "--- {stream}\n{}", text.trim_end_matches('\n')).unwrap();
                    }
                }
                writeln!(transcript, "--- exit {}\n", output.status.code().unwrap()).unwrap();
            }
            _ => panic!("{}: `{line}` is no command of a case", case.name),
        }
    }
    transcript
}

/// Replaces what differs from run to run.
pub(crate) fn normalise(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(".exe", "").replace(env!("CARGO_PKG_VERSION"), "<version>");
    let text = number_before(&text, " ms", "<n>");
    let text = number_before(&text, " bytes)", "<bytes>");
    let text = hash_after(&text, "commit ");
    // Escapes are part of what is compared, and must survive in a text file.
    text.replace('\x1b', "␛")
}

/// Replaces each number, point included, that stands before `unit`.
fn number_before(text: &str, unit: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(unit) {
        let before = &rest[..at];
        let kept = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        out.push_str(kept);
        out.push_str(if kept.len() < before.len() { name } else { "" });
        out.push_str(unit);
        rest = &rest[at + unit.len()..];
    }
    out.push_str(rest);
    out
}

/// Replaces each word of at least eight hexadecimal digits that stands behind `before`.
fn hash_after(text: &str, before: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        let is_hash = part.len() - rest.len() >= 8;
        out.push_str(before);
        out.push_str(if is_hash { "<hash>" } else { &part[..part.len() - rest.len()] });
        out.push_str(rest);
    }
    out
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

fn git(dir: &Path, arguments: &[String]) {
    let mut command = Command::new("git");
    clean(&mut command, dir);
    let identity = [("AUTHOR", "A"), ("COMMITTER", "C")];
    for (role, name) in identity {
        command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), "x@example.com");
        command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
    }
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Splits at blanks; single quotes keep blanks, and `\e` in them is the escape character.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words.into_iter().map(|word| word.replace("\\e", "\x1b")).collect()
}
