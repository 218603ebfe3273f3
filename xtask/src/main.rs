//! `cargo xtask`: everything about this repository that a person would otherwise do by hand.
//!
//! Depends on no product crate: it drives cargo, git and the built command as processes, so it works when they do not compile.

mod bench;
mod bless;
mod ci;
mod fuzz;
mod process;
mod reference;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Automation of the protogate repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Rewrites expected files of fixtures from what the code does now; read the diff before you commit it.
    Bless {
        /// Packages whose tests are run; default: all.
        #[arg(short, long)]
        package: Vec<String>,
    },
    /// Regenerates checked-in generated files: the references under `docs/reference`.
    Codegen {
        /// Writes nothing; fails when a file is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Checks what no compiler checks: arrows, rooms, names, sizes, headers, links, orphans.
    Tidy,
    /// Runs the tests. Needs nothing but a Rust toolchain; slow sweeps and oracles join in when their variables are set.
    Test {
        /// Arguments for `cargo test`, such as a filter.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Runs the fuzz targets of `tests/fuzz`, each for a bounded time. Needs cargo-fuzz and a C++ compiler.
    Fuzz {
        /// Targets; default: all.
        targets: Vec<String>,
        /// Seconds for each target.
        #[arg(long, default_value_t = 20)]
        seconds: u32,
    },
    /// What continuous integration runs, in its order.
    Ci,
    /// Measures side by side, in one run, and prints ratios.
    Bench {
        /// What to measure; default: all.
        #[arg(value_enum)]
        what: Vec<bench::Bench>,
        /// Seconds of load per measurement.
        #[arg(long, default_value_t = 6)]
        seconds: u32,
    },
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Bless { package } => bless::run(&package),
        Command::Codegen { check } => {
            reference::run(if check { reference::Mode::Check } else { reference::Mode::Write })
        }
        Command::Tidy => tidy::run(),
        Command::Test { rest } => test::run(&rest),
        Command::Fuzz { targets, seconds } => fuzz::run(&targets, seconds),
        Command::Ci => ci::run(),
        Command::Bench { what, seconds } => bench::run(&what, seconds),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
