//! The zero value of an enum says that nothing was said.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, ValueId};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_ZERO_VALUE_SUFFIX",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "the zero value of an enum ends with `_UNSPECIFIED`",
    breaks: &[],
    why: "Zero is what a reader sees when nothing was sent; a value that means something cannot be told from that.",
    help: "rename it, or set `enum_zero_value_suffix`",
    bad: r#"enum Kind {
  KIND_RACK = 0;
}"#,
    good: r#"enum Kind {
  KIND_UNSPECIFIED = 0;
}"#,
    check: Check::Value(check),
};

fn check(lint: &Lint<'_>, id: ValueId, out: &mut Findings) {
    let configured = lint.config.enum_zero_value_suffix.as_str();
    let suffix = if configured.is_empty() { "_UNSPECIFIED" } else { configured };
    let value = lint.schema.value(id);
    if value.number == 0 && !value.name.ends_with(suffix) {
        let message = format!("zero value `{}` should end with `{suffix}`", value.name);
        lint.report(out, Element::Value(id), NAME, message);
    }
}
