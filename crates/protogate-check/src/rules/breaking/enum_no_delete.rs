//! Enums stay in the file that declares them.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::{Element, FileId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "ENUM_NO_DELETE",
    categories: &["FILE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "enums are not deleted from their file",
    breaks: &[(
        Audience::Source,
        "code generated from the file loses the enum; programs that name it stop compiling",
    )],
    why: "Generated code is made file by file, so a enum that leaves its file is gone for those who import that file. A rename is a deletion too: names are what generated code and `Any` are made of.",
    help: "put the enum back, marked `deprecated`; if it moved, let the old file import the new one with `import public`",
    bad: r#"- enum Kind {
-   KIND_UNSPECIFIED = 0;
- }"#,
    good: r#"  enum Kind {
+   option deprecated = true;
    KIND_UNSPECIFIED = 0;
  }"#,
    check: Check::FilePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FileId>, out: &mut Findings) {
    deleted::from_file(
        pairs,
        pair,
        out,
        |element| matches!(element, Element::Enum(_)),
        "enum",
        Survivor::InFile,
    );
}
