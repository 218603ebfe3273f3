//! A field may go when what it leaves behind is reserved.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MessageId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
    categories: &["WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "a deleted field leaves its number reserved",
    breaks: &[(Audience::Wire, "the number can be given to another field, which then reads old data")],
    why: "Old writers and stored data still use the number. A new field that gets the same number reads their bytes as its own.",
    help: "reserve the number: `reserved 2;`",
    bad: r#"  message Device {
    string id = 1;
-   int64 rev = 2;
  }"#,
    good: r#"  message Device {
+   reserved 2;
    string id = 1;
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let message = pairs.current.message(pair.current);
    for (old_id, _) in pairs.fields(pair).filter(|(_, field)| field.is_none()) {
        let old = pairs.baseline.field(old_id);
        if message.reserved_ranges.iter().any(|range| range.contains(old.number)) {
            continue;
        }
        out.report(
            At::decl(pairs.current, Element::Message(pair.current)),
            &old.full_name,
            format!(
                "field {} `{}` of `{}` was deleted and its number is not reserved",
                old.number, old.name, message.full_name
            ),
        )
        .against(At::decl(pairs.baseline, Element::Field(old_id)))
        .labels("", "was here");
    }
}
