//! Extension ranges only grow.

use crate::finding::Findings;
use crate::number_ranges::{self, MAX_FIELD};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MessageId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "EXTENSION_MESSAGE_NO_DELETE",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "extension ranges are not deleted",
    breaks: &[
        (Audience::Source, "extensions with numbers of the range stop compiling"),
        (Audience::Wire, "a new field can take a number that extensions use"),
    ],
    why: "Others declare extensions with numbers of the range, and you may not know them. A range that shrinks makes their files invalid.",
    help: "put the range back",
    bad: r#"  message Base {
-   extensions 100 to 199;
+   extensions 100 to 149;
  }"#,
    good: r#"  message Base {
    extensions 100 to 199;
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.message(pair.baseline), pairs.current.message(pair.current));
    for &range in &old.extension_ranges {
        let missing = number_ranges::missing(range, &new.extension_ranges);
        if missing.is_empty() {
            continue;
        }
        let (range, missing) =
            (number_ranges::print(range, MAX_FIELD), number_ranges::print_all(&missing, MAX_FIELD));
        out.report(
            At::decl(pairs.current, Element::Message(pair.current)),
            &new.full_name,
            format!(
                "extension range {range} of `{}` is not covered any more: missing {missing}",
                new.full_name
            ),
        )
        .against(At::decl(pairs.baseline, Element::Message(pair.baseline)))
        .key(range);
    }
}
