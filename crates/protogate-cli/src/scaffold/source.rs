//! Where the new project takes protogate's own crates from: a checkout of this repository, or the registry.
//!
//! A checkout counts when it has the version of this binary. It is looked for above the new project, above the running binary, and
//! where the binary was built.

use std::path::{Path, PathBuf};

/// Where protogate's crates come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// This folder, a checkout.
    Checkout(PathBuf),
    /// The registry, by version.
    Registry,
}

impl Source {
    /// The checkout to use for a project in `parent`, else the registry.
    pub(super) fn find(parent: &Path) -> Self {
        let binary = std::env::current_exe().ok();
        let built = Path::new(env!("CARGO_MANIFEST_DIR"));
        [Some(parent), binary.as_deref(), Some(built)]
            .into_iter()
            .flatten()
            .filter_map(|start| start.canonicalize().ok())
            .find_map(|start| start.ancestors().find(|dir| is_checkout(dir)).map(Path::to_owned))
            .map_or(Self::Registry, Self::Checkout)
    }
}

fn is_checkout(dir: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(dir.join("Cargo.toml")) else { return false };
    let Ok(manifest) = text.parse::<toml_edit::DocumentMut>() else { return false };
    let version = manifest.get("workspace").and_then(|it| it.get("package")?.get("version")?.as_str());
    version == Some(env!("CARGO_PKG_VERSION")) && dir.join("crates/protogate-build/Cargo.toml").is_file()
}
