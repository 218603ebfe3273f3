//! Enums stay in their package; in which file of it does not matter.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_ENUM_NO_DELETE",
    categories: &["PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enums are not deleted from their package",
    breaks: &[(
        Audience::Source,
        "the generated module loses the enum; programs that name it stop compiling",
    )],
    why: "For languages that generate one module per package, a enum may move between the files of its package, but it must not leave it. A package that is gone as a whole is reported by PACKAGE_NO_DELETE.",
    help: "put the enum back into any file of the package, marked `deprecated`",
    bad: "- enum Kind { KIND_UNSPECIFIED = 0; }",
    good: "  enum Kind { option deprecated = true; KIND_UNSPECIFIED = 0; }",
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    deleted::from_package(
        pairs,
        out,
        |element| matches!(element, Element::Enum(_)),
        "enum",
        Survivor::InFile,
    );
}
