//! Imports are used.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use crate::rules::lint::syntax_specified;
use crate::rules::lint::used_files::UsedFiles;
use protogate_schema::Schema;
use protogate_schema::image::Notes;
use protogate_schema::model::element::{FileId, Provenance};
use std::collections::HashMap;

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
    let mut used = None;
    for (id, file) in lint.targets() {
        for index in unused(lint.schema, id, &mut used) {
            let import = &file.imports[index as usize];
            lint.report_statement(out, id, &[3, index as i32], format!("import `{import}` is unused"));
        }
    }
}

/// Indexes of the imports that nothing in a target file uses.
fn unused(schema: &Schema, id: FileId, used: &mut Option<UsedFiles>) -> Vec<u32> {
    let file = schema.file(id);
    let indexes = 0..file.imports.len() as u32;
    match &file.provenance {
        // Whoever compiled the file has seen it; a set without such notes says nothing about imports.
        Provenance::Image { unused_imports, .. } => {
            indexes.filter(|index| unused_imports.contains(index)).collect()
        }
        Provenance::Source => indexes
            .filter(|index| {
                let public = file.public_imports.contains(index);
                let imported = schema.find_file(&file.imports[*index as usize]);
                imported.filter(|_| !public).is_some_and(|imported| {
                    !used.get_or_insert_with(|| UsedFiles::of_targets(schema)).uses(schema, id, imported)
                })
            })
            .collect(),
    }
}

/// What the rules that look at sources see of each target file, by path: for sets that are written for others.
#[must_use]
pub fn notes(schema: &Schema) -> HashMap<String, Notes> {
    let mut used = None;
    let targets = schema.files().filter(|(_, file)| !file.is_import);
    targets
        .map(|(id, file)| {
            let unused_imports = unused(schema, id, &mut used);
            let syntax_unspecified = syntax_specified::is_unspecified(schema, id);
            (file.path.clone(), Notes { syntax_unspecified, unused_imports })
        })
        .collect()
}
