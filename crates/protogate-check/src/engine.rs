//! The walk of the breaking rules: once over the baseline and its pairs, calling the rules registered for each scope.
//!
//! The walk has no knowledge of any rule. It never stops early; what is ignored is dropped at the end, when there are few things
//! to look at. Lint has its own walk in `lint`, because it looks at one schema.

use std::ops::Range;

use protogate_schema::Schema;
use protogate_schema::model::element::{EnumId, FieldId, FileId, MessageId, MethodId, ServiceId};
use protogate_schema::pair::Pairs;

use crate::config::{BreakingConfig, ConfigError};
use crate::finding::{Findings, Report};
use crate::parallel::{self, within};
use crate::rule::{Check, PairCheck, Rule};
use crate::{breakage, group};

type Registered<F> = Vec<(&'static Rule, F)>;

/// The selected rules by scope.
#[derive(Default)]
struct Scopes {
    schemas: Registered<fn(&Pairs<'_>, &mut Findings)>,
    file_deleted: Registered<fn(&Schema, FileId, &mut Findings)>,
    file: Registered<PairCheck<FileId>>,
    message: Registered<PairCheck<MessageId>>,
    field: Registered<PairCheck<FieldId>>,
    enumeration: Registered<PairCheck<EnumId>>,
    service: Registered<PairCheck<ServiceId>>,
    method: Registered<PairCheck<MethodId>>,
}

impl Scopes {
    fn new(rules: &[&'static Rule]) -> Self {
        let mut scopes = Self::default();
        for &rule in rules {
            match rule.check {
                Check::Schemas(check) => scopes.schemas.push((rule, check)),
                Check::FileDeleted(check) => scopes.file_deleted.push((rule, check)),
                Check::FilePair(check) => scopes.file.push((rule, check)),
                Check::MessagePair(check) => scopes.message.push((rule, check)),
                Check::FieldPair(check) => scopes.field.push((rule, check)),
                Check::EnumPair(check) => scopes.enumeration.push((rule, check)),
                Check::ServicePair(check) => scopes.service.push((rule, check)),
                Check::MethodPair(check) => scopes.method.push((rule, check)),
                _ => {}
            }
        }
        scopes
    }
}

/// Compares a schema with its baseline.
///
/// # Errors
/// When the configuration names unknown rules or categories, or leaves no rule.
pub fn check_breaking(
    current: &Schema,
    baseline: &Schema,
    config: &BreakingConfig,
) -> Result<Report, ConfigError> {
    let selection = config.resolve()?;
    let Some(&first) = selection.rules.first() else { return Ok(Report::default()) };
    let scopes = Scopes::new(&selection.rules);
    let pairs = Pairs::new(current, baseline);
    let list = parallel::run(&tasks(&scopes, baseline), first, |task, out| task.run(&scopes, &pairs, out));
    let mut report = selection.finish(list, current, baseline);
    breakage::describe(&pairs, &mut report.findings);
    group::link(&pairs, &mut report.findings);
    Ok(report)
}

/// A part of the walk: one rule, or some elements of a scope.
enum Task {
    Schemas(usize),
    Files(Range<usize>),
    Messages(Range<usize>),
    Extensions(Range<usize>),
    Enums(Range<usize>),
    Services(Range<usize>),
}

/// The walk in its order.
fn tasks(scopes: &Scopes, baseline: &Schema) -> Vec<Task> {
    let mut tasks: Vec<_> = (0..scopes.schemas.len()).map(Task::Schemas).collect();
    tasks.extend(parallel::ranges(baseline.files().len()).map(Task::Files));
    tasks.extend(parallel::ranges(baseline.messages().len()).map(Task::Messages));
    tasks.extend(parallel::ranges(baseline.fields().len()).map(Task::Extensions));
    tasks.extend(parallel::ranges(baseline.enums().len()).map(Task::Enums));
    tasks.extend(parallel::ranges(baseline.services().len()).map(Task::Services));
    tasks
}

impl Task {
    fn run(&self, scopes: &Scopes, pairs: &Pairs<'_>, out: &mut Findings) {
        let baseline = pairs.baseline;
        match self {
            Self::Schemas(index) => {
                let (rule, check) = scopes.schemas[*index];
                out.enter(rule);
                check(pairs, out);
            }
            Self::Files(range) => {
                for (id, _) in within(baseline.files(), range) {
                    match pairs.file(id) {
                        Some(pair) => run(&scopes.file, pairs, pair, out),
                        None => {
                            for &(rule, check) in &scopes.file_deleted {
                                out.enter(rule);
                                check(baseline, id, out);
                            }
                        }
                    }
                }
            }
            Self::Messages(range) => {
                for (id, _) in within(baseline.messages(), range) {
                    let Some(messages) = pairs.message(id) else { continue };
                    run(&scopes.message, pairs, messages, out);
                    if !scopes.field.is_empty() {
                        for pair in pairs.fields(messages).filter_map(|(_, pair)| pair) {
                            run(&scopes.field, pairs, pair, out);
                        }
                    }
                }
            }
            Self::Extensions(range) => {
                for (id, field) in within(baseline.fields(), range) {
                    if field.is_extension()
                        && let Some(pair) = pairs.extension(id)
                    {
                        run(&scopes.field, pairs, pair, out);
                    }
                }
            }
            Self::Enums(range) => {
                for (id, _) in within(baseline.enums(), range) {
                    if let Some(pair) = pairs.enumeration(id) {
                        run(&scopes.enumeration, pairs, pair, out);
                    }
                }
            }
            Self::Services(range) => {
                for (id, service) in within(baseline.services(), range) {
                    let Some(services) = pairs.service(id) else { continue };
                    run(&scopes.service, pairs, services, out);
                    for &method in &service.methods {
                        if let Some(pair) = pairs.method(services, method) {
                            run(&scopes.method, pairs, pair, out);
                        }
                    }
                }
            }
        }
    }
}

fn run<T: Copy>(
    checks: &Registered<PairCheck<T>>,
    pairs: &Pairs<'_>,
    pair: protogate_schema::pair::Pair<T>,
    out: &mut Findings,
) {
    for &(rule, check) in checks {
        out.enter(rule);
        check(pairs, pair, out);
    }
}
