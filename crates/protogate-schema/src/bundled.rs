//! The proto files that every project may import without having them: `google/*`, `buf/validate` and our own annotations.
//!
//! They are the files of the repository's `proto/` folder, embedded unchanged. A project's own file with the same import name
//! wins, as it would with an import root that comes first.

use std::sync::OnceLock;

use include_dir::{Dir, include_dir};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/proto");

/// Text of the bundled file with this import name, such as `google/api/http.proto`.
#[must_use]
pub fn source(path: &str) -> Option<&'static str> {
    // The folder also holds licences.
    if !path.ends_with(".proto") {
        return None;
    }
    FILES.get_file(path)?.contents_utf8()
}

/// Import names of all bundled files, sorted.
#[must_use]
pub fn paths() -> &'static [&'static str] {
    static PATHS: OnceLock<Vec<&'static str>> = OnceLock::new();
    PATHS.get_or_init(|| {
        let mut found = Vec::new();
        let mut open = vec![&FILES];
        while let Some(dir) = open.pop() {
            open.extend(dir.dirs());
            let names = dir.files().filter_map(|file| file.path().to_str());
            found.extend(names.filter(|name| name.ends_with(".proto")));
        }
        found.sort_unstable();
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_listed_can_be_read() {
        assert!(paths().len() > 50);
        for path in paths() {
            assert!(source(path).is_some_and(|text| text.contains("package")), "{path}");
        }
        assert!(paths().contains(&"protogate/v1/annotations.proto"));
    }

    #[test]
    fn licences_and_unknown_names_are_no_sources() {
        for path in ["VENDORED.md", "google/LICENSE-APACHE", "google", "../Cargo.toml", "", "x.proto"] {
            assert_eq!(source(path), None, "{path}");
        }
    }
}
