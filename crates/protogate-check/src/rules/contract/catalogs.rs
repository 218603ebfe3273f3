//! The reasons of error catalogues on both sides: what the `ERROR_*` rules look at.
//!
//! A reason is known to callers by domain and name (`google.rpc.ErrorInfo`), not by the number of its value or by its enum. So one
//! that moved to another enum of the same domain is the same reason, and a value that was renamed is another one.

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, ValueId};
use protogate_schema::model::error_spec::{ErrorCatalog, ErrorSpec};
use protogate_schema::pair::Pairs;

use crate::finding::{Finding, Findings};
use crate::position::At;

/// Where options stand in the descriptor of an enum or an enum value, and the number of our extensions of both.
const OPTION: [i32; 2] = [3, 60430];

/// Numbers of `protogate.v1.ErrorSpec`.
pub(super) const CODE: i32 = 1;
pub(super) const GRPC_CODE: i32 = 2;
pub(super) const HTTP_STATUS: i32 = 3;
pub(super) const RETRYABLE: i32 = 4;
pub(super) const RETRY_DELAY: i32 = 5;
pub(super) const TEXTS: i32 = 6;

/// A reason that both sides have.
#[derive(Debug)]
pub(super) struct Reason<'a> {
    pairs: &'a Pairs<'a>,
    pub(super) old: &'a ErrorSpec,
    pub(super) new: &'a ErrorSpec,
}

/// Calls `check` for each reason of the baseline that is still there.
pub(super) fn for_each(pairs: &Pairs<'_>, mut check: impl FnMut(Reason<'_>)) {
    for_all(pairs, |_, old, new| {
        if let Some((_, new)) = new {
            check(Reason { pairs, old, new });
        }
    });
}

/// Calls `check` for each reason of the baseline: with its catalogue, and with what it is now.
pub(super) fn for_all(
    pairs: &Pairs<'_>,
    mut check: impl FnMut(&ErrorCatalog, &ErrorSpec, Option<(&ErrorCatalog, &ErrorSpec)>),
) {
    let before = pairs.baseline.error_catalogs();
    if before.is_empty() {
        return;
    }
    let now = pairs.current.error_catalogs();
    for catalog in &before {
        let same_enum = successor(pairs, catalog, &now);
        let others = || now.iter().filter(|it| it.domain == catalog.domain);
        for old in &catalog.errors {
            let find = |catalog| find(catalog, &old.reason).map(|new| (catalog, new));
            let new = same_enum.and_then(find).or_else(|| others().find_map(find));
            check(catalog, old, new);
        }
    }
}

/// Calls `check` for each catalogue whose enum is still a catalogue.
pub(super) fn for_each_catalog(pairs: &Pairs<'_>, mut check: impl FnMut(&ErrorCatalog, &ErrorCatalog)) {
    let before = pairs.baseline.error_catalogs();
    if before.is_empty() {
        return;
    }
    let now = pairs.current.error_catalogs();
    for old in &before {
        if let Some(new) = successor(pairs, old, &now) {
            check(old, new);
        }
    }
}

fn successor<'a>(pairs: &Pairs<'_>, old: &ErrorCatalog, now: &'a [ErrorCatalog]) -> Option<&'a ErrorCatalog> {
    let pair = pairs.enumeration(old.enumeration)?;
    now.iter().find(|it| it.enumeration == pair.current)
}

fn find<'a>(catalog: &'a ErrorCatalog, reason: &str) -> Option<&'a ErrorSpec> {
    catalog.errors.iter().find(|it| it.reason == reason)
}

/// Place of a field of a reason's annotation, else of the annotation, else of the value.
pub(super) fn at_error(schema: &Schema, value: ValueId, field: i32) -> At {
    let element = Element::Value(value);
    At::within_option(schema, element, &[OPTION[0], OPTION[1], field])
}

/// The same for a catalogue's annotation.
pub(super) fn at_catalog(schema: &Schema, catalog: &ErrorCatalog, field: i32) -> At {
    let element = Element::Enum(catalog.enumeration);
    At::within_option(schema, element, &[OPTION[0], OPTION[1], field])
}

impl Reason<'_> {
    /// Reports a change of a field of the annotation: the message goes on after the reason's name.
    pub(super) fn report<'o>(
        &self,
        out: &'o mut Findings,
        field: i32,
        what: &str,
        (before, now): (&str, &str),
    ) -> &'o mut Finding {
        let Pairs { current, baseline, .. } = self.pairs;
        out.report(
            at_error(current, self.new.value, field),
            current.full_name(Element::Value(self.new.value)),
            format!("error `{}` {what}", self.new.reason),
        )
        .against(at_error(baseline, self.old.value, field))
        .labels(format!("now {now}"), format!("was {before}"))
        .key(format!("{before}->{now}"))
    }
}

/// The names of the placeholders of a text, each once, in order of use. Faulty texts are the generator's business; here they have
/// the placeholders that can be read.
pub(super) fn placeholders(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (brace, after) = rest[at..].split_at(1);
        if let Some(escaped) = after.strip_prefix(brace) {
            rest = escaped;
            continue;
        }
        rest = after;
        let end = after.find(['{', '}']).filter(|&end| brace == "{" && after[end..].starts_with('}'));
        if let Some(end) = end {
            if !names.contains(&&after[..end]) {
                names.push(&after[..end]);
            }
            rest = &after[end + 1..];
        }
    }
    names
}

/// The placeholders of all texts of a reason, sorted.
pub(super) fn placeholders_of(spec: &ErrorSpec) -> Vec<&str> {
    let mut names: Vec<&str> = spec.texts.iter().flat_map(|text| placeholders(&text.text)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn escapes_and_faults_are_no_placeholders() {
        assert_eq!(placeholders("{b} of {a}, {b}; {{not}} } {x"), ["b", "a"]);
        assert_eq!(placeholders("{a{b}}"), ["b"]);
    }
}
