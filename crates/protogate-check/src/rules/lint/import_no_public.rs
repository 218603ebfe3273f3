//! Imports are not public.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "IMPORT_NO_PUBLIC",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "imports are not public",
    breaks: &[],
    why: "A public import makes names visible through a file that does not declare them; several languages do not support it.",
    help: "import the file where it is needed",
    bad: r#"import public "acme/v1/site.proto";"#,
    good: r#"import "acme/v1/site.proto";"#,
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    let file = lint.schema.file(id);
    for &index in &file.public_imports {
        let Some(import) = file.imports.get(index as usize) else { continue };
        lint.report_statement(out, id, &[3, index as i32], format!("import of `{import}` is public"));
    }
}
