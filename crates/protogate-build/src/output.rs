//! The output folder: each file whole or not at all, only when its bytes change, and no generated file that nobody makes any more.
//!
//! Files are recognised as ours by their first line, so that what else lies in the folder stays.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use protogate_codegen::Artifact;
use protogate_codegen::emit::handlers::Folder;
use protogate_schema::{Diagnostic, Error, ErrorKind, write_atomic};

/// How a generated file starts.
const MARK: &[u8] = protogate_codegen::GENERATED_MARK.as_bytes();

/// Writes the artifacts, then removes stale ones.
pub(crate) fn write(dir: &Path, artifacts: &[Artifact]) -> Result<(), Error> {
    for artifact in artifacts {
        let path = artifact.path.split('/').fold(dir.to_owned(), |path, part| path.join(part));
        write_atomic(&path, &artifact.bytes)?;
    }
    let made: BTreeSet<&str> = artifacts.iter().map(|it| it.path.as_str()).collect();
    let entries = fs::read_dir(dir).map_err(|error| environment(dir, "cannot be listed", &error))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let stale = name.to_str().is_some_and(|it| it.ends_with(".rs") && !made.contains(it))
            && is_ours(&entry.path());
        if stale {
            fs::remove_file(entry.path())
                .map_err(|error| environment(&entry.path(), "cannot be removed", &error))?;
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = fs::File::open(path).and_then(|it| it.take(MARK.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == MARK
}

/// The handler files of a project; none when the folder does not exist yet.
pub(crate) fn handlers(project: &Path, folder: &str) -> Result<Folder, Error> {
    let dir = project.join(folder);
    let absolute =
        std::path::absolute(&dir).map_err(|error| environment(&dir, "has no absolute path", &error))?;
    let mut files = BTreeSet::new();
    if dir.exists() {
        collect(&dir, "", 0, &mut files).map_err(|error| environment(&dir, "cannot be listed", &error))?;
    }
    let path = absolute.to_str().map(str::to_owned);
    let path = path.ok_or_else(|| Error::message(format!("the path `{}` is not UTF-8", dir.display())))?;
    Ok(Folder { path, files })
}

fn collect(dir: &Path, prefix: &str, depth: usize, out: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        // A handler is `service/rpc.rs`; deeper folders hold the user's own code.
        if kind.is_dir() && depth < 2 {
            collect(&entry.path(), &format!("{prefix}{name}/"), depth + 1, out)?;
        } else if kind.is_file() {
            out.insert(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

fn environment(path: &Path, what: &str, error: &io::Error) -> Error {
    let diagnostic = Diagnostic::new(format!("{what}: {error}")).in_file(path.display().to_string());
    Error::new(ErrorKind::Environment, vec![diagnostic])
}
