//! The one way in which files are written: whole or not at all, and only when their content changes.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::{Diagnostic, Error, ErrorKind};

/// Writes a file by renaming a complete one into place; returns whether it had to.
///
/// A file that already holds these bytes is left alone, so that its time does not change and nothing is rebuilt. Missing parent
/// folders are made. The new file is on the disk (`fsync`) before it takes the name, and readers see the old or the new bytes,
/// never a part.
///
/// # Errors
/// [`ErrorKind::Environment`] with the path, when the folder or the file cannot be written.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    match fs::read(path) {
        Ok(old) if old == bytes => return Ok(false),
        _ => {}
    }
    replace(path, bytes).map_err(|error| {
        let diagnostic =
            Diagnostic::new(format!("cannot be written: {error}")).in_file(path.display().to_string());
        Error::new(ErrorKind::Environment, vec![diagnostic])
    })?;
    Ok(true)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".protogate-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    // Temporary files are private to their owner; the result is an ordinary file, and keeps the mode of the one it replaces.
    let permissions = fs::metadata(path).map(|it| it.permissions());
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt as _;
        permissions.or_else(|_| io::Result::Ok(fs::Permissions::from_mode(0o644)))
    };
    if let Ok(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename itself is durable only once the folder is; a file system that cannot sync folders has done all it can.
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_once_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/out.bin");
        assert!(write_atomic(&path, b"one").unwrap());
        assert!(!write_atomic(&path, b"one").unwrap());
        assert!(write_atomic(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn an_impossible_place_is_an_environment_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let error = write_atomic(&dir.path().join("file/below"), b"x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Environment);
    }
}
