//! `protogate new`: a whole project, written beside its destination and moved there in one step.
//!
//! Works without a network and without a terminal. Either the project is there, complete and with a contract that compiles, or
//! nothing is. The files are those of `templates/service`; what differs from project to project is decided here.

mod contract;
mod git;
mod key;
mod manifest;
mod name;
mod source;
mod template;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protogate_schema::{Project, baseline, load};

use crate::failure::Failure;

pub(crate) use self::git::Git;
pub(crate) use self::source::Source;

/// What to create.
#[derive(Debug, Clone)]
pub(crate) struct NewOptions {
    /// Name of the package.
    pub(crate) name: String,
    /// The folder to create; `None` is the name, in the current folder.
    pub(crate) path: Option<PathBuf>,
    /// Take protogate's crates from the registry even when a checkout is at hand.
    pub(crate) registry: bool,
    /// Make a git repository.
    pub(crate) git: bool,
    /// The user's own contract; empty is the reference service's.
    pub(crate) protos: Vec<PathBuf>,
}

/// What was created.
#[derive(Debug, Clone)]
pub(crate) struct Created {
    /// The folder.
    pub(crate) path: PathBuf,
    /// The files in it, by path, sorted.
    pub(crate) files: Vec<String>,
    /// Where protogate's crates come from.
    pub(crate) source: Source,
    /// What came of the repository.
    pub(crate) git: Git,
    /// What else the user should know.
    pub(crate) notes: Vec<String>,
}

/// Creates a project.
///
/// # Errors
/// A name that cannot be used, a destination that exists, protos that do not compile, a disk that does not take the files. Then
/// nothing is left behind.
pub(crate) fn create(options: &NewOptions) -> Result<Created, Failure> {
    name::check(&options.name, &manifest::dependencies())?;
    let destination = options.path.clone().unwrap_or_else(|| PathBuf::from(&options.name));
    refuse_existing(&destination)?;
    let parent = match destination.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let contract =
        if options.protos.is_empty() { None } else { Some(contract::Contract::read(&options.protos)?) };
    fs::create_dir_all(&parent).map_err(|error| failed(&parent, &error))?;
    let source = if options.registry { Source::Registry } else { Source::find(&parent) };

    // Beside the destination, so that the move is a rename. The folder inside has the usual mode, the one around it is private.
    let around = tempfile::Builder::new()
        .prefix(&format!(".{}-", options.name))
        .tempdir_in(&parent)
        .map_err(|error| failed(&parent, &error))?;
    let folder = around.path().join(&options.name);
    fs::create_dir(&folder).map_err(|error| failed(&folder, &error))?;
    let mut notes = Vec::new();
    let mut files = match &contract {
        None => service_files(&options.name, &source),
        Some(contract) => contract.files(&options.name, &source, &mut notes),
    };
    files.push(("Cargo.toml".to_owned(), String::new()));
    let keep = |dependency: &str| contract.is_none() || contract::depends_on(dependency);
    if let Some(last) = files.last_mut() {
        // A test of the user's own contract needs no crate that the project does not have anyway.
        let in_table =
            |table: &str, name: &str| keep(name) && (contract.is_none() || table != "dev-dependencies");
        last.1 = manifest::render(&options.name, &source, in_table);
    }
    if let Source::Checkout(root) = &source
        && let Some(lock) = manifest::lock(root, &options.name, keep)
    {
        files.push(("Cargo.lock".to_owned(), lock));
    }
    for (path, text) in &files {
        write(&folder, path, text)?;
    }
    if files.iter().any(|(path, _)| path == "Cargo.lock") {
        manifest::settle_lock(&folder);
    }
    let mut written: Vec<String> = files.into_iter().map(|(path, _)| path).collect();
    written.push(record_baseline(&folder)?);
    key::write(&folder.join("dev/hs256.key"))?;
    written.push("dev/hs256.key".to_owned());
    written.sort();

    let git =
        if options.git { git::init(&folder, &parent, &last_name(&destination)) } else { Git::NotWanted };
    refuse_existing(&destination)?;
    fs::rename(&folder, &destination).map_err(|error| failed(&destination, &error))?;
    Ok(Created { path: destination, files: written, source, git, notes })
}

/// The files of `templates/service`, renamed.
fn service_files(name: &str, _source: &Source) -> Vec<(String, String)> {
    template::FILES
        .iter()
        .map(|file| (template::rename(file.path, name), template::rename(file.text, name)))
        .collect()
}

/// Records the contract as the first promise; fails when it does not compile, so a project that is created has one that does.
fn record_baseline(folder: &Path) -> Result<String, Failure> {
    const FILE: &str = "proto/baseline.binpb";
    let schema = load::load_project(&Project::discover(folder)?)?;
    baseline::write(&schema, &folder.join(FILE))?;
    Ok(FILE.to_owned())
}

fn refuse_existing(destination: &Path) -> Result<(), Failure> {
    // Links that lead nowhere count as well.
    match fs::symlink_metadata(destination) {
        Ok(_) => Err(Failure::usage(format!("`{}` exists already", destination.display()))
            .with_help("take another name, or another folder with `--path`; nothing was changed")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(destination, &error)),
    }
}

fn write(folder: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let file = folder.join(path);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
    }
    fs::create_dir_all(folder.join("dev")).map_err(|error| failed(folder, &error))?;
    fs::write(&file, text).map_err(|error| failed(&file, &error))
}

fn last_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("`{}` cannot be written: {error}", path.display()))
}
