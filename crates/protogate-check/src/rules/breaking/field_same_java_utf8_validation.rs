//! Strings keep their UTF-8 validation in Java.

use crate::finding::Findings;
use crate::language_features;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, Kind, Syntax};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_JAVA_UTF8_VALIDATION",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their UTF-8 validation in Java",
    breaks: &[(
        Audience::Source,
        "Java programs start to refuse, or to accept, strings that are no valid UTF-8",
    )],
    why: "The file option `java_string_check_utf8`, and in editions `features.(pb.java).utf8_validation`, decides whether Java refuses strings that are not valid UTF-8.",
    help: "keep the option",
    bad: "- option java_string_check_utf8 = true;",
    good: "  option java_string_check_utf8 = true;",
    check: Check::FieldPair(check),
};

/// Number of the extension `pb.java` of `FeatureSet`, and of `utf8_validation` in it.
const JAVA: u32 = 1001;
const UTF8_VALIDATION: u32 = 2;
/// `VERIFY`, in the feature of Java and in the common one.
const VERIFY: i32 = 2;

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    if old.kind != Kind::String || new.kind != Kind::String {
        return;
    }
    let (before, now) = (verifies(pairs.baseline, pair.baseline), verifies(pairs.current, pair.current));
    if before == now {
        return;
    }
    let element = Element::Field(pair.current);
    let file = Element::File(new.place.file);
    let at = At::option(pairs.current, file, &[8, 27], 2)
        .or_else(|| At::option(pairs.current, element, &[8, 21, JAVA as i32, UTF8_VALIDATION as i32], 2))
        .unwrap_or_else(|| At::decl(pairs.current, element));
    let subject = subject::field(pairs.current, pair.current);
    let name = |verifies: bool| if verifies { "VERIFY" } else { "NONE" };
    out.report(
        at,
        &new.full_name,
        format!("{subject} changed its UTF-8 validation in Java: {} -> {}", name(before), name(now)),
    )
    .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
    .key(name(now));
}

fn verifies(schema: &Schema, id: FieldId) -> bool {
    let field = schema.field(id);
    let file = schema.file(field.place.file);
    let common = field.features.utf8_validation == VERIFY;
    match (file.options.java_string_check_utf8, file.syntax) {
        (Some(true), _) => true,
        (Some(false), _) | (None, Syntax::Proto2 | Syntax::Proto3) => common,
        (None, Syntax::Edition(_)) => {
            common || language_features::resolve(schema, id, JAVA, UTF8_VALIDATION) == Some(VERIFY as u64)
        }
    }
}
