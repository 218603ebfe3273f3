//! `protogate completions`: a script for a shell, from the same definitions as the help.

use clap::CommandFactory as _;

use crate::args::{Cli, Completions};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Prints the script.
pub(crate) fn run(args: &Completions, terminal: &mut Terminal) -> Result<Exit, Failure> {
    // Generated into memory first: the generator panics when its writer fails, and a closed pipe is no error.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "protogate", &mut script);
    terminal.out.write_all(&script)?;
    Ok(Exit::Clean)
}
