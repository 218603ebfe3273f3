//! `protogate generate`: the sources that a build script would write, into a folder of one's choice.

use std::path::{Path, PathBuf};

use protogate_codegen::{Artifact, CodegenConfig, Existing};

use crate::args::Generate;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;

/// Writes the files that differ, or with `--check` names them.
pub(crate) fn run(args: &Generate, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let schema = subject.load()?;
    let config: CodegenConfig = subject.project.section("codegen")?;
    let mut artifacts = protogate_codegen::generate(&schema, &config, &Existing::default())?;
    artifacts.retain(|artifact| !artifact.users || args.handlers);
    if args.check { compare(&artifacts, &args.out, terminal) } else { write(&artifacts, &args.out, terminal) }
}

fn write(artifacts: &[Artifact], out: &Path, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut written = 0;
    for artifact in artifacts {
        let path = place(out, artifact);
        // What the user fills in is the user's from the first time on.
        if artifact.users && path.exists() {
            terminal.say(format_args!("kept: {}", escape::line(&path.to_string_lossy())));
            continue;
        }
        if protogate_schema::write_atomic(&path, &artifact.bytes)? {
            written += 1;
            terminal.print(escape::line(&path.to_string_lossy()))?;
        }
    }
    terminal.say(format_args!("written: {written}, up to date: {}", artifacts.len() - written));
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
    if stale == 0 {
        terminal.say(format_args!("{} files are up to date", artifacts.len()));
        return Ok(Exit::Clean);
    }
    terminal.say(format_args!(
        "{stale} of {} files are not what the schema gives; run `protogate generate` without `--check`",
        artifacts.len()
    ));
    Ok(Exit::Findings)
}

fn place(out: &Path, artifact: &Artifact) -> PathBuf {
    artifact.path.split('/').fold(out.to_owned(), |path, part| path.join(part))
}
