//! The gate, shown on the scaffolded service: an edit that breaks clients, the finding, the edit taken back.

use std::path::Path;

use protogate_check::Direction;
use protogate_check::report::{self, View};

use crate::args::{InputArgs, Selection};
use crate::command::check::check;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;

/// The line that is edited, and what it becomes: a text turns into a number under the same field number.
const BEFORE: &str = "  string value = 2;";
const AFTER: &str = "  int64 value = 2;";
/// The rule that has to notice.
const RULE: &str = "FIELD_SAME_TYPE";

/// Edits the contract, checks it in this process, prints the findings, and takes the edit back.
pub(super) fn refuse_a_breaking_edit(dir: &Path, terminal: &mut Terminal) -> Result<(), Failure> {
    let file = dir.join(format!("proto/{}/v1/config.proto", super::NAME.replace('-', "_")));
    let failed = |error: std::io::Error| Failure::environment(format!("`{}`: {error}", file.display()));
    let original = std::fs::read_to_string(&file).map_err(failed)?;
    if !original.contains(BEFORE) {
        return Err(Failure::environment(format!("the template has no line `{}` to edit", BEFORE.trim())));
    }
    terminal.print(format_args!("-{BEFORE}"))?;
    terminal.print(format_args!("+{AFTER}"))?;
    terminal.print("")?;
    std::fs::write(&file, original.replacen(BEFORE, AFTER, 1)).map_err(failed)?;
    let result = show_findings(dir, terminal);
    // Back to the original whatever the check said.
    std::fs::write(&file, original).map_err(failed)?;
    if !result? {
        return Err(Failure::environment(format!("the gate let a breaking edit through: no {RULE}")));
    }
    terminal.print("exit code 1; `cargo build` stops with the same finding. The edit is taken back.")?;
    Ok(())
}

/// Whether the rule noticed.
fn show_findings(dir: &Path, terminal: &mut Terminal) -> Result<bool, Failure> {
    let input = InputArgs { input: dir.to_string_lossy().into_owned(), config: None };
    let subject = Subject::find(&input)?;
    let promises = subject.promises(&[])?;
    let current = subject.load()?;
    let selection = Selection { rules: Vec::new(), except: Vec::new() };
    let report = check(&subject, &current, &promises, &selection, Direction::Backward)?;
    // As a person in the project's folder sees it: paths relative to it.
    let prefix = format!("{}/", dir.to_string_lossy());
    let show_path = |path: &str| {
        let shown = current.origin().display_path(path);
        shown.strip_prefix(&prefix).unwrap_or(shown).to_owned()
    };
    let view = View {
        current: Some(&current),
        baseline: promises.first().map(|promise| &promise.schema),
        show_path: &show_path,
        baseline_name: "proto/baseline.binpb",
        color: terminal.out_has_color,
        width: terminal.width,
        ..View::default()
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = report::render(report::Format::Text, &report, &view, &mut text);
    terminal.out.write_all(text.as_bytes())?;
    Ok(report.findings.iter().any(|finding| finding.rule == RULE))
}
