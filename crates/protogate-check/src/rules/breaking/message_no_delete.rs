//! Messages stay in the file that declares them.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::{Element, FileId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "MESSAGE_NO_DELETE",
    categories: &["FILE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "messages are not deleted from their file",
    breaks: &[
        (
            Audience::Source,
            "code generated from the file loses the message; programs that name it stop compiling",
        ),
        (Audience::Wire, "`Any` values of the type and stored data have no reader any more"),
    ],
    why: "Generated code is made file by file, so a message that leaves its file is gone for those who import that file. A rename is a deletion too: names are what generated code and `Any` are made of.",
    help: "put the message back, marked `deprecated`; if it moved, let the old file import the new one with `import public`",
    bad: r#"- message Device {
-   string id = 1;
- }"#,
    good: r#"  message Device {
+   option deprecated = true;
    string id = 1;
  }"#,
    check: Check::FilePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FileId>, out: &mut Findings) {
    deleted::from_file(
        pairs,
        pair,
        out,
        |element| matches!(element, Element::Message(_)),
        "message",
        Survivor::InFile,
    );
}
