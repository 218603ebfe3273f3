//! The files of `templates/service`, embedded one by one, and what is replaced in them.
//!
//! They are listed rather than swept up, so that a key or a database that lies in the folder can never get into the binary; a test
//! compares the list with the folder. The template is a working member of the workspace under its own name: replacing that name is
//! all there is to it. `template/` beside `src/` is made of links, because cargo leaves a folder with a `Cargo.toml` out of a package.

/// One file: where it goes, and its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct TemplateFile {
    pub(super) path: &'static str,
    pub(super) text: &'static str,
}

macro_rules! files {
    ($($path:literal from $source:literal,)*) => {
        &[$(TemplateFile { path: $path, text: include_str!(concat!("../../template/", $source)) },)*]
    };
}

/// Every file but the manifest, in the order of the listing.
pub(super) const FILES: &[TemplateFile] = files! {
    ".dockerignore" from "dockerignore",
    ".github/workflows/ci.yml" from "ci.yml",
    ".gitignore" from "gitignore",
    "Dockerfile" from "Dockerfile",
    "README.md" from "README.md",
    "build.rs" from "build.rs",
    "dev/README.md" from "dev-README.md",
    "proto/reference_service/v1/config.proto" from "proto/reference_service/v1/config.proto",
    "proto/reference_service/v1/errors.proto" from "proto/reference_service/v1/errors.proto",
    "proto/reference_service/v1/health.proto" from "proto/reference_service/v1/health.proto",
    "protogate.toml" from "protogate.toml",
    "rustfmt.toml" from "rustfmt.toml",
    "service.toml" from "service.toml",
    "src/config_manager.rs" from "src/config_manager.rs",
    "src/entry.rs" from "src/entry.rs",
    "src/fields.rs" from "src/fields.rs",
    "src/lib.rs" from "src/lib.rs",
    "src/main.rs" from "src/main.rs",
    "src/page_token.rs" from "src/page_token.rs",
    "src/service_health.rs" from "src/service_health.rs",
    "src/settings.rs" from "src/settings.rs",
    "src/storage_error.rs" from "src/storage_error.rs",
    "src/watch.rs" from "src/watch.rs",
    "tests/service.rs" from "tests/service.rs",
};

/// The template's manifest.
pub(super) const MANIFEST: &str = include_str!("../../template/manifest.toml");

/// The workspace's manifest: the versions of all dependencies.
pub(super) const WORKSPACE: &str = include_str!("../../template/workspace.toml");

/// The template's name is these two with a `-` or a `_` between.
const PLAIN: &str = "reference";
const SECOND: &str = "service";

/// Puts the project's name in place of the template's: as a package (`billing-admin`) and as an identifier (`billing_admin`).
pub(super) fn rename(text: &str, name: &str) -> String {
    let identifier = name.replace('-', "_");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // One pass: a name that holds the template's must not be replaced again.
    while let Some(at) = rest.find(PLAIN) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        rest = &found[PLAIN.len()..];
        let with = match rest.strip_prefix('-').or_else(|| rest.strip_prefix('_')) {
            Some(after) if after.starts_with(SECOND) => {
                let with = if rest.starts_with('-') { name } else { &identifier };
                rest = &after[SECOND.len()..];
                with
            }
            _ => PLAIN,
        };
        out.push_str(with);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FILES, rename};

    fn walk(dir: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).expect("the template is beside the crate") {
            let entry = entry.expect("readable");
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{path}/"), found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_file_of_the_template_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/service");
        let mut found = Vec::new();
        walk(&root, "", &mut found);
        // What the template's own .gitignore names, the manifest, and the baseline, which is made for each project.
        found.retain(|path| {
            let ignored = path.starts_with("data/") || path.starts_with("target/") || path.ends_with(".key");
            !ignored && path != "Cargo.toml" && path != "proto/baseline.binpb"
        });
        found.sort();
        let embedded: Vec<_> = FILES.iter().map(|file| file.path.to_owned()).collect();
        assert_eq!(found, embedded, "list the file in scaffold/template.rs");
    }

    #[test]
    fn names_are_replaced_in_both_forms() {
        assert_eq!(rename("reference-service reference_service.v1", "a-b"), "a-b a_b.v1");
        assert_eq!(
            rename("a reference-service reference_service.", "my_reference_service"),
            "a my_reference_service my_reference_service."
        );
        assert_eq!(
            rename("references, reference_services", "x-reference-service"),
            "references, x_reference_services"
        );
    }
}
