//! A field that goes takes data and code with it.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MessageId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_NO_DELETE",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields are not deleted",
    breaks: &[
        (
            Audience::Wire,
            "old readers see the default where there was a value; what old writers send ends in unknown fields",
        ),
        (Audience::Json, "parsers that refuse unknown names refuse old requests"),
        (Audience::Source, "programs that use the field stop compiling"),
        (Audience::Rest, "the parameter or member is gone from the REST interface"),
    ],
    why: "Readers keep asking for the field, writers keep sending it, and stored messages keep holding it. A new field that takes the number later is filled with the old data.",
    help: "put the field back with `[deprecated = true]`",
    bad: r#"  message Device {
    string id = 1;
-   int64 rev = 2;
  }"#,
    good: r#"  message Device {
    string id = 1;
+   int64 rev = 2 [deprecated = true];
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let message = pairs.current.message(pair.current);
    for (old_id, _) in pairs.fields(pair).filter(|(_, field)| field.is_none()) {
        let old = pairs.baseline.field(old_id);
        out.report(
            At::decl(pairs.current, Element::Message(pair.current)),
            &old.full_name,
            format!("field {} `{}` of `{}` was deleted", old.number, old.name, message.full_name),
        )
        .against(At::decl(pairs.baseline, Element::Field(old_id)))
        .labels("", "was here");
    }
}
