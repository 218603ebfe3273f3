//! `protogate format`: tidy sources, on stdout, as a diff, or in place.
//!
//! A file that cannot be read as a proto source stops the command before anything is printed or written. Nothing is compiled: a source
//! with unknown types or imports can be formatted.

use std::fmt::Write as _;
use std::io::Write as _;

use protogate_schema::load::{self, Source};
use protogate_schema::{Error, ErrorKind, Input, format};
use similar::TextDiff;

use crate::args::FormatArgs;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;
use crate::written::{Change, write_all};

/// Lines around a change.
const CONTEXT: usize = 3;

/// Prints or rewrites the files of the input.
pub(crate) fn run(args: &FormatArgs, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find_in(&args.input, &args.scope)?;
    let sources = match &subject.input {
        Input::Directory(_) => load::project_sources(&subject.project)?,
        input => load::sources(input, &|project| Ok(subject.scope.narrow(project)))?,
    };
    if args.write && sources.iter().any(|it| it.file.is_none()) {
        return Err(Failure::usage("`--write` rewrites files, and the input is an archive or a revision")
            .with_help("leave `--write` out to see the result, or give the folder"));
    }
    let formatted = format_all(&sources)?;
    let changed = || sources.iter().zip(&formatted).filter(|(source, text)| source.bytes != text.as_bytes());
    if args.diff {
        let mut diff = String::new();
        for (source, text) in changed() {
            write_diff(source, text, &mut diff);
        }
        print(&diff, terminal)?;
    } else if !args.write {
        formatted.iter().try_for_each(|it| print(it, terminal))?;
    }
    if args.write {
        let mut changes = Vec::new();
        for (source, text) in changed() {
            if let Some(file) = &source.file {
                changes.push(Change::new(
                    file.clone(),
                    Some(source.bytes.clone()),
                    text.clone().into_bytes(),
                ));
            }
        }
        write_all(&changes)?;
        for (source, _) in changed() {
            terminal.say(format_args!("formatted: {}", escape::line(&source.path)));
        }
    }
    Ok(if args.exit_code && changed().next().is_some() { Exit::Findings } else { Exit::Clean })
}

/// The formatted texts in order, or every reason why a file cannot be formatted.
fn format_all(sources: &[Source]) -> Result<Vec<String>, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = sources.len().div_ceil(threads).max(1);
    let results: Vec<Result<String, Error>> = std::thread::scope(|scope| {
        let format =
            |part: &[Source]| part.iter().map(|it| format::format(&it.path, &it.bytes)).collect::<Vec<_>>();
        let parts: Vec<_> = sources.chunks(share).map(|part| scope.spawn(move || format(part))).collect();
        let join = |it: std::thread::ScopedJoinHandle<'_, _>| {
            it.join().unwrap_or_else(|it| std::panic::resume_unwind(it))
        };
        parts.into_iter().flat_map(join).collect()
    });
    let mut formatted = Vec::with_capacity(results.len());
    let mut diagnostics = Vec::new();
    let mut texts = std::collections::HashMap::new();
    for result in results {
        match result {
            Ok(text) => formatted.push(text),
            Err(error) => {
                for diagnostic in error.diagnostics() {
                    if let Some(path) = &diagnostic.path
                        && let Some(text) = error.source_text(path)
                    {
                        texts.insert(path.clone(), text.into());
                    }
                    diagnostics.push(diagnostic.clone());
                }
            }
        }
    }
    if diagnostics.is_empty() {
        return Ok(formatted);
    }
    Err(Error::new(ErrorKind::Input, diagnostics).with_sources(texts).into())
}

fn write_diff(source: &Source, text: &str, out: &mut String) {
    let old = String::from_utf8_lossy(&source.bytes);
    let diff = TextDiff::from_lines(&*old, text);
    let path = escape::line(&source.path);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "diff -u {path}.orig {path}");
    let _ =
        write!(out, "{}", diff.unified_diff().context_radius(CONTEXT).header(&format!("{path}.orig"), &path));
}

/// Text of files: as it is for a pipe, with what could steer a terminal escaped for people.
fn print(text: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    if terminal.out_is_for_people {
        write!(terminal.out, "{}", escape::block(text))?;
    } else {
        std::io::stdout().lock().write_all(text.as_bytes())?;
    }
    Ok(())
}
