//! `protogate baseline`: record what is promised, print it, compare it.
//!
//! Accepting shows the plan first: what is added, and what breaks by rule. Breaking changes, and changes of routes and access that
//! no rule judges yet, need a reason on the command line, so that nobody accepts them by habit; the reason ends up in the shell's history and, better, in the commit message.

use std::collections::BTreeMap;

use protogate_check::{Group, Report, check_breaking, rule};
use protogate_schema::{Schema, baseline};

use crate::args::{Baseline, BaselineAccept, BaselineShow, BaselineVerify, Selection};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::{Listing, compare, list};
use crate::project::Subject;
use crate::report::today;
use crate::terminal::Terminal;

/// Lines of a plan that are shown; more are counted.
const MAX_LINES: usize = 100;

/// Runs `accept`, `show` or `verify`.
pub(crate) fn run(command: &Baseline, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match command {
        Baseline::Accept(args) => accept(args, terminal),
        Baseline::Show(args) => show(args, terminal),
        Baseline::Verify(args) => verify(args, terminal),
    }
}

fn accept(args: &BaselineAccept, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let path = subject.baseline_file()?;
    let current = subject.load()?;
    // No baseline yet: everything is an addition. Anything else that is wrong with the file stops here.
    let old = if path.exists() { Some(baseline::read(path)?) } else { None };
    let report = match &old {
        Some(old) => breaks(&subject, &current, old)?,
        None => Report::default(),
    };
    let difference = compare(&old.as_ref().map_or_else(Listing::new, list), &list(&current));
    if difference.is_empty() && report.findings.is_empty() && old.is_some() {
        // Comments and places may still differ: they are part of the file, and frames of later findings show them.
        let changed = !args.dry_run && baseline::write(&current, path)?;
        terminal.say(format_args!(
            "nothing to accept: {} promises the same{}",
            path.display(),
            if changed { "; its comments are refreshed" } else { "" }
        ));
        return Ok(Exit::Clean);
    }
    match &old {
        Some(_) => print_lines(&difference.lines(), terminal)?,
        // Everything is new: the listing is one `baseline show` away.
        None => {
            for line in counts(&current) {
                terminal.print(line)?;
            }
        }
    }
    for (rule, count) in by_rule(&report) {
        terminal.print(format_args!(
            "! {rule}  {count} breaking {}",
            if count == 1 { "change" } else { "changes" }
        ))?;
    }
    let unjudged = difference.unjudged().len();
    if unjudged > 0 {
        terminal.print(format_args!(
            "! routes and access, which no rule judges: {unjudged} removed or changed"
        ))?;
    }
    let summary = format!(
        "{} added, {} changed, {} removed, {} breaking",
        difference.added.len(),
        difference.changed.len(),
        difference.removed.len(),
        report.findings.len()
    );
    terminal.out.flush()?;
    if args.dry_run {
        terminal.say(format_args!("{summary}; nothing is written"));
        return Ok(Exit::Clean);
    }
    let doubtful = unjudged > 0 || !report.findings.is_empty();
    if doubtful && args.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        let mut what = Vec::new();
        if !report.findings.is_empty() {
            what.push(format!("{} breaking changes", report.findings.len()));
        }
        if unjudged > 0 {
            what.push(format!("{unjudged} removed or changed routes and accesses"));
        }
        let text = format!("{} would become part of the promise", what.join(" and "));
        return Err(Failure::Message {
            exit: Exit::Findings,
            text,
            help: Some(if report.findings.is_empty() {
                "they are marked `-` and `~` above; give `--reason 'why clients can live with it'`".to_owned()
            } else {
                "look at them with `protogate breaking`, then give `--reason 'why clients can live with it'`"
                    .to_owned()
            }),
        });
    }
    baseline::write(&current, path)?;
    terminal.say(format_args!("{summary}; written: {}. Commit it.", path.display()));
    if let Some(reason) = &args.reason {
        terminal.say(format_args!("accepted because: {}", escape::line(reason)));
    }
    Ok(Exit::Clean)
}

fn show(args: &BaselineShow, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let promise = subject.promise(None)?.ok_or_else(crate::project::no_baseline)?;
    if args.elements {
        for line in counts(&promise.schema) {
            terminal.print(line)?;
        }
    } else {
        for (name, text) in list(&promise.schema) {
            terminal.print(format_args!("{}  {}", escape::line(&name), escape::line(&text)))?;
        }
    }
    Ok(Exit::Clean)
}

fn verify(args: &BaselineVerify, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let promise = subject.promise(None)?.ok_or_else(crate::project::no_baseline)?;
    let current = subject.load()?;
    let difference = compare(&list(&promise.schema), &list(&current));
    let report = breaks(&subject, &current, &promise.schema)?;
    if difference.is_empty() && report.findings.is_empty() {
        terminal.say(format_args!("{} is up to date", promise.name));
        return Ok(Exit::Clean);
    }
    print_lines(&difference.lines(), terminal)?;
    terminal.out.flush()?;
    terminal.say(format_args!(
        "{} is not what the schema says: {} added, {} changed, {} removed, {} breaking; `protogate baseline accept` records it",
        promise.name,
        difference.added.len(),
        difference.changed.len(),
        difference.removed.len(),
        report.findings.len()
    ));
    Ok(Exit::Findings)
}

/// The breaking findings that no waiver covers: a waiver has its reason already.
fn breaks(subject: &Subject, current: &Schema, old: &Schema) -> Result<Report, Failure> {
    let config = subject.breaking(&Selection { rules: Vec::new(), except: Vec::new() })?;
    let mut report =
        check_breaking(current, old, &config).map_err(|error| Failure::usage(error.to_string()))?;
    subject.waivers()?.apply(&mut report, today());
    report.findings.retain(|finding| rule(finding.rule).is_some_and(|rule| rule.group() == Group::Breaking));
    Ok(report)
}

fn by_rule(report: &Report) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(finding.rule).or_insert(0) += 1;
    }
    counts
}

fn print_lines(lines: &[String], terminal: &mut Terminal) -> Result<(), Failure> {
    for line in lines.iter().take(MAX_LINES) {
        terminal.print(escape::line(line))?;
    }
    let more = lines.len().saturating_sub(MAX_LINES);
    if more > 0 {
        terminal.print(format_args!("… and {more} more"))?;
    }
    Ok(())
}

fn counts(schema: &Schema) -> Vec<String> {
    let target = |file| !schema.file(file).is_import;
    let methods: Vec<_> =
        schema.methods().filter(|(_, method)| target(schema.service(method.service).file)).collect();
    let counts = [
        ("files", schema.files().filter(|(_, file)| !file.is_import).count()),
        ("messages", schema.messages().filter(|(_, it)| target(it.place.file) && !it.is_map_entry).count()),
        (
            "fields",
            schema
                .messages()
                .filter(|(_, it)| target(it.place.file) && !it.is_map_entry)
                .map(|(_, it)| it.fields.len())
                .sum(),
        ),
        ("enums", schema.enums().filter(|(_, it)| target(it.place.file)).count()),
        ("services", schema.services().filter(|(_, it)| target(it.file)).count()),
        ("methods", methods.len()),
        ("routes", methods.iter().map(|(id, _)| schema.bindings(*id).len()).sum()),
    ];
    counts.iter().map(|(what, count)| format!("{what:<9} {count}")).collect()
}
