//! Imports are used.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use crate::rules::lint::used_files::UsedFiles;
use protogate_schema::model::element::Provenance;

pub(super) static RULE: Rule = Rule {
    id: "IMPORT_USED",
    categories: &["BASIC", "STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "imports are used",
    breaks: &[],
    why: "An import that nothing uses costs compile time and ties the file to another one for nothing.",
    help: "delete the import",
    bad: r#"import "google/protobuf/timestamp.proto";   // nothing of it is used"#,
    good: r#"import "google/protobuf/timestamp.proto";

message Device {
  google.protobuf.Timestamp seen = 1;
}"#,
    check: Check::Schema(check),
};

fn check(lint: &Lint<'_>, out: &mut Findings) {
    let schema = lint.schema;
    let mut used = None;
    for (id, file) in lint.targets() {
        for (import, index) in file.imports.iter().zip(0..) {
            let unused = match &file.provenance {
                // Whoever compiled the file has seen it; a set without such notes says nothing about imports.
                Provenance::Image { unused_imports, .. } => unused_imports.contains(&(index as u32)),
                Provenance::Source => {
                    let public = file.public_imports.contains(&(index as u32));
                    schema.find_file(import).filter(|_| !public).is_some_and(|imported| {
                        !used.get_or_insert_with(|| UsedFiles::of_targets(schema)).uses(schema, id, imported)
                    })
                }
            };
            if unused {
                lint.report_statement(out, id, &[3, index], format!("import `{import}` is unused"));
            }
        }
    }
}
