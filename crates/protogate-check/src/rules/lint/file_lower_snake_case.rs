//! Files are named in lower_snake_case.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::FileId;

pub(super) static RULE: Rule = Rule {
    id: "FILE_LOWER_SNAKE_CASE",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "file names are in lower_snake_case",
    breaks: &[],
    why: "Names of generated files are derived from it, and upper case collides on some file systems.",
    help: "rename the file; keep the old path with `import public` if others import it",
    bad: "acme/v1/DeviceAdmin.proto",
    good: "acme/v1/device_admin.proto",
    check: Check::File(check),
};

fn check(lint: &Lint<'_>, id: FileId, out: &mut Findings) {
    let path = &lint.schema.file(id).path;
    let file_name = path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = file_name.rsplit_once('.').unwrap_or((file_name, ""));
    let expected = names::lower_snake(stem);
    if stem != expected {
        let message =
            format!("file name `{file_name}` should be in lower_snake_case: `{expected}.{extension}`");
        lint.report_file(out, id, message);
    }
}
