//! The `protogate` command line: parse, run, exit code.
//!
//! Everything a command does lives in `command/<name>.rs`; what it may print to is a [`terminal::Terminal`]; why it stopped is a
//! [`failure::Failure`]. Only this file knows the process.

mod args;
mod changelog;
mod command;
mod config;
mod duration;
mod escape;
mod exit;
mod failure;
mod fix;
mod gate;
mod images;
mod listing;
mod plugin;
mod project;
mod remembered;
mod report;
mod scaffold;
mod scope;
mod table;
mod terminal;
mod unified;
mod waiver_file;
mod written;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plugin::Plugin;
use crate::terminal::Terminal;

/// Compiling makes and frees millions of small pieces on all cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(plugin) = Plugin::called(std::env::args_os().next().as_deref()) {
        let mut terminal = Terminal::standard();
        return end(plugin::run(plugin, &mut terminal), &mut terminal);
    }
    let cli = match Cli::try_parse_from(args::name_stdin(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a closed pipe is no reason to complain about either.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Clean.into() };
        }
    };
    let mut terminal = Terminal::standard();
    if !cli.no_cache {
        remembered::enable();
    }
    let result = run(&cli.command, &mut terminal);
    end(result, &mut terminal)
}

/// Shows why a run failed, and says how it ended.
fn end(result: Result<Exit, Failure>, terminal: &mut Terminal) -> ExitCode {
    let result = result.and_then(|exit| {
        terminal.out.flush()?;
        Ok(exit)
    });
    match result {
        Ok(exit) => exit.into(),
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Exit::Clean.into(),
        Err(failure) => {
            // What was found before the failure is still a result.
            let _ = terminal.out.flush();
            failure.show(terminal);
            failure.exit().into()
        }
    }
}

fn run(command: &Command, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match command {
        Command::New(args) => command::new::run(args, terminal),
        Command::Check(args) => command::check::run(args, terminal),
        Command::Breaking(args) => command::breaking::run(args, terminal),
        Command::Lint(args) => command::lint::run(args, terminal),
        Command::Baseline(args) => command::baseline::run(args, terminal),
        Command::Diff(args) => command::diff::run(args, terminal),
        Command::Waive(args) => command::waive::run(args, terminal),
        Command::Explain(args) => command::explain::run(args, terminal),
        Command::Rules(args) => command::rules::run(args, terminal),
        Command::Build(args) => command::build::run(args, terminal),
        Command::Format(args) => command::format::run(args, terminal),
        Command::Generate(args) => command::generate::run(args, terminal),
        Command::OpenApi(args) => command::openapi::run(args, terminal),
        Command::Routes(args) => command::routes::run(args, terminal),
        Command::Call(args) => command::call::run(args, terminal),
        Command::Token(args) => command::token::run(args, terminal),
        Command::Demo(args) => command::demo::run(args, terminal),
        Command::Completions(args) => command::completions::run(args, terminal),
    }
}
