//! The two streams: results on stdout, talk on stderr.
//!
//! Colour is decided once, by anstream: `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb` and a stream that is no terminal are honoured.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// Columns when the environment does not say.
const DEFAULT_WIDTH: usize = 100;

/// Where a command writes.
pub(crate) struct Terminal {
    /// Results.
    pub(crate) out: Box<dyn Write>,
    /// Everything else.
    pub(crate) err: Box<dyn Write>,
    /// Results may hold colour codes. (What reaches `out` against this is stripped.)
    pub(crate) out_has_color: bool,
    /// Results are read by a person, or colour is forced.
    pub(crate) out_is_for_people: bool,
    /// Talk may hold colour codes.
    pub(crate) err_has_color: bool,
    /// Columns that frames may take.
    pub(crate) width: usize,
}

impl Terminal {
    /// The streams of this process.
    pub(crate) fn standard() -> Self {
        let color = |choice: ColorChoice| choice != ColorChoice::Never;
        let out_has_color = color(AutoStream::choice(&io::stdout()));
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Self {
            out_has_color,
            out_is_for_people: out_has_color || io::stdout().is_terminal(),
            width: columns.unwrap_or(DEFAULT_WIDTH),
            err_has_color: color(AutoStream::choice(&io::stderr())),
            out: Box::new(BufWriter::new(AutoStream::auto(io::stdout()))),
            err: Box::new(AutoStream::auto(io::stderr())),
        }
    }

    /// One line of a result.
    pub(crate) fn print(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }

    /// One line of talk. A closed stderr is nobody's problem.
    pub(crate) fn say(&mut self, line: impl Display) {
        let _ = writeln!(self.err, "{line}");
    }

    /// A warning: one line of talk.
    pub(crate) fn warn(&mut self, line: impl Display) {
        let style = bold(AnsiColor::Yellow);
        self.say(format_args!("{style}warning{style:#}: {line}"));
    }
}

/// Bold in a colour; the colour never says what the words don't.
pub(crate) fn bold(color: AnsiColor) -> Style {
    color.on_default().bold()
}
