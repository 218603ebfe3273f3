//! `protogate baseline accept`: the current schema becomes the promise, after the plan was shown.
//!
//! What breaks needs a reason, and where its package is stable the name of the package as well, so that nobody accepts it by habit. Both
//! are flags; the name is asked for only where somebody can type it. Baseline, schema changelog and configuration are written together
//! or not at all, and only if they are as they were when the plan was made.

use std::io::{BufRead, IsTerminal as _};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use protogate_schema::baseline::{self, MAX_VERSIONS};
use protogate_schema::history::{History, promised};
use protogate_schema::{Input, Schema};

use super::plan::Plan;
use super::{breaks, counts};
use crate::args::BaselineAccept;
use crate::changelog::{self, Entry};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::report::today;
use crate::terminal::Terminal;
use crate::waiver_file;
use crate::written::{Change, content, write_all};

pub(super) fn run(args: &BaselineAccept, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    if matches!(subject.input, Input::ProtoFile(_) | Input::PackageOf(_)) {
        return Err(Failure::usage(
            "a baseline is the promise of the whole project, one file of it cannot be accepted alone",
        )
        .with_help("run `protogate baseline accept` in the project's folder"));
    }
    let path = subject.baseline_file()?.to_owned();
    let before = content(&path)?;
    let current = subject.load()?;
    // No baseline yet: everything is an addition. Anything else that is wrong with the file stops here.
    let old = if before.is_some() { Some(baseline::read(&path)?) } else { None };
    let (report, waivers) = match &old {
        Some(old) => breaks(&subject, &current, old)?,
        None => Default::default(),
    };
    let plan = Plan::new(report, waivers, &current, old.as_ref());
    let day = day()?;
    let (history, recovered) = history(&path, old.as_ref(), &current, day)?;
    let bytes = baseline::encode(&current, &history);
    if plan.is_empty() && old.is_some() {
        // Comments, places and the history may still differ: they are part of the file, and later findings show them.
        let changed = !args.dry_run && before.as_deref() != Some(&bytes[..]);
        if changed {
            write_all(&[Change::new(path.clone(), before, bytes)])?;
        }
        let what = match (changed, recovered) {
            (true, 0) => "; its comments are refreshed".to_owned(),
            (true, count) => format!("; it took over {} from its committed versions", promises(count)),
            (false, _) => String::new(),
        };
        terminal.say(format_args!("nothing to accept: {} promises the same{what}", path.display()));
        return Ok(Exit::Clean);
    }
    match &old {
        Some(_) => plan.print(terminal)?,
        // Everything is new: the listing is one `baseline show` away.
        None => {
            for line in counts(&current) {
                terminal.print(line)?;
            }
        }
    }
    terminal.out.flush()?;
    let summary = plan.summary();
    if args.dry_run {
        terminal.say(format_args!("{summary}; nothing is written"));
        return Ok(Exit::Clean);
    }
    confirm(&plan, args, terminal)?;
    let changes = changes(&subject, &plan, args, day, old.is_none(), Change::new(path, before, bytes))?;
    write_all(&changes)?;
    let names: Vec<String> = changes.iter().map(|it| it.path().display().to_string()).collect();
    let commit = if names.len() == 1 { "Commit it." } else { "Commit them." };
    terminal.say(format_args!("{summary}; written: {}. {commit}", names.join(", ")));
    if recovered > 0 {
        terminal
            .say(format_args!("the baseline took over {} from its committed versions", promises(recovered)));
    }
    if let Some(reason) = &args.reason {
        terminal.say(format_args!("accepted because: {}", escape::line(reason)));
    }
    Ok(Exit::Clean)
}

/// `2 former promises`.
fn promises(count: usize) -> String {
    format!("{count} former promise{}", if count == 1 { "" } else { "s" })
}

/// What the new baseline remembers, and how much of that only committed versions knew.
fn history(
    path: &std::path::Path,
    old: Option<&Schema>,
    new: &Schema,
    day: Date,
) -> Result<(History, usize), Failure> {
    let mut history = match old {
        Some(old) => History::of(old).unwrap_or_default().advance(old, new, &day.to_string()),
        None => History::default(),
    };
    let kept = promised(new);
    let known = history.len();
    for version in baseline::committed(path, MAX_VERSIONS)? {
        for former in version.remembered {
            if !kept.contains(&former) {
                // On which day it ended is not known any more.
                history.end(former, "");
            }
        }
    }
    let recovered = history.len() - known;
    Ok((history, recovered))
}

/// Asks for what breaking changes need.
fn confirm(plan: &Plan, args: &BaselineAccept, terminal: &mut Terminal) -> Result<(), Failure> {
    if plan.breaks.is_empty() {
        return Ok(());
    }
    let count = plan.breaks.len();
    let what = format!("{count} breaking {}", if count == 1 { "change" } else { "changes" });
    let refuse =
        |text: String, help: String| Err(Failure::Message { exit: Exit::Findings, text, help: Some(help) });
    if args.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return refuse(
            format!("{what} would become part of the promise"),
            "look at them with `protogate check`, then give `--reason 'why clients can live with it'`"
                .to_owned(),
        );
    }
    if args.yes {
        return Ok(());
    }
    if let Some(other) = args.package.iter().find(|it| !plan.stable.contains(*it)) {
        return Err(Failure::usage(format!("nothing breaks in the package `{other}`")));
    }
    let missing: Vec<&String> = plan.stable.iter().filter(|it| !args.package.contains(it)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() && std::io::stderr().is_terminal() {
        terminal.say(format_args!("! {what}: clients built before this are broken"));
        for package in &missing {
            let name = typed_for(package);
            terminal.say(format_args!("type `{}` to go on:", escape::line(name)));
            if !is_typed(&mut stdin.lock(), name)? {
                return refuse("that is another name".to_owned(), "nothing is written".to_owned());
            }
        }
        return Ok(());
    }
    let flags: Vec<String> = missing
        .iter()
        .map(|it| if it.is_empty() { "--yes".to_owned() } else { format!("--package {it}") })
        .collect();
    let names: Vec<String> = missing.iter().map(|it| format!("`{it}`")).collect();
    let stays = if names.len() == 1 { "a stable package" } else { "stable packages" };
    refuse(
        format!("{what} would become part of the promise of {}, {stays}", names.join(" and ")),
        format!("clients built before this are broken; if that is meant, add `{}`", flags.join(" ")),
    )
}

/// What is typed for a package; files without one have no name to type.
fn typed_for(package: &str) -> &str {
    if package.is_empty() { "yes" } else { package }
}

fn is_typed(input: &mut impl BufRead, name: &str) -> Result<bool, Failure> {
    let mut line = String::new();
    // A name has an end; more than that is not read.
    std::io::Read::take(input, 4096)
        .read_line(&mut line)
        .map_err(|error| Failure::environment(format!("nothing can be read from the terminal: {error}")))?;
    Ok(line.trim() == name)
}

/// All files that change, the baseline last: once it is there, the change is accepted.
fn changes(
    subject: &Subject,
    plan: &Plan,
    args: &BaselineAccept,
    day: Date,
    first: bool,
    baseline: Change,
) -> Result<Vec<Change>, Failure> {
    let mut changes = Vec::new();
    let utf8 = |bytes: &[u8], path: &std::path::Path| {
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|_| Failure::environment(format!("`{}` is not UTF-8", path.display())))
    };
    let path = subject.project.dir().join(changelog::FILE_NAME);
    let path = path.strip_prefix(".").map_or_else(|_| path.clone(), std::path::Path::to_owned);
    let old = content(&path)?;
    let entry = Entry {
        day,
        reason: args.reason.as_deref(),
        first,
        breaks: &plan.breaks,
        waived: &plan.waived,
        difference: &plan.difference,
    };
    let text = changelog::with_entry(&utf8(old.as_deref().unwrap_or_default(), &path)?, &entry);
    changes.push(Change::new(path, old, text.into_bytes()));
    if let Some(path) = subject.project.file().filter(|_| !plan.waivers.is_empty())
        && let Some(old) = content(&path)?
    {
        let text = waiver_file::without(&utf8(&old, &path)?, &plan.waivers)?;
        let path = path.strip_prefix(".").map_or_else(|_| path.clone(), std::path::Path::to_owned);
        changes.push(Change::new(path, Some(old), text.into_bytes()));
    }
    changes.push(baseline);
    Ok(changes)
}

/// The day that is written down: that of `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch>), else today.
fn day() -> Result<Date, Failure> {
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else { return Ok(today()) };
    let seconds: Option<i64> = text.parse().ok();
    let time = seconds.and_then(|it| jiff::Timestamp::from_second(it).ok());
    time.map(|it| it.to_zoned(TimeZone::UTC).date())
        .ok_or_else(|| Failure::usage("`SOURCE_DATE_EPOCH` is no number of seconds since 1970"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_typed_whole() {
        let typed = |text: &str, name: &str| is_typed(&mut text.as_bytes(), name).unwrap();
        assert!(typed("acme.v1\n", "acme.v1"));
        assert!(typed(" acme.v1 \r\nmore", "acme.v1"));
        assert!(!typed("acme.v\n", "acme.v1"));
        assert!(!typed("", "acme.v1"));
        assert_eq!(typed_for(""), "yes");
    }
}
