//! Rules of protovalidate make sense: they go with their type, can be fulfilled, and are written once.
//!
//! Expressions in CEL are neither compiled nor evaluated, and `example` values are not tried: that needs an engine for CEL.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, FileId, MessageId};
use protogate_schema::model::validation::{EXTENSION, MessageRules};

use place::Step;

mod bounds;
mod expressions;
mod field;
mod fit;
mod pattern;
mod place;

pub(super) static RULE: Rule = Rule {
    id: "PROTOVALIDATE",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rules of `buf.validate` go with their types and can be fulfilled",
    breaks: &[],
    why: "A rule on the wrong type fails when the first message is validated, in production. One that refuses every value, or that another one makes void, says that its author meant something else. Looked at are types, bounds, lengths, patterns, groups of fields, `required` and `ignore`, and the ids of expressions. Expressions in CEL are not compiled and `example` values are not tried.",
    help: "change the rule to what is meant, or remove it",
    bad: r#"message Device {
  string name = 1 [(buf.validate.field).int32.gt = 0];
}"#,
    good: r#"message Device {
  string name = 1 [(buf.validate.field).string.min_len = 1];
}"#,
    check: Check::Schema(check),
};

fn check(lint: &Lint<'_>, out: &mut Findings) {
    let schema = lint.schema;
    let is_target = |file: FileId| !schema.file(file).is_import;
    for (id, message) in schema.messages() {
        if !message.is_map_entry && is_target(message.place.file) && !message.raw_options.is_empty() {
            check_message(lint, id, out);
        }
    }
    for (id, field) in schema.fields() {
        if is_target(field.place.file) && !field.raw_options.is_empty() {
            field::check(lint, id, out);
            if field.is_extension() {
                field::check_predefined(lint, id, out);
            }
        }
    }
}

fn check_message(lint: &Lint<'_>, id: MessageId, out: &mut Findings) {
    let schema = lint.schema;
    let message = schema.message(id);
    let Some(rules) = MessageRules::of_message(&message.raw_options) else { return };
    let element = Element::Message(id);
    let mut report = |number: i32, name: &'static str, index: i32, what: &str| {
        let steps = [Step { number, name, index: Some(index) }];
        let place = place::at(schema, element, [7, EXTENSION], &steps);
        lint.report_at(out, element, place, format!("message `{}` {what}", message.name));
    };
    let groups = &rules.groups;
    for (group, index) in groups.iter().zip(0..) {
        if group.fields.is_empty() {
            report(4, "oneof", index, "has a `oneof` without fields");
        }
        let mut names: Vec<&String> = group.fields.iter().collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let named = |fields: &[String]| fields.iter().filter(|it| *it == name).count();
            if named(&group.fields) > 1 {
                report(4, "oneof", index, &format!("has a `oneof` that names `{name}` twice"));
            }
            if !message.fields.iter().any(|&field| schema.field(field).name == *name) {
                report(4, "oneof", index, &format!("has a `oneof` with `{name}`, which is no field of it"));
            } else if groups.iter().filter(|it| named(&it.fields) > 0).count() > 1 {
                report(4, "oneof", index, &format!("has `{name}` in more than one `oneof`"));
            }
        }
    }
    expressions::check(&rules.expressions, &mut |number, index, what: &str| match number {
        23 => report(3, "cel", index, what),
        _ => report(5, "cel_expression", index, what),
    });
}
