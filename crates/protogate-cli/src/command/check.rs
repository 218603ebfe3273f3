//! `protogate check`: compile, lint, compare with the baseline, waive. The one command for CI.
//!
//! A project without a baseline is linted, and a line says that nothing is promised yet; a baseline that is configured and missing
//! is an error.

use std::collections::HashSet;
use std::thread;
use std::time::Instant;

use protogate_check::{Direction, Earlier, Group, Profile, Report, check_history, check_lint, check_several};
use protogate_schema::Schema;
use protogate_schema::baseline::{Committed, newest};
use protogate_schema::compile::recompile;
use protogate_schema::project::Baseline;

use crate::args::{Check, Selection};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fix::Plan;
use crate::gate::{self, Limits, Past};
use crate::images::Images;
use crate::project::{Promise, Subject};
use crate::report::{Checked, finish, or_diagnostics, waive};
use crate::terminal::Terminal;

/// Checks the input.
pub(crate) fn run(args: &Check, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let subject = Subject::find(&args.input)?;
    let format = args.report.format;
    let against = &args.against.against;
    // What git knows of the baseline is asked for while the rest is read.
    let file = match subject.project.baseline() {
        Baseline::File(path) if against.is_empty() => Some(path.clone()),
        _ => None,
    };
    let versions = file.map(|path| thread::spawn(move || newest(&path)));
    let promises = or_diagnostics(subject.promises(against), format, terminal)?;
    let mut current = or_diagnostics(subject.load(), format, terminal)?;
    if promises.is_empty() {
        if let Some((folder, outer)) = subject.inside_of_project() {
            let (folder, outer) = (escape::line(&folder), escape::line(&outer));
            let message = format!(
                "`{folder}` lies inside of the project `{outer}`, and its baseline and rules would not count"
            );
            return Err(Failure::usage(message).with_help(format!(
                "check the project: `protogate check {outer}`; what is no part of it needs a `protogate.toml` of its own"
            )));
        }
        terminal.say("note: nothing is promised yet: the project has no baseline (`protogate baseline accept` records one)");
    }
    let direction = args.against.direction.into();
    let mut report = check(&subject, &current, &promises, &args.selection, direction)?;
    if let Some(plan) = Plan::of(&args.fix, &report, &subject, &current, terminal)? {
        let again = |texts| -> Result<(Schema, Report), Failure> {
            let current = recompile(&current, texts)?;
            let report = match subject.project.modules().len() {
                0 | 1 => check(&subject, &current, &promises, &args.selection, direction)?,
                _ => {
                    let images = subject.images()?.recompiled(texts)?;
                    let (lint, breaking) = split(&args.selection)?;
                    check_modules(&subject, &images, &promises, lint, breaking, direction)?
                }
            };
            Ok((current, report))
        };
        let (schema, found) = again(&plan.texts).map_err(|failure| plan.refused(&failure, terminal))?;
        plan.verify(&report, &found)?;
        if args.fix.dry_run {
            plan.show(terminal)?;
            waive(&mut report, &subject, &current)?;
            return Ok(if report.has_denied() { Exit::Findings } else { Exit::Clean });
        }
        plan.write(terminal)?;
        (current, report) = (schema, found);
    }
    // A thread that did not end well has nothing to say; what it would have said is no part of the promise.
    if let (Some(Ok(Ok(versions))), [promise]) = (versions.map(thread::JoinHandle::join), &promises[..]) {
        report = report.merge(remembers(&subject, promise, &versions, &args.selection)?);
    }
    if !args.no_group {
        report = report.group();
    }
    finish(Checked { report, current: &current, promises: &promises, started }, &subject, format, terminal)
}

/// Whether the baseline still knows what its newest committed versions knew.
fn remembers(
    subject: &Subject,
    promise: &Promise,
    versions: &[Committed],
    selection: &Selection,
) -> Result<Report, Failure> {
    let (_, Some(breaking)) = split(selection)? else { return Ok(Report::default()) };
    if versions.is_empty() {
        return Ok(Report::default());
    }
    let mut config = subject.breaking(&breaking)?;
    config.profile = Profile::Protogate;
    check_history(&promise.schema, &promise.name, versions, &config)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// Both groups of rules, the names of `--use` and `--except` going to the group that knows them.
pub(crate) fn check(
    subject: &Subject,
    current: &Schema,
    promises: &[Promise],
    selection: &Selection,
    direction: Direction,
) -> Result<Report, Failure> {
    let (lint, breaking) = split(selection)?;
    let mut report = Report { notes: subject.project.notes().to_vec(), ..Report::default() };
    if subject.project.modules().len() > 1 {
        return check_modules(subject, &subject.images()?, promises, lint, breaking, direction);
    }
    if let Some(lint) = lint {
        let mut config = subject.lint(&lint)?;
        config.profile = Profile::Protogate;
        let found = check_lint(current, &config).map_err(|error| Failure::usage(error.to_string()))?;
        report = report.merge(found);
    }
    if let (Some(breaking), false) = (breaking, promises.is_empty()) {
        let mut config = subject.breaking(&breaking)?;
        config.profile = Profile::Protogate;
        let earlier: Vec<Earlier<'_>> = promises.iter().map(Promise::earlier).collect();
        let found = check_several(current, &earlier, &config, direction)
            .map_err(|error| Failure::usage(error.to_string()))?;
        report = report.merge(subject.about_input(found, current));
    }
    report.files = current.files().filter(|(_, file)| !file.is_import).count();
    Ok(report)
}

/// The same, module by module, for a workspace whose modules have rules of their own.
fn check_modules(
    subject: &Subject,
    images: &Images,
    promises: &[Promise],
    lint: Option<Selection>,
    breaking: Option<Selection>,
    direction: Direction,
) -> Result<Report, Failure> {
    let mut report = Report::default();
    if let Some(lint) = lint {
        report = report.merge(gate::lint(subject, images, &lint, Profile::Protogate)?);
    }
    if let (Some(breaking), false) = (breaking, promises.is_empty()) {
        let mut past = Vec::new();
        for promise in promises {
            let whole = promise.schema.restricted(|path| {
                promise.schema.find_file(path).is_some_and(|id| !promise.schema.file(id).is_import)
            })?;
            past.push(Past::accepted(
                Promise { name: promise.name.clone(), schema: whole },
                &subject.project,
            ));
        }
        let limits = Limits::default();
        let found = gate::breaking(subject, images, &past, &breaking, Profile::Protogate, limits, direction)?;
        report = report.merge(found);
    }
    report.files = images.files();
    let mut seen = HashSet::new();
    report.notes.retain(|it| seen.insert(it.clone()));
    Ok(report)
}

/// Deals the names out. With `--use`, a group that is not named does not run.
fn split(selection: &Selection) -> Result<(Option<Selection>, Option<Selection>), Failure> {
    let group_of = |name: &str| {
        let has = |group: Group| {
            protogate_check::rules()
                .iter()
                .any(|rule| rule.group() == group && (rule.id == name || rule.categories.contains(&name)))
        };
        (has(Group::Lint), has(Group::Breaking))
    };
    let mut lint = Selection { rules: Vec::new(), except: Vec::new() };
    let mut breaking = Selection { rules: Vec::new(), except: Vec::new() };
    let deal = |names: &[String], lint: &mut Vec<String>, breaking: &mut Vec<String>| {
        for name in names {
            match group_of(name) {
                (false, false) => {
                    return Err(Failure::usage(format!("there is no rule or category `{name}`"))
                        .with_help("`protogate rules` lists them"));
                }
                (is_lint, is_breaking) => {
                    lint.extend(is_lint.then(|| name.clone()));
                    breaking.extend(is_breaking.then(|| name.clone()));
                }
            }
        }
        Ok(())
    };
    deal(&selection.rules, &mut lint.rules, &mut breaking.rules)?;
    deal(&selection.except, &mut lint.except, &mut breaking.except)?;
    let all = selection.rules.is_empty();
    let wanted = |group: Selection| (all || !group.rules.is_empty()).then_some(group);
    Ok((wanted(lint), wanted(breaking)))
}
