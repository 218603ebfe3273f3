//! `buf.work.yaml`: the folders of a workspace before v2.

use super::document::Document;
use super::is_below;
use crate::error::Error;

/// The modules' folders in order.
pub(super) fn read(text: &str, file: &str) -> Result<Vec<String>, Error> {
    let (mut document, root) = Document::parse(text, file)?;
    let entries = document.map(&root, &["version", "directories"], "`buf.work.yaml`");
    match entries.get("version") {
        None => {
            document.fault(&(0..0), "there is no `version`").help = Some("write `version: v1`".to_owned());
        }
        Some(node) => {
            let version = document.text_of(node, "version");
            if version.is_some_and(|it| it != "v1") {
                document.fault(&node.span, "a `buf.work.yaml` has `version: v1` and no other").help =
                    Some("in v2, `modules` of `buf.yaml` say what belongs to a workspace".to_owned());
            }
        }
    }
    let given = document.paths(entries.get("directories"), "directories");
    if given.is_empty() {
        document.fault(&root.span, "`directories` is empty").help =
            Some("name at least one folder".to_owned());
    }
    for (at, (path, span)) in given.iter().enumerate() {
        if path == "." {
            document.fault(span, "`.` cannot be a folder of a workspace").help =
                Some("a single module needs no `buf.work.yaml`".to_owned());
        } else if given[..at].iter().any(|(it, _)| it == path) {
            document.fault(span, format!("the folder `{path}` is there twice"));
        } else if let Some((outer, _)) = given.iter().find(|(it, _)| it != path && is_below(path, it)) {
            document.fault(span, format!("the folder `{path}` is inside of `{outer}`"));
        }
    }
    let folders = given.into_iter().map(|(path, _)| path).collect();
    document.finish(folders)
}
