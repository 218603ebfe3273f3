//! Extensions stay in the file that declares them.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::{Element, FileId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "EXTENSION_NO_DELETE",
    categories: &["FILE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "extensions are not deleted from their file",
    breaks: &[(
        Audience::Source,
        "code generated from the file loses the extension; programs that name it stop compiling",
    )],
    why: "Generated code is made file by file, so a extension that leaves its file is gone for those who import that file. A rename is a deletion too: names are what generated code and `Any` are made of.",
    help: "put the extension back, marked `deprecated`; if it moved, let the old file import the new one with `import public`",
    bad: r#"  extend google.protobuf.FieldOptions {
-   string owner = 50001;
  }"#,
    good: r#"  extend google.protobuf.FieldOptions {
+   string owner = 50001 [deprecated = true];
  }"#,
    check: Check::FilePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FileId>, out: &mut Findings) {
    deleted::from_file(
        pairs,
        pair,
        out,
        |element| matches!(element, Element::Field(_)),
        "extension",
        Survivor::InFile,
    );
}
