//! Messages stay in their package; in which file of it does not matter.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_MESSAGE_NO_DELETE",
    categories: &["PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "messages are not deleted from their package",
    breaks: &[
        (Audience::Source, "the generated module loses the message; programs that name it stop compiling"),
        (Audience::Wire, "`Any` values of the type and stored data have no reader any more"),
    ],
    why: "For languages that generate one module per package, a message may move between the files of its package, but it must not leave it. A package that is gone as a whole is reported by PACKAGE_NO_DELETE.",
    help: "put the message back into any file of the package, marked `deprecated`",
    bad: "- message Device { string id = 1; }",
    good: "  message Device { option deprecated = true; string id = 1; }",
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    deleted::from_package(
        pairs,
        out,
        |element| matches!(element, Element::Message(_)),
        "message",
        Survivor::InPackage,
    );
}
