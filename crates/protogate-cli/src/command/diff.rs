//! `protogate diff`: how two schemas differ, whom that breaks, and which version comes next.
//!
//! What differs is decided in `protogate_check::difference`; here it is written down. Configuration and waivers have no say: a difference
//! is there whether somebody accepted it or not.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use protogate_check::difference::{Break, Change, Difference, Mark, Sort};
use protogate_check::{BreakingConfig, Profile, check_breaking, texts};
use protogate_schema::Schema;
use serde::Serialize;

use crate::args::{Diff, DiffFormat, InputArgs};
use crate::changelog::{code, message};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Promise, Subject, no_baseline};
use crate::terminal::{Terminal, bold};
use crate::unified::unified;

/// Widest column of owners.
const OWNER_WIDTH: usize = 28;

/// Compares the input with `--against`, a revision, or the baseline.
pub(crate) fn run(args: &Diff, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let (input, against) = sides(args);
    let subject = Subject::find(&input)?;
    let promise = subject.promise(against.as_deref())?.ok_or_else(no_baseline)?;
    let current = subject.load()?;
    let difference = difference(&subject, &current, &promise)?;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = match (args.unified, args.format) {
        (true, _) => write_unified(&mut out, &current, &promise.schema, &difference),
        (_, DiffFormat::Text) => write_text(&mut out, &difference),
        (_, DiffFormat::Markdown) => write_markdown(&mut out, &difference),
        (_, DiffFormat::Json) => write_json(&mut out, &difference),
    };
    terminal.out.write_all(out.as_bytes())?;
    Ok(if args.exit_code && !difference.is_empty() { Exit::Findings } else { Exit::Clean })
}

/// A word that is no input on this disk names a revision to compare with: `protogate diff v1.4.0`.
fn sides(args: &Diff) -> (InputArgs, Option<String>) {
    let typed = &args.input.input;
    let config = args.input.config.clone();
    let is_input = typed == "-" || typed.contains(['#', ':']) || Path::new(typed).exists();
    if args.against.is_some() || is_input || typed.is_empty() {
        return (InputArgs { input: typed.clone(), config }, args.against.clone());
    }
    (InputArgs { input: ".".to_owned(), config }, Some(format!(".git#ref={typed}")))
}

fn difference(subject: &Subject, current: &Schema, promise: &Promise) -> Result<Difference, Failure> {
    let config = BreakingConfig { profile: Profile::Protogate, ..BreakingConfig::default() };
    let report = check_breaking(current, &promise.schema, &config)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let report = subject.about_input(report, current).group();
    let mut difference = Difference::between(current, Some(&promise.schema), &report.findings, true);
    // Of single files nothing follows for the others.
    difference.changes.retain(|it| it.mark != Mark::Removed || subject.is_about(&it.fact.path, current));
    Ok(difference)
}

/// `!` for what breaks somebody, else what happened.
fn sign(change: &Change) -> (char, Style) {
    match (change.breaks.is_empty(), change.mark) {
        (false, _) => ('!', bold(AnsiColor::Red)),
        (_, Mark::Added) => ('+', AnsiColor::Green.on_default()),
        (_, Mark::Changed) => ('~', AnsiColor::Yellow.on_default()),
        (_, Mark::Removed) => ('-', AnsiColor::Red.on_default()),
    }
}

/// Name and what became of it: `2 rev: int64 -> string`.
pub(crate) fn described(change: &Change) -> String {
    let label = match (change.renamed_from(), change.fact.sort) {
        (Some(before), Sort::Route) => {
            let before = before.label.split_once(' ').map_or("", |(_, route)| route);
            let (rpc, route) = change.fact.label.split_once(' ').unwrap_or(("", &change.fact.label));
            format!("{rpc} {before} -> {route}")
        }
        (Some(before), sort) if sort.is_owner() => format!("renamed from {}", before.name),
        (Some(before), _) => format!("{} -> {}", before.label, change.fact.label),
        (None, _) => change.fact.label.clone(),
    };
    let text = change.brief();
    let label = match change.mark {
        Mark::Removed if label.is_empty() => return format!("removed: {text}"),
        Mark::Removed => format!("{label} removed"),
        _ => label,
    };
    match (label.is_empty(), text.is_empty()) {
        (true, _) => text,
        (_, true) => label,
        (false, false) => format!("{label}: {text}"),
    }
}

/// `[wire, JSON]`.
fn audiences(breaks: &[Break]) -> String {
    let all: BTreeSet<_> = breaks.iter().flat_map(|it| it.audiences.iter().copied()).collect();
    let all: Vec<_> = all.into_iter().map(|it| it.label()).collect();
    all.join(", ")
}

/// Ids of the rules, each once.
pub(crate) fn rules(breaks: &[Break]) -> String {
    let all: BTreeSet<_> = breaks.iter().map(|it| it.rule).collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

fn summary(difference: &Difference) -> String {
    format!(
        "{} added, {} changed, {} removed, {} breaking",
        difference.count(Mark::Added),
        difference.count(Mark::Changed),
        difference.count(Mark::Removed),
        difference.breaking()
    )
}

fn write_text(out: &mut String, difference: &Difference) -> std::fmt::Result {
    let heading = Style::new().bold();
    let owners = difference.changes.iter().map(|it| it.fact.owner.chars().count());
    let width = owners.max().unwrap_or(0).min(OWNER_WIDTH);
    let (mut package, mut owner) = (None, None);
    for change in &difference.changes {
        let fact = &change.fact;
        if package != Some(&fact.package) {
            let name = if fact.package.is_empty() { "(no package)" } else { &fact.package };
            writeln!(out, "{heading}{}{heading:#}", escape::line(name))?;
            (package, owner) = (Some(&fact.package), None);
        }
        // Said once, before the first of its changes; a long one has a line of its own.
        let shown = if owner == Some(&fact.owner) { "" } else { fact.owner.as_str() };
        owner = Some(&fact.owner);
        let shown = escape::line(shown);
        if shown.chars().count() > width {
            writeln!(out, "  {shown}")?;
            write!(out, "  {:width$}", "")?;
        } else {
            write!(out, "  {shown:width$}")?;
        }
        let (sign, style) = sign(change);
        write!(out, "  {style}{sign}{style:#} {}", escape::line(&described(change)))?;
        if !change.breaks.is_empty() {
            let who = audiences(&change.breaks);
            let who = if who.is_empty() { String::new() } else { format!(" [{who}]") };
            write!(out, "{style}{who}{style:#}  {}", rules(&change.breaks))?;
        }
        out.push('\n');
    }
    let style = bold(AnsiColor::Red);
    for other in &difference.others {
        writeln!(out, "{style}!{style:#} {}  {}", escape::line(&other.message), other.rule)?;
    }
    writeln!(out, "{}: {}", summary(difference), difference.verdict().label())
}

fn write_unified(
    out: &mut String,
    current: &Schema,
    baseline: &Schema,
    difference: &Difference,
) -> std::fmt::Result {
    for element in texts(current, baseline) {
        let of = |prefix: &str, side: &Option<(String, String)>| match side {
            Some((name, text)) => (format!("{prefix}/{name}"), text.clone()),
            None => ("/dev/null".to_owned(), String::new()),
        };
        let ((from, old), (to, new)) = (of("a", &element.before), of("b", &element.after));
        out.push_str(&unified(&from, &to, &old, &new));
    }
    writeln!(out, "{}: {}", summary(difference), difference.verdict().label())
}

fn write_markdown(out: &mut String, difference: &Difference) -> std::fmt::Result {
    writeln!(out, "## Schema: {}\n\n{}", difference.verdict().label(), summary(difference))?;
    let breaking: Vec<&Change> = difference.changes.iter().filter(|it| !it.breaks.is_empty()).collect();
    let of = |mark: Mark| -> Vec<&Change> {
        difference.changes.iter().filter(|it| it.mark == mark && it.breaks.is_empty()).collect()
    };
    let sections = [
        ("Breaking", breaking),
        ("Added", of(Mark::Added)),
        ("Changed", of(Mark::Changed)),
        ("Removed", of(Mark::Removed)),
    ];
    for (title, changes) in sections {
        let others: &[Break] = if title == "Breaking" { &difference.others } else { &[] };
        if changes.is_empty() && others.is_empty() {
            continue;
        }
        writeln!(out, "\n### {title}\n")?;
        for change in changes {
            write!(out, "- {}", code(&change.fact.name))?;
            if let Some(before) = change.renamed_from() {
                write!(out, " (was {})", code(&before.name))?;
            }
            let text = change.brief();
            if change.mark == Mark::Removed && !change.breaks.is_empty() {
                out.push_str(" removed");
            }
            if !text.is_empty() {
                write!(out, ": {}", code(&text))?;
            }
            if !change.breaks.is_empty() {
                write!(out, " – {} ({})", audiences(&change.breaks), rules(&change.breaks))?;
            }
            out.push('\n');
        }
        for other in others {
            writeln!(out, "- {} ({})", message(&other.message), other.rule)?;
        }
    }
    Ok(())
}

/// One change as an object.
#[derive(Serialize)]
struct Line<'a> {
    change: Mark,
    sort: Sort,
    package: &'a str,
    owner: &'a str,
    element: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<&'a str>,
    text: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deltas: &'a [protogate_check::difference::Delta],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    breaks: &'a [Break],
}

fn write_json(out: &mut String, difference: &Difference) -> std::fmt::Result {
    for change in &difference.changes {
        let line = Line {
            change: change.mark,
            sort: change.fact.sort,
            package: &change.fact.package,
            owner: &change.fact.owner,
            element: &change.fact.name,
            renamed_from: change.renamed_from().map(|it| it.name.as_str()),
            text: change.text(),
            deltas: &change.deltas,
            breaks: &change.breaks,
        };
        let text = serde_json::to_string(&line).unwrap_or_default();
        writeln!(out, "{}", escape::json(&text))?;
    }
    let summary = serde_json::json!({
        "verdict": difference.verdict(),
        "added": difference.count(Mark::Added),
        "changed": difference.count(Mark::Changed),
        "removed": difference.count(Mark::Removed),
        "breaking": difference.breaking(),
        "others": difference.others,
    });
    writeln!(out, "{}", escape::json(&summary.to_string()))
}
