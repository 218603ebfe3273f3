//! The lines that cargo reads from a build script.
//!
//! A directive is one line: longer texts become several, and a path that could forge a line is refused. What cannot be written is
//! dropped, because there is nowhere left to say so.

use std::io::Write;
use std::path::Path;

use protogate_check::report::{View, diagnostic};
use protogate_schema::Error;

/// Writes directives.
pub(crate) struct Directives<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Directives<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }

    /// Runs the script again when the file, or something in the folder, changes.
    pub(crate) fn rerun(&mut self, path: &Path) -> Result<(), Error> {
        let shown = path.display().to_string();
        if path.to_str().is_none() || shown.chars().any(char::is_control) {
            return Err(Error::message(format!(
                "the path `{}` has characters that cannot be given to cargo; rename it",
                shown.escape_debug()
            )));
        }
        self.line("rerun-if-changed", &shown);
        Ok(())
    }

    /// Fails the build.
    pub(crate) fn error_text(&mut self, text: &str) {
        self.lines("error", text);
    }

    /// Shows a text during the build.
    pub(crate) fn warning(&mut self, text: &str) {
        self.lines("warning", text);
    }

    /// Fails the build with all diagnostics of an error, one line each.
    pub(crate) fn error(&mut self, error: &Error) {
        let view = View { frames: false, ..View::default() };
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = diagnostic::render(error, &view, &mut text);
        self.error_text(&text);
    }

    fn lines(&mut self, key: &str, text: &str) {
        for line in text.lines().filter(|it| !it.trim().is_empty()) {
            self.line(key, line);
        }
    }

    fn line(&mut self, key: &str, value: &str) {
        let safe: String = value.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let _ = writeln!(self.out, "cargo::{key}={safe}");
    }
}
