//! The walk of the breaking rules: once over the baseline and its pairs, calling the rules registered for each scope.
//!
//! The walk has no knowledge of any rule. It never stops early; what is ignored is dropped at the end, when there are few things
//! to look at. Lint has its own walk in `lint`, because it looks at one schema.

use protogate_schema::Schema;
use protogate_schema::model::element::{EnumId, FieldId, FileId, MessageId, MethodId, ServiceId};
use protogate_schema::pair::Pairs;

use crate::config::{BreakingConfig, ConfigError};
use crate::finding::{Findings, Report};
use crate::{breakage, group};
use crate::rule::{Check, PairCheck, Rule};

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
    let mut out = Findings::new(first);
    walk(&scopes, &pairs, &mut out);
    let mut report = selection.finish(out.list, current, baseline);
    breakage::describe(&pairs, &mut report.findings);
    group::link(&pairs, &mut report.findings);
    Ok(report)
}

fn walk(scopes: &Scopes, pairs: &Pairs<'_>, out: &mut Findings) {
    let baseline = pairs.baseline;
    for &(rule, check) in &scopes.schemas {
        out.enter(rule);
        check(pairs, out);
    }
    for (id, _) in baseline.files() {
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
    for (id, _) in baseline.messages() {
        let Some(messages) = pairs.message(id) else { continue };
        run(&scopes.message, pairs, messages, out);
        if !scopes.field.is_empty() {
            for pair in pairs.fields(messages).filter_map(|(_, pair)| pair) {
                run(&scopes.field, pairs, pair, out);
            }
        }
    }
    for (id, field) in baseline.fields() {
        if field.is_extension()
            && let Some(pair) = pairs.extension(id)
        {
            run(&scopes.field, pairs, pair, out);
        }
    }
    for (id, _) in baseline.enums() {
        if let Some(pair) = pairs.enumeration(id) {
            run(&scopes.enumeration, pairs, pair, out);
        }
    }
    for (id, service) in baseline.services() {
        let Some(services) = pairs.service(id) else { continue };
        run(&scopes.service, pairs, services, out);
        for &method in &service.methods {
            if let Some(pair) = pairs.method(services, method) {
                run(&scopes.method, pairs, pair, out);
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
