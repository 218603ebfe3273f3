//! Enum values start with the name of their enum.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_VALUE_PREFIX",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enum values start with the name of their enum",
    breaks: &[],
    why: "Values live in the scope around the enum, so two enums of a package cannot both have a value `UNKNOWN`.",
    help: "put the prefix before the name",
    bad: r#"enum DeviceKind {
  RACK = 1;
}"#,
    good: r#"enum DeviceKind {
  DEVICE_KIND_RACK = 1;
}"#,
    check: Check::Enum(check),
};

fn check(lint: &Lint<'_>, id: EnumId, out: &mut Findings) {
    let enumeration = lint.schema.enumeration(id);
    let prefix = format!("{}_", names::upper_snake(&enumeration.name));
    for &value_id in &enumeration.values {
        let name = &lint.schema.value(value_id).name;
        if !name.starts_with(&prefix) {
            let message = format!("value `{name}` should start with `{prefix}`");
            lint.report(out, Element::Value(value_id), NAME, message);
        }
    }
}
