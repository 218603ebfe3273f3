//! Where the command remembers what it has compiled: `PROTOGATE_CACHE_DIR`, else the user's folder for caches.

use std::env;
use std::path::PathBuf;

use protogate_schema::cache;

/// Turns the cache on, if there is a place for it. An empty `PROTOGATE_CACHE_DIR` leaves it off.
pub(crate) fn enable() {
    if let Some(folder) = folder() {
        cache::enable(folder);
    }
}

fn folder() -> Option<PathBuf> {
    if let Some(given) = env::var_os("PROTOGATE_CACHE_DIR") {
        return (!given.is_empty()).then(|| PathBuf::from(given));
    }
    // The XDG Base Directory Specification: relative paths are to be ignored.
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| match env::consts::OS {
        "windows" => absolute("LOCALAPPDATA"),
        "macos" => Some(absolute("HOME")?.join("Library/Caches")),
        _ => Some(absolute("HOME")?.join(".cache")),
    })?;
    Some(caches.join("protogate"))
}
