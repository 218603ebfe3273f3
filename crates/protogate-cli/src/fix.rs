//! `--fix`: the safe repairs of a report, written to the sources, or shown.
//!
//! Nothing is written before the result has been compiled and checked once more in memory: the repaired findings must be gone, and no
//! other may be there instead. Files that changed since they were read are left alone, and with them all others.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Write as _;
use std::path::PathBuf;

use protogate_check::{Finding, Patch, Report, Severity};
use protogate_schema::{Input, Schema};

use crate::args::FixArgs;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::report::waive;
use crate::terminal::Terminal;
use crate::unified::unified;
use crate::written::{Change, content, write_all};

/// Byte order mark, which sources may begin with.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A repair that was decided on, by what its finding says.
#[derive(Debug)]
struct Repair {
    rule: &'static str,
    fingerprint: String,
    element: String,
    title: String,
}

/// What `--fix` would do.
#[derive(Debug)]
pub(crate) struct Plan {
    /// New texts by import name.
    pub(crate) texts: HashMap<String, String>,
    /// The files in the order of their import names: as the user knows them, and how they change.
    files: Vec<(String, Change, String, String)>,
    repairs: Vec<Repair>,
    postponed: usize,
}

impl Plan {
    /// Collects the repairs of findings that no waiver covers; `None` when there is none.
    pub(crate) fn of(
        args: &FixArgs,
        report: &Report,
        subject: &Subject,
        current: &Schema,
        terminal: &mut Terminal,
    ) -> Result<Option<Self>, Failure> {
        if !args.fix {
            return Ok(None);
        }
        if !matches!(subject.input, Input::Directory(_) | Input::ProtoFile(_) | Input::PackageOf(_)) {
            return Err(Failure::usage("`--fix` changes source files, and the input has none on this disk")
                .with_help("give the folder or the `.proto` file"));
        }
        let mut report = report.clone();
        waive(&mut report, subject, current)?;
        let patch = Patch::of(&report, current);
        if patch.files.is_empty() {
            terminal.say("nothing to fix: no finding has a repair that is safe without a look");
            return Ok(None);
        }
        let mut files = Vec::new();
        for (name, new) in &patch.files {
            let shown = current.origin().display_path(name).to_owned();
            let old = current.source(name).map_or("", |it| it);
            files.push((shown.clone(), change(&shown, old, new)?, old.to_owned(), new.clone()));
        }
        let repair = |finding: &&Finding| Repair {
            rule: finding.rule,
            fingerprint: finding.fingerprint.clone(),
            element: finding.element.clone(),
            title: finding.fix.as_ref().map_or_else(String::new, |it| it.title.clone()),
        };
        Ok(Some(Self {
            files,
            repairs: patch.applied.iter().map(repair).collect(),
            postponed: patch.postponed.len(),
            texts: patch.files.into_iter().collect(),
        }))
    }

    /// That the repaired schema could not be had.
    pub(crate) fn refused(&self, failure: &Failure, terminal: &mut Terminal) -> Failure {
        failure.show(terminal);
        self.refuse("the repaired sources do not compile")
    }

    /// Whether the repairs did what they promised.
    ///
    /// # Errors
    /// When a repaired finding is still there, or another one is new.
    pub(crate) fn verify(&self, before: &Report, after: &Report) -> Result<(), Failure> {
        let mut left: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in after.all() {
            left.entry(finding.rule).or_default().push(finding);
        }
        for repair in &self.repairs {
            let of_rule = left.get(repair.rule).map_or(&[][..], Vec::as_slice);
            let Some(still) = of_rule.iter().find(|it| it.has_fingerprint(&repair.fingerprint)) else {
                continue;
            };
            // What is deleted stays deleted; reserving keeps others from taking its place.
            let offers = still.fix.as_ref().is_some_and(|it| it.safe);
            if offers || !repair.rule.ends_with("_NO_DELETE") {
                return Err(self.refuse(&format!("{} would still be there", repair.fingerprint)));
            }
        }
        let known: HashSet<(&str, &str)> =
            before.all().chain(before.waived.iter().map(|it| &it.finding)).map(short).collect();
        let new = after.all().find(|it| it.severity == Severity::Deny && !known.contains(&short(it)));
        match new {
            Some(new) => {
                Err(self.refuse(&format!("the repairs would lead to {}: {}", new.fingerprint, new.message)))
            }
            None => Ok(()),
        }
    }

    fn refuse(&self, why: &str) -> Failure {
        let files: Vec<&str> = self.files.iter().map(|(shown, ..)| shown.as_str()).collect();
        let text = format!("nothing is fixed: {why}");
        let help = format!("the repairs are in {}; make them by hand", files.join(", "));
        Failure::Message { exit: Exit::Findings, text, help: Some(help) }
    }

    /// Shows the repairs as a unified diff on stdout.
    pub(crate) fn show(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        for (shown, _, old, new) in &self.files {
            let diff = unified(&format!("a/{shown}"), &format!("b/{shown}"), old, new);
            terminal.out.write_all(diff.as_bytes())?;
        }
        terminal.out.flush()?;
        self.say(terminal);
        terminal.say(format_args!("{}; nothing is written", self.summary()));
        Ok(())
    }

    /// Writes all files, or none.
    pub(crate) fn write(&self, terminal: &mut Terminal) -> Result<(), Failure> {
        let changes: Vec<&Change> = self.files.iter().map(|(_, change, ..)| change).collect();
        write_all(changes)?;
        self.say(terminal);
        let files: Vec<_> = self.files.iter().map(|(shown, ..)| escape::line(shown)).collect();
        terminal.say(format_args!("{}; written: {}", self.summary(), files.join(", ")));
        Ok(())
    }

    fn say(&self, terminal: &mut Terminal) {
        let mut seen = BTreeSet::new();
        for repair in &self.repairs {
            // Rules of several categories find the same, and one repair is enough for all of them.
            if seen.insert((&repair.element, &repair.title)) {
                let line = format!("fixed[{}]: `{}`: {}", repair.rule, repair.element, repair.title);
                terminal.say(escape::line(&line));
            }
        }
        if self.postponed > 0 {
            terminal.say(format_args!(
                "{} more would touch the same lines: run `--fix` again",
                count(self.postponed, "repair")
            ));
        }
    }

    fn summary(&self) -> String {
        let titles: BTreeSet<_> = self.repairs.iter().map(|it| (&it.element, &it.title)).collect();
        format!("{} in {}", count(titles.len(), "repair"), count(self.files.len(), "file"))
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Rule and shortest fingerprint, which lines and texts have no part in.
fn short(finding: &Finding) -> (&str, &str) {
    (finding.rule, finding.fingerprint.get(..finding.rule.len() + 5).unwrap_or(&finding.fingerprint))
}

/// The file of a source, if it still holds what was compiled.
fn change(shown: &str, old: &str, new: &str) -> Result<Change, Failure> {
    let name = escape::line(shown).into_owned();
    // A link stays a link: what it leads to is written.
    let path: PathBuf = std::fs::canonicalize(shown)
        .map_err(|error| Failure::environment(format!("`{name}` cannot be opened: {error}")))?;
    let bytes = content(&path)?.unwrap_or_default();
    let (mark, text) = match bytes.strip_prefix(MARK) {
        Some(text) => (MARK, text),
        None => (&[][..], &bytes[..]),
    };
    let plain = |text: &str| text.trim_start_matches('\u{feff}').as_bytes().to_vec();
    if text != plain(old) {
        return Err(Failure::environment(format!(
            "`{name}` was changed by somebody else in the meantime; nothing is written"
        ))
        .with_help("run the command again"));
    }
    let written = [mark, &plain(new)].concat();
    Ok(Change::new(path, Some(bytes), written))
}

#[cfg(test)]
mod tests {
    use super::{change, write_all};

    #[test]
    fn only_what_was_compiled_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.proto");
        let shown = path.to_str().unwrap();
        std::fs::write(&path, "\u{feff}old\r\n").unwrap();
        let made = change(shown, "old\r\n", "new\r\n").unwrap();
        write_all([&made]).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), "\u{feff}new\r\n".as_bytes(), "the mark stays");
        // Somebody was faster: before the plan, and between plan and writing.
        assert!(change(shown, "old\r\n", "newer\r\n").is_err());
        let made = change(shown, "new\r\n", "newer\r\n").unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert!(write_all([&made]).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert!(change(dir.path().join("none.proto").to_str().unwrap(), "", "x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real.proto"), dir.path().join("link.proto"));
        std::fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_all([&change(link.to_str().unwrap(), "old", "new").unwrap()]).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
