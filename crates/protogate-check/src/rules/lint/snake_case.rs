//! Names of fields, oneofs and enum values are in snake_case. One table, because only the kind differs.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::Element;

pub(super) static RULES: [Rule; 3] = [
    Rule {
        id: "FIELD_LOWER_SNAKE_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "field names are in lower_snake_case",
        breaks: &[],
        why: "The JSON name and the names in generated code are derived from the name, and that works only when words are separated.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "string displayName = 1;",
        good: "string display_name = 1;",
        check: Check::Field(|lint, id, out| {
            lower(lint, out, Element::Field(id), &lint.schema.field(id).name)
        }),
    },
    Rule {
        id: "ONEOF_LOWER_SNAKE_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "oneof names are in lower_snake_case",
        breaks: &[],
        why: "The JSON name and the names in generated code are derived from the name, and that works only when words are separated.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "oneof eventBody { string text = 1; }",
        good: "oneof event_body { string text = 1; }",
        check: Check::Oneof(|lint, id, out| {
            lower(
                lint,
                out,
                Element::Oneof(id.0, id.1),
                &lint.schema.message(id.0).oneofs[id.1 as usize].name,
            )
        }),
    },
    Rule {
        id: "ENUM_VALUE_UPPER_SNAKE_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "enum value names are in UPPER_SNAKE_CASE",
        breaks: &[],
        why: "The JSON name and the names in generated code are derived from the name, and that works only when words are separated.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "enum Kind { kind_unspecified = 0; }",
        good: "enum Kind { KIND_UNSPECIFIED = 0; }",
        check: Check::Value(|lint, id, out| {
            upper(lint, out, Element::Value(id), &lint.schema.value(id).name)
        }),
    },
];

fn lower(lint: &Lint<'_>, out: &mut Findings, element: Element, name: &str) {
    let expected = names::lower_snake(name);
    if name != expected {
        lint.report(out, element, NAME, format!("name `{name}` should be in lower_snake_case: `{expected}`"));
    }
}

fn upper(lint: &Lint<'_>, out: &mut Findings, element: Element, name: &str) {
    let expected = names::upper_snake(name);
    if name != expected {
        lint.report(out, element, NAME, format!("name `{name}` should be in UPPER_SNAKE_CASE: `{expected}`"));
    }
}
