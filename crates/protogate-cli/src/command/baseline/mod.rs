//! `protogate baseline`: record what is promised, print it, compare it.

mod accept;
mod plan;

use protogate_check::difference::{Difference, Mark, facts};
use protogate_check::{
    BreakingConfig, Group, Profile, Report, check_breaking, check_history, describe, rule,
};
use protogate_schema::Schema;
use protogate_schema::baseline::{MAX_VERSIONS, committed};
use protogate_schema::history::History;
use protogate_schema::project::Baseline as Place;

use crate::args::{Baseline, BaselineShow, BaselineVerify, Selection};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::lines;
use crate::project::Subject;
use crate::report::today;
use crate::terminal::Terminal;

/// Lines of a plan that are shown; more are counted.
const MAX_LINES: usize = 100;

/// Runs `accept`, `show` or `verify`.
pub(crate) fn run(command: &Baseline, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match command {
        Baseline::Accept(args) => accept::run(args, terminal),
        Baseline::Show(args) => show(args, terminal),
        Baseline::Verify(args) => verify(args, terminal),
    }
}

fn show(args: &BaselineShow, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let promise = subject.promise(None)?.ok_or_else(crate::project::no_baseline)?;
    if args.elements {
        for line in counts(&promise.schema) {
            terminal.print(line)?;
        }
    } else if args.history {
        let Some(history) = History::of(&promise.schema) else {
            terminal.say(format_args!(
                "{} carries no history; `protogate baseline accept` begins one",
                promise.name
            ));
            return Ok(Exit::Clean);
        };
        for (former, day) in history.iter() {
            let text = if former.text.is_empty() { String::new() } else { format!("  {}", former.text) };
            let until = if day.is_empty() { String::new() } else { format!("  until {day}") };
            terminal
                .print(format_args!("{}{until}", escape::line(&format!("{}{text}", describe(former)))))?;
        }
    } else {
        for fact in facts(&promise.schema) {
            terminal.print(format_args!("{}  {}", escape::line(&fact.name), escape::line(&fact.text())))?;
        }
    }
    Ok(Exit::Clean)
}

fn verify(args: &BaselineVerify, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let promise = subject.promise(None)?.ok_or_else(crate::project::no_baseline)?;
    let mut clean = true;
    if let Place::File(path) = subject.project.baseline() {
        let versions = committed(path, MAX_VERSIONS)?;
        let config = BreakingConfig { r#use: vec!["BASELINE_HISTORY_KEPT".to_owned()], ..Default::default() };
        let mut report = check_history(&promise.schema, &promise.name, &versions, &config)
            .map_err(|error| Failure::usage(error.to_string()))?;
        subject.waivers()?.apply(&mut report, today());
        for finding in report.findings.iter().filter(|it| it.rule == "BASELINE_HISTORY_KEPT") {
            clean = false;
            terminal.print(format_args!("! {}", escape::line(&finding.message)))?;
        }
        if History::of(&promise.schema).is_none() {
            terminal.say(format_args!(
                "note: {} carries no history, so that numbers can be used again unnoticed; `protogate baseline accept` begins one",
                promise.name
            ));
        }
    }
    let current = subject.load()?;
    let (broken, _) = breaks(&subject, &current, &promise.schema)?;
    let difference = Difference::between(&current, Some(&promise.schema), &broken.findings, false);
    if difference.is_empty() {
        terminal.out.flush()?;
        if clean {
            terminal.say(format_args!("{} is up to date", promise.name));
            return Ok(Exit::Clean);
        }
        terminal.say(format_args!(
            "{} says what the schema says, and has forgotten what it knew; `protogate baseline accept` takes it over again",
            promise.name
        ));
        return Ok(Exit::Findings);
    }
    print_lines(&lines(&difference), terminal)?;
    terminal.out.flush()?;
    terminal.say(format_args!(
        "{} is not what the schema says: {} added, {} changed, {} removed, {} breaking; `protogate baseline accept` records it",
        promise.name,
        difference.count(Mark::Added),
        difference.count(Mark::Changed),
        difference.count(Mark::Removed),
        broken.findings.len()
    ));
    Ok(Exit::Findings)
}

/// The breaking findings that no waiver covers, with those that one covers; and which waivers of the file cover one.
fn breaks(subject: &Subject, current: &Schema, old: &Schema) -> Result<(Report, Vec<usize>), Failure> {
    let mut config = subject.breaking(&Selection { rules: Vec::new(), except: Vec::new() })?;
    config.profile = Profile::Protogate;
    let mut report =
        check_breaking(current, old, &config).map_err(|error| Failure::usage(error.to_string()))?;
    let mut waivers = subject.waivers()?;
    waivers.read_comments(current);
    let today = today();
    let mut used: Vec<usize> =
        report.findings.iter().filter_map(|finding| waivers.covering(finding, today)).collect();
    used.sort_unstable();
    used.dedup();
    waivers.apply(&mut report, today);
    report.findings.retain(|finding| rule(finding.rule).is_some_and(|rule| rule.group() == Group::Breaking));
    Ok((report, used))
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
