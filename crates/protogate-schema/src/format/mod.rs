//! What does a `.proto` file look like when it is tidy? The same tokens and comments, in the layout of `buf format`.
//!
//! A room of its own, next to the compiler and without it: a formatter needs every comment and no meaning, and also reads the
//! editions that the compiler does not. `token` cuts the text, `parse` makes a `tree` of it, `comments` says which token a comment
//! belongs to, `ink` puts tokens with their comments on a `page`, `print` and `value` say where.

mod block;
mod comments;
mod ink;
mod page;
mod parse;
mod print;
mod token;
mod tree;
mod value;

use std::ops::Range;

use crate::error::{Diagnostic, Error, ErrorKind};
use crate::line_index::LineIndex;

/// Most times that a result is formatted again until nothing changes.
const MAX_PASSES: usize = 5;

/// Why a text cannot be read, and where.
#[derive(Debug)]
struct Fault {
    range: Range<usize>,
    message: String,
    help: &'static str,
}

impl Fault {
    fn new(range: Range<usize>, message: impl Into<String>, help: &'static str) -> Self {
        Self { range, message: message.into(), help }
    }
}

/// Formats the text of a `.proto` file; `path` is what errors call it.
///
/// The result is what `buf format` makes of it (`docs/guide/format.md` lists the differences): syntax, package, imports and options
/// of the file first, in that order, imports and options sorted; two columns of indentation; lists and messages of more than one
/// element on several lines; at most one empty line where there was one; a single `;` where nothing needs it is left out.
/// Formatting the result again changes nothing: a comment in an odd place may come to rest only the second time, so that is done at
/// once.
///
/// # Errors
/// When the text is no UTF-8, holds what no source can hold, or is not understood as proto2, proto3 or an edition, with the place.
pub fn format(path: &str, bytes: &[u8]) -> Result<String, Error> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("is not UTF-8: byte 0x{:02X} at offset {at} is not valid", bytes[at]);
            let fault = Fault::new(at..at, message, "save the file as UTF-8");
            return Err(error_of(path, &String::from_utf8_lossy(&bytes[..at]), fault));
        }
    };
    let mut last = format_text(text).map_err(|fault| error_of(path, text, fault))?;
    for _ in 0..MAX_PASSES {
        let next = format_text(&last).map_err(|fault| {
            let message = format!("the formatted text cannot be read again: {}", fault.message);
            error_of(
                path,
                text,
                Fault::new(0..0, message, "this is a mistake of the formatter; the file is left alone"),
            )
        })?;
        if next == last {
            break;
        }
        last = next;
    }
    Ok(last)
}

fn format_text(text: &str) -> Result<String, Fault> {
    let mut tokens = token::tokens(text)?;
    let statements = parse::parse(text, &mut tokens)?;
    if tokens.iter().all(|it| it.kind.is_gap() && !it.kind.is_comment()) {
        return Ok(String::new());
    }
    let comments = comments::Comments::assign(&tokens);
    let mut ink = ink::Ink::new(text, &tokens, &comments);
    print::file(&mut ink, &statements);
    Ok(ink.page.render(text.len() + text.len() / 8))
}

fn error_of(path: &str, text: &str, fault: Fault) -> Error {
    let diagnostic = Diagnostic::new(fault.message)
        .in_file(path)
        .at(LineIndex::new(text).span(fault.range))
        .with_help(fault.help);
    let sources = std::iter::once((path.to_owned(), text.into())).collect();
    Error::new(ErrorKind::Input, vec![diagnostic]).with_sources(sources)
}
