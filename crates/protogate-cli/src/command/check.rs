//! `protogate check`: compile, lint, compare with the baseline, waive. The one command for CI.
//!
//! A project without a baseline is linted, and a line says that nothing is promised yet; a baseline that is configured and missing
//! is an error.

use std::time::Instant;

use protogate_check::{Group, Profile, Report, check_breaking, check_lint, rule};
use protogate_schema::Schema;

use crate::args::{Check, Selection};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::{compare, list, list_files};
use crate::project::{Promise, Subject};
use crate::report::{Checked, finish, or_diagnostics};
use crate::terminal::Terminal;

/// Notes about changes of routes and access that are shown; more are counted.
const MAX_NOTES: usize = 20;

/// Checks the input.
pub(crate) fn run(args: &Check, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let subject = Subject::find(&args.input)?;
    let format = args.report.format;
    let promise = or_diagnostics(subject.promise(args.against.as_deref()), format, terminal)?;
    let current = or_diagnostics(subject.load(), format, terminal)?;
    if promise.is_none() {
        terminal.say("note: nothing is promised yet: the project has no baseline (`protogate baseline accept` records one)");
    }
    let report = check(&subject, &current, promise.as_ref(), &args.selection)?;
    let compared = report.rules.iter().any(|it| rule(it).is_some_and(|it| it.group() == Group::Breaking));
    if let Some(promise) = promise.as_ref().filter(|_| compared) {
        note_unjudged(&subject, &current, promise, terminal);
    }
    finish(
        Checked { report, current: &current, promise: promise.as_ref(), started },
        &subject,
        format,
        terminal,
    )
}

/// Says what changed about routes and access: no rule judges it yet, so it is no finding, but nobody should miss it.
fn note_unjudged(subject: &Subject, current: &Schema, promise: &Promise, terminal: &mut Terminal) {
    let old = list_files(&promise.schema, &|path| subject.is_about(path, current));
    let lines = compare(&old, &list(current)).unjudged();
    for line in lines.iter().take(MAX_NOTES) {
        terminal.say(format_args!("note: no rule judges this change: {}", escape::line(line)));
    }
    let more = lines.len().saturating_sub(MAX_NOTES);
    if more > 0 {
        terminal.say(format_args!("note: … and {more} more; `protogate baseline verify` shows all"));
    }
}

/// Both groups of rules, the names of `--use` and `--except` going to the group that knows them.
pub(crate) fn check(
    subject: &Subject,
    current: &Schema,
    promise: Option<&Promise>,
    selection: &Selection,
) -> Result<Report, Failure> {
    let (lint, breaking) = split(selection)?;
    let mut report = Report::default();
    if let Some(lint) = lint {
        let mut config = subject.lint(&lint)?;
        config.profile = Profile::Protogate;
        report = check_lint(current, &config).map_err(|error| Failure::usage(error.to_string()))?;
    }
    if let (Some(breaking), Some(promise)) = (breaking, promise) {
        let mut config = subject.breaking(&breaking)?;
        config.profile = Profile::Protogate;
        let found = check_breaking(current, &promise.schema, &config)
            .map_err(|error| Failure::usage(error.to_string()))?;
        report = report.merge(subject.about_input(found, current));
    }
    report.files = current.files().filter(|(_, file)| !file.is_import).count();
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
