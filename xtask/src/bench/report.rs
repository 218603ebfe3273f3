//! What a run found out, as Markdown: for the terminal and for `report.md`, the same text.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::process;

/// One comparison.
#[derive(Debug)]
pub(super) struct Section {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Section {
    pub(super) fn new(title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self { title: title.into(), columns: columns.to_vec(), rows: Vec::new(), notes: Vec::new() }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.columns.len(), "a row has as many cells as the table has columns");
        self.rows.push(cells.into());
    }

    /// A sentence below the table: what the rows mean and what they do not.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    fn render(&self, out: &mut String) {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].as_str());
            cells.chain([self.columns[column]]).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let _ = write!(out, "\n## {}\n\n", self.title);
        let header: Vec<&str> = self.columns.clone();
        line(out, &header, &widths);
        let rule: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(column, &width)| if column == 0 { "-".repeat(width) } else { "-".repeat(width - 1) + ":" })
            .collect();
        line(out, &rule, &widths);
        for row in &self.rows {
            line(out, row, &widths);
        }
        if !self.notes.is_empty() {
            out.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(out, "- {note}");
        }
    }
}

/// The first column is text and stands left; the others are figures and stand right.
fn line(out: &mut String, cells: &[impl AsRef<str>], widths: &[usize]) {
    out.push('|');
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let cell = cell.as_ref();
        let _ = if column == 0 { write!(out, " {cell:<width$} |") } else { write!(out, " {cell:>width$} |") };
    }
    out.push('\n');
}

/// All comparisons of a run, and the machine that they ran on.
#[derive(Debug)]
pub(super) struct Report {
    head: String,
    sections: Vec<Section>,
}

impl Report {
    /// Notes the state of the machine before anything is measured.
    pub(super) fn new() -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split(':').nth(1))
            .unwrap_or("unknown");
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let rustc = process::output(&mut process::command("rustc", ["--version"]))?;
        let commit = process::output(&mut process::command("git", ["describe", "--always", "--dirty"]))?;
        let head = format!(
            "# Measured side by side, in one run\n\n{cores} cores ({}), {}, commit {}, {} before the run.\n",
            model.trim(),
            rustc.trim(),
            commit.trim(),
            load_average(),
        );
        Ok(Self { head, sections: Vec::new() })
    }

    /// Adds a comparison, and shows it at once.
    pub(super) fn add(&mut self, section: Section) {
        let mut text = String::new();
        section.render(&mut text);
        show(&text);
        self.sections.push(section);
    }

    /// Writes the whole report.
    pub(super) fn finish(self, path: &Path) -> Result<()> {
        let mut text = self.head;
        for section in &self.sections {
            section.render(&mut text);
        }
        let _ = write!(text, "\nAt the end of the run: {}.\n", load_average());
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        process::say(&format!("written to {}", path.display()));
        Ok(())
    }
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load average {}", text.split(' ').next().unwrap_or("unknown"))
}

fn show(text: &str) {
    // A closed terminal is no reason to fail: the report is written to a file too.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_markdown_and_people_can_read() {
        let mut section = Section::new("Compile", &["what", "wall s", "ratio"]);
        section.row(["protogate".to_owned(), "1.00".to_owned(), "–".to_owned()]);
        section.row(["buf".to_owned(), "10.00".to_owned(), "0.10 (0.09–0.11)".to_owned()]);
        section.note("Same files.");
        let mut text = String::new();
        section.render(&mut text);
        let expected = "
## Compile

| what      | wall s |            ratio |
| --------- | -----: | ---------------: |
| protogate |   1.00 |                – |
| buf       |  10.00 | 0.10 (0.09–0.11) |

- Same files.
";
        assert_eq!(text, expected);
    }
}
