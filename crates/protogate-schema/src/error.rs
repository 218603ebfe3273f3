//! Errors of compiling and loading, as data: where, what, help. Rendering is the caller's business.

use std::fmt;

use crate::model::span::Span;

/// One thing that is wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Path of the file as the user knows it, `None` when no file is to blame.
    pub path: Option<String>,
    /// Place in it.
    pub span: Option<Span>,
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// Text under the marked place.
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
    /// Further places, such as the first of two declarations.
    pub related: Vec<Related>,
}

/// A further place of a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Path of the file.
    pub path: String,
    /// Place in it.
    pub span: Span,
    /// What is there.
    pub label: String,
}

impl Diagnostic {
    /// A diagnostic that knows no place.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { path: None, span: None, message: message.into(), label: None, help: None, related: Vec::new() }
    }

    /// In this file.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// At this place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With this text under the place.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With this advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}:")?;
            if let Some(span) = self.span {
                write!(f, "{}:{}:", span.start_line, span.start_column)?;
            }
            write!(f, " ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, " (help: {help})")?;
        }
        Ok(())
    }
}

/// Who has to act on an error; decides the exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input, the configuration or the usage is wrong: exit 2.
    Input,
    /// Something around the tool is missing: no baseline, no git, no permission. Exit 3.
    Environment,
}

/// Why a schema could not be had: every diagnostic of the phase that failed, in order of file and line.
#[derive(Debug, Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    diagnostics: Vec<Diagnostic>,
    /// Source texts of the files that diagnostics name, for code frames.
    sources: std::collections::HashMap<String, std::sync::Arc<str>>,
}

impl Error {
    /// An error of one diagnostic without a place.
    #[must_use]
    pub fn message(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, vec![Diagnostic::new(message)])
    }

    /// An error of these diagnostics; sorted by file and place.
    #[must_use]
    pub fn new(kind: ErrorKind, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by(|a, b| (&a.path, a.span, &a.message).cmp(&(&b.path, b.span, &b.message)));
        diagnostics.dedup();
        Self { inner: Box::new(Inner { kind, diagnostics, sources: std::collections::HashMap::new() }) }
    }

    /// Adds the source texts that a renderer can show, by path.
    #[must_use]
    pub fn with_sources(mut self, sources: std::collections::HashMap<String, std::sync::Arc<str>>) -> Self {
        self.inner.sources = sources;
        self
    }

    /// The same error with other diagnostics.
    #[must_use]
    pub fn map_diagnostics(mut self, change: impl FnMut(Diagnostic) -> Diagnostic) -> Self {
        let diagnostics = std::mem::take(&mut self.inner.diagnostics);
        self.inner.diagnostics = diagnostics.into_iter().map(change).collect();
        self
    }

    /// Who has to act.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// What is wrong.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.inner.diagnostics
    }

    /// Source text of a file that a diagnostic names.
    #[must_use]
    pub fn source_text(&self, path: &str) -> Option<&str> {
        self.inner.sources.get(path).map(|text| &**text)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.inner.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
