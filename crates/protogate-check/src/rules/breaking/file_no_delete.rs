//! A file stays at its path: other files import it by that path.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::Schema;
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "FILE_NO_DELETE",
    categories: &["FILE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "files are not deleted or moved",
    breaks: &[(Audience::Source, "imports of the file stop compiling, and so does code generated from it")],
    why: "A `.proto` file is imported by its path, also by people you do not know. When it goes or moves, their next build fails. What was in the file is not listed one by one.",
    help: "put the file back; if its content moved, let the old file import the new one with `import public`",
    bad: r#"- proto/acme/v1/device.proto
+ proto/acme/v1/devices.proto"#,
    good: r#"  proto/acme/v1/device.proto      (import public "acme/v1/devices.proto";)
+ proto/acme/v1/devices.proto"#,
    check: Check::FileDeleted(check),
};

fn check(baseline: &Schema, id: FileId, out: &mut Findings) {
    let path = &baseline.file(id).path;
    out.report(At::nowhere(), path, format!("file `{path}` was deleted")).against(At::file(baseline, id));
}
