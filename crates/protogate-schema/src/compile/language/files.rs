//! Files: imports of lite files, `features` outside of editions.

use super::Faults;
use crate::model::element::{Element, Syntax};

/// `optimize_for = LITE_RUNTIME`.
const LITE_RUNTIME: i32 = 3;

pub(super) fn check(faults: &mut Faults<'_>) {
    let schema = faults.schema();
    let is_lite = |path: &str| {
        let file = schema.find_file(path).map(|id| schema.file(id));
        file.is_some_and(|file| file.options.optimize_for == Some(LITE_RUNTIME))
    };
    for (id, file) in schema.files() {
        if file.options.optimize_for != Some(LITE_RUNTIME) {
            for (import, index) in file.imports.iter().zip(0..).filter(|(import, _)| is_lite(import)) {
                faults.add(
                    Element::File(id),
                    &[3, index],
                    format!("`{import}` is a file of the lite runtime, this one is not"),
                    "files without `optimize_for = LITE_RUNTIME` cannot import files with it: give both the same value",
                );
            }
        }
        if !matches!(file.syntax, Syntax::Edition(_)) && file.options.features.is_some() {
            faults.add(
                Element::File(id),
                &[8, 50],
                "features can be set in files with an edition only",
                "take the option out: the syntax line decides what features would",
            );
        }
    }
}
