//! `protogate openapi`: the REST side of a contract for tools that read OpenAPI.

use std::path::Path;

use protogate_codegen::emit::openapi;
use protogate_codegen::{CodegenConfig, Plan};

use crate::args::{Notation, OpenApi};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;
use crate::written;

/// Prints the document, writes it, or with `--check` compares it with the file.
pub(crate) fn run(args: &OpenApi, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let subject = Subject::find(&args.input)?;
    let schema = subject.load()?;
    let config: CodegenConfig = subject.project.section("codegen")?;
    let document = openapi::document(&Plan::new(&schema, &config)?);
    let text = match args.format.unwrap_or_else(|| notation(args.out.as_deref())) {
        Notation::Yaml => document.to_yaml(),
        Notation::Json => document.to_json(),
    };
    let Some(out) = &args.out else {
        terminal.print(text.trim_end_matches('\n'))?;
        return Ok(Exit::Clean);
    };
    let shown = escape::line(&out.to_string_lossy()).to_string();
    if !args.check {
        let changed = protogate_schema::write_atomic(out, text.as_bytes())?;
        terminal.say(format_args!("{shown}{}", if changed { "" } else { " is up to date" }));
        return Ok(Exit::Clean);
    }
    match written::content(out)? {
        Some(bytes) if bytes == text.as_bytes() => {
            terminal.say(format_args!("{shown} is up to date"));
            Ok(Exit::Clean)
        }
        found => {
            let what = if found.is_some() { "differs from what the schema gives" } else { "is missing" };
            terminal.print(format_args!("{shown} {what}"))?;
            terminal.say(format_args!("run `protogate openapi` without `--check` to write it"));
            Ok(Exit::Findings)
        }
    }
}

fn notation(out: Option<&Path>) -> Notation {
    match out.and_then(Path::extension) {
        Some(extension) if extension.eq_ignore_ascii_case("json") => Notation::Json,
        _ => Notation::Yaml,
    }
}
