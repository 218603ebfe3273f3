//! Why a command could not do its work, and how that is shown: message, help, exit code.
//!
//! A failure is not a finding: findings are results of a tool that worked, and go to stdout. The code frames of compile errors come
//! from the reporters of `protogate-check`, so that a build script shows the same.

use std::io;

use anstyle::AnsiColor;
use protogate_check::report::{View, diagnostic};

use crate::escape;
use crate::exit::Exit;
use crate::terminal::{Terminal, bold};

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A message of our own, with advice.
    Message {
        /// How the process ends.
        exit: Exit,
        /// Lower case, no final stop; may hold untrusted names.
        text: String,
        /// What to do.
        help: Option<String>,
    },
    /// The schema or the project's configuration could not be had.
    Schema(protogate_schema::Error),
    /// The results could not be written.
    Output(io::Error),
    /// The reason has been shown as a result; only the exit code is left.
    Shown(Exit),
}

impl Failure {
    /// The caller's mistake.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Message { exit: Exit::Usage, text: text.into(), help: None }
    }

    /// Something around the tool.
    pub(crate) fn environment(text: impl Into<String>) -> Self {
        Self::Message { exit: Exit::Environment, text: text.into(), help: None }
    }

    /// With advice.
    pub(crate) fn with_help(mut self, advice: impl Into<String>) -> Self {
        if let Self::Message { help, .. } = &mut self {
            *help = Some(advice.into());
        }
        self
    }

    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Message { exit, .. } | Self::Shown(exit) => *exit,
            Self::Schema(error) => error.kind().into(),
            Self::Output(_) => Exit::Environment,
        }
    }

    /// Shows the failure on stderr.
    pub(crate) fn show(&self, terminal: &mut Terminal) {
        match self {
            Self::Message { text, help, .. } => {
                let style = bold(AnsiColor::Red);
                for line in text.lines() {
                    terminal.say(format_args!("{style}error{style:#}: {}", escape::line(line)));
                }
                if let Some(help) = help {
                    let style = bold(AnsiColor::Cyan);
                    terminal.say(format_args!("{style}help{style:#}: {}", escape::block(help)));
                }
            }
            Self::Schema(error) => {
                let view = View { color: terminal.err_has_color, width: terminal.width, ..View::default() };
                let mut text = String::new();
                // Writing to a string cannot fail.
                let _ = diagnostic::render(error, &view, &mut text);
                terminal.say(text.trim_end());
            }
            Self::Output(error) => {
                terminal.say(format_args!("error: the results cannot be written: {error}"))
            }
            Self::Shown(_) => {}
        }
    }
}

impl From<protogate_schema::Error> for Failure {
    fn from(error: protogate_schema::Error) -> Self {
        Self::Schema(error)
    }
}

impl From<io::Error> for Failure {
    /// Only for writing results: other I/O has a file to name.
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<protogate_client::Error> for Failure {
    fn from(error: protogate_client::Error) -> Self {
        match error.kind() {
            protogate_client::ErrorKind::Environment => Self::environment(error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}
