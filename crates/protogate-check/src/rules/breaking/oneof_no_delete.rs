//! Oneofs keep their names.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MessageId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ONEOF_NO_DELETE",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "oneofs are not deleted",
    breaks: &[(Audience::Source, "programs that use the generated enum or case accessor stop compiling")],
    why: "Generated code has a type or accessors for each oneof. The fields may still be there, but programs that match on the oneof stop compiling, and the fields no longer exclude each other.",
    help: "put the oneof back under its name",
    bad: r#"  message Event {
-   oneof body {
-     string text = 1;
-   }
+   string text = 1;
  }"#,
    good: r#"  message Event {
    oneof body {
      string text = 1;
    }
  }"#,
    check: Check::MessagePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MessageId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.message(pair.baseline), pairs.current.message(pair.current));
    for (oneof, index) in old.oneofs.iter().zip(0..).filter(|(oneof, _)| !oneof.synthetic) {
        if new.oneofs.iter().any(|it| it.name == oneof.name) {
            continue;
        }
        let element = Element::Oneof(pair.baseline, index);
        out.report(
            At::decl(pairs.current, Element::Message(pair.current)),
            pairs.baseline.full_name(element),
            format!("oneof `{}` of `{}` was deleted", oneof.name, new.full_name),
        )
        .against(At::decl(pairs.baseline, element))
        .labels("", "was here");
    }
}
