//! The tables of `fixtures/json` against the reference implementation: `json_format` of Python's protobuf.
//!
//! Runs when `PROTOGATE_PYTHON` names an interpreter that has the package `protobuf`; else it says so and passes. Every case goes
//! both ways: their message from our text, our message from theirs. Where we differ on purpose the case is listed in
//! `oracle-differences.txt`, and a listed case that no longer differs fails too.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use protogate::json::{ReadOptions, Unknown, WriteOptions};
use protogate_fixture::{area_dir, case};
use protogate_json_test::{DESCRIPTOR_SET, Type};
use serde_json::{Value, json};

struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Bytes and JSON, or why not.
type Answer = Result<(String, String), String>;

impl Oracle {
    fn start(python: &std::ffi::OsStr) -> Self {
        let mut child = Command::new(python)
            .arg(area_dir("json").join("oracle.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("PROTOGATE_PYTHON starts");
        let mut input = child.stdin.take().expect("stdin is piped");
        let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        writeln!(input, "{}", base64(DESCRIPTOR_SET)).expect("the oracle reads");
        Self { child, input, output }
    }

    fn ask(&mut self, request: &Value) -> Answer {
        writeln!(self.input, "{request}").expect("the oracle reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the oracle answers");
        let answer: Value =
            serde_json::from_str(&line).expect("the oracle answers in JSON; is `protobuf` installed?");
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if answer["error"].is_string() { Err(text("error")) } else { Ok((text("bytes"), text("json"))) }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Already ended is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn base64(bytes: &[u8]) -> String {
    let text = protogate::json::print(&bytes.to_vec(), WriteOptions::default()).expect("bytes print");
    String::from_utf8_lossy(&text).trim_matches('"').to_owned()
}

fn unbase64(text: &str) -> Vec<u8> {
    protogate::json::parse(json!(text).to_string().as_bytes(), ReadOptions::default()).expect("base64")
}

/// How the two differ over one case; `None` when they agree.
fn difference(oracle: &mut Oracle, message: &Type, input: &str, ignore: bool) -> Option<String> {
    let unknown = if ignore { Unknown::Ignore } else { Unknown::Reject };
    let read = ReadOptions { unknown, ..ReadOptions::default() };
    let print =
        |bytes: &[u8]| message.write(bytes, WriteOptions::default()).map_err(|error| error.to_string());
    let ours = message.read(input.as_bytes(), read);
    let theirs = oracle.ask(&json!({"message": message.full_name, "json": input, "ignore": ignore}));
    match (ours, theirs) {
        (Err(_), Err(_)) => None,
        // Their texts differ between versions.
        (Ok(_), Err(_)) => Some("only they refuse".to_owned()),
        (Err(error), Ok(_)) => Some(format!("only we refuse: {error}")),
        (Ok(ours), Ok((bytes, their_text))) => {
            let our_text = print(&ours);
            let same_message = print(&unbase64(&bytes));
            if our_text != same_message {
                return Some(format!("other messages: ours {our_text:?}, theirs {same_message:?}"));
            }
            // Their text by us, and our text by them.
            let from_theirs =
                message.read(their_text.as_bytes(), ReadOptions::default()).map(|bytes| print(&bytes));
            if from_theirs.as_ref().ok() != Some(&our_text) {
                return Some(format!("their text {their_text} is for us {from_theirs:?}"));
            }
            let text = our_text.unwrap_or_default();
            let back = oracle.ask(&json!({"message": message.full_name, "json": text, "ignore": false}));
            match back {
                Ok((bytes, _)) if print(&unbase64(&bytes)).as_deref() == Ok(&text) => None,
                other => Some(format!("our text {text} is for them {other:?}")),
            }
        }
    }
}

#[test]
fn agrees_with_the_reference_implementation() {
    let Some(python) = std::env::var_os("PROTOGATE_PYTHON") else {
        eprintln!(
            "note: oracle test skipped: set PROTOGATE_PYTHON to a Python interpreter with the package `protobuf`"
        );
        return;
    };
    let mut oracle = Oracle::start(&python);
    let tables = case("json", "tables");
    let mut actual = String::new();
    let mut count = 0;
    for (_, table) in tables.files("", "txt") {
        for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let end = [line.find(" ->"), line.find(" !!")].into_iter().flatten().min().expect("`->` or `!!`");
            let mut parts = line[..end].splitn(3, ' ');
            let (options, name) = (parts.next().expect("options"), parts.next().expect("message"));
            let input = parts.next().expect("input");
            // `\xHH` is the tables' own escape, for bytes that a JSON request cannot carry.
            if !matches!(options, "-" | "ignore") || input.contains("\\x") {
                continue;
            }
            count += 1;
            if let Some(difference) = difference(&mut oracle, Type::find(name), input, options == "ignore") {
                let _ = writeln!(actual, "{options} {name} {input}\n    {difference}");
            }
        }
    }
    assert!(count > 200, "only {count} cases were compared");
    eprintln!("{count} cases compared");
    case("json", ".").check("oracle-differences.txt", &actual);
}
