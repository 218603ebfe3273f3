//! `protogate generate`: the sources that a build script would write, into a folder of one's choice.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use protogate_codegen::emit::handlers;
use protogate_codegen::{Artifact, CodegenConfig, Existing, GENERATED_MARK};
use protogate_schema::Schema;

use crate::args::Generate;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;

/// Writes the files that differ, or with `--check` names them, or with `--handlers` adds handler files.
pub(crate) fn run(args: &Generate, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let schema = subject.load()?;
    let config: CodegenConfig = subject.project.section("codegen")?;
    let Some(out) = &args.out else {
        return add_handlers(&subject, &schema, &config, terminal);
    };
    let mut artifacts = protogate_codegen::generate(&schema, &config, &Existing::default())?;
    artifacts.retain(|artifact| !artifact.users);
    if args.check { compare(&artifacts, out, terminal) } else { write(&artifacts, out, terminal) }
}

/// What the user fills in is the user's from the first time on: only missing files are written.
fn add_handlers(
    subject: &Subject,
    schema: &Schema,
    config: &CodegenConfig,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let Some(folder) = &config.handlers else {
        return Err(Failure::usage(
            "this project implements its services by hand: `[codegen]` has no `handlers`",
        )
        .with_help(
            "for one file per rpc add `[codegen]` `handlers = \"src/handlers\"` to `protogate.toml`",
        ));
    };
    let folder = subject.project.dir().join(folder);
    let (mut added, mut kept) = (0, 0);
    for artifact in handlers::skeletons(schema, config)? {
        let path = place(&folder, &artifact);
        // A link that leads nowhere is somebody's file as well.
        if path.symlink_metadata().is_ok() {
            kept += 1;
            continue;
        }
        protogate_schema::write_atomic(&path, &artifact.bytes)?;
        added += 1;
        terminal.print(escape::line(&path.to_string_lossy()))?;
    }
    terminal.say(format_args!("added: {added}, left alone: {kept}"));
    Ok(Exit::Clean)
}

fn write(artifacts: &[Artifact], out: &Path, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut written = 0;
    for artifact in artifacts {
        let path = place(out, artifact);
        if protogate_schema::write_atomic(&path, &artifact.bytes)? {
            written += 1;
            terminal.print(escape::line(&path.to_string_lossy()))?;
        }
    }
    let mut removed = 0;
    for path in left_over(artifacts, out)? {
        std::fs::remove_file(&path).map_err(|error| {
            Failure::environment(format!("`{}` cannot be removed: {error}", path.display()))
        })?;
        removed += 1;
        terminal.print(format_args!("{} removed", escape::line(&path.to_string_lossy())))?;
    }
    let removed = if removed == 0 { String::new() } else { format!(", removed: {removed}") };
    terminal.say(format_args!("written: {written}, up to date: {}{removed}", artifacts.len() - written));
    Ok(Exit::Clean)
}

fn compare(artifacts: &[Artifact], out: &Path, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut stale = 0;
    for artifact in artifacts {
        let path = place(out, artifact);
        let what = match std::fs::read(&path) {
            Ok(bytes) if bytes == artifact.bytes => continue,
            Ok(_) => "differs",
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "is missing",
            Err(error) => {
                return Err(Failure::environment(format!("`{}` cannot be read: {error}", path.display())));
            }
        };
        stale += 1;
        terminal.print(format_args!("{} {what}", escape::line(&path.to_string_lossy())))?;
    }
    let left_over = left_over(artifacts, out)?;
    for path in &left_over {
        terminal.print(format_args!("{} is no longer generated", escape::line(&path.to_string_lossy())))?;
    }
    if stale == 0 && left_over.is_empty() {
        terminal.say(format_args!("{} files are up to date", artifacts.len()));
        return Ok(Exit::Clean);
    }
    terminal.say(format_args!(
        "{stale} of {} files are not what the schema gives, left over: {}; run `protogate generate` without `--check`",
        artifacts.len(),
        left_over.len()
    ));
    Ok(Exit::Findings)
}

/// Files in the folder that were generated once and are no longer, sorted; told by their first line, so that what users wrote stays.
fn left_over(artifacts: &[Artifact], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fault = |error: std::io::Error| {
        Failure::environment(format!("the folder `{}` cannot be listed: {error}", out.display()))
    };
    let entries = match std::fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name();
        let ours = name
            .to_str()
            .is_some_and(|name| name.ends_with(".rs") && !artifacts.iter().any(|it| it.path == name));
        if ours && entry.file_type().map_err(fault)?.is_file() && is_generated(&entry.path()) {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn is_generated(path: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|it| it.take(GENERATED_MARK.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == GENERATED_MARK.as_bytes()
}

fn place(out: &Path, artifact: &Artifact) -> PathBuf {
    artifact.path.split('/').fold(out.to_owned(), |path, part| path.join(part))
}
