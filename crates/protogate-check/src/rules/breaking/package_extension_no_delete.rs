//! Extensions stay in their package; in which file of it does not matter.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "PACKAGE_EXTENSION_NO_DELETE",
    categories: &["PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "extensions are not deleted from their package",
    breaks: &[(
        Audience::Source,
        "the generated module loses the extension; programs that name it stop compiling",
    )],
    why: "For languages that generate one module per package, a extension may move between the files of its package, but it must not leave it. A package that is gone as a whole is reported by PACKAGE_NO_DELETE.",
    help: "put the extension back into any file of the package, marked `deprecated`",
    bad: r#"  extend google.protobuf.FieldOptions {
-   string owner = 50001;
  }"#,
    good: r#"  extend google.protobuf.FieldOptions {
+   string owner = 50001 [deprecated = true];
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    deleted::from_package(
        pairs,
        out,
        |element| matches!(element, Element::Field(_)),
        "extension",
        Survivor::InFile,
    );
}
