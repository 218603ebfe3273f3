//! Ways between folders, for paths that are shown: relative to the current folder when the user typed a relative one.

use std::path::{Component, Path, PathBuf};

/// From one folder to another place, both without links: `../b/c`.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let mut from = from.components().peekable();
    let mut to = to.components().peekable();
    while let (Some(a), Some(b)) = (from.peek(), to.peek()) {
        if a != b {
            break;
        }
        from.next();
        to.next();
    }
    let way: PathBuf = from.map(|_| Component::ParentDir).chain(to).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

/// Without the detour of `../here` when the current folder is `here`.
pub(crate) fn shortest(path: PathBuf) -> PathBuf {
    if !path.is_relative() || path.components().next() != Some(Component::ParentDir) {
        return path;
    }
    let Ok(current) = std::env::current_dir() else { return path };
    let mut place = current.clone();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            other => place.push(other),
        }
    }
    relative(&current, &place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways() {
        for (from, to, expected) in [
            ("/a/b", "/a/b", "."),
            ("/a/b", "/a/b/c", "c"),
            ("/a/b", "/a", ".."),
            ("/a/b", "/a/c/d", "../c/d"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected));
        }
    }
}
