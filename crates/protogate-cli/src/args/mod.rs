//! What the user typed: commands, flags and their help. No file is opened and nothing is decided here.
//!
//! Every flag with a closed set of values is an enum, so that help, error messages and completions list them. Durations and
//! headers are checked for form only.

mod against;
mod baseline;
mod breaking;
mod build;
mod call;
mod check;
mod completions;
mod demo;
mod diff;
mod fix;
mod format;
mod generate;
mod input;
mod lint;
mod new;
mod openapi;
mod report;
mod routes;
mod rules;
mod scope;
mod selection;
mod source;
mod token;
mod waive;

use clap::{Parser, Subcommand};

pub(crate) use self::against::AgainstArgs;
pub(crate) use self::baseline::{Baseline, BaselineAccept, BaselineShow, BaselineVerify};
pub(crate) use self::breaking::Breaking;
pub(crate) use self::build::Build;
pub(crate) use self::call::Call;
pub(crate) use self::check::Check;
pub(crate) use self::completions::Completions;
pub(crate) use self::demo::Demo;
pub(crate) use self::diff::{Diff, DiffFormat};
pub(crate) use self::fix::FixArgs;
pub(crate) use self::format::FormatArgs;
pub(crate) use self::generate::Generate;
pub(crate) use self::input::InputArgs;
pub(crate) use self::lint::Lint;
pub(crate) use self::new::New;
pub(crate) use self::openapi::{Notation, OpenApi};
pub(crate) use self::report::{Format, ReportArgs, TextOrJson};
pub(crate) use self::routes::Routes;
pub(crate) use self::rules::{Explain, Rules};
pub(crate) use self::scope::ScopeArgs;
pub(crate) use self::selection::{ProfileArg, Selection};
pub(crate) use self::source::{SourceParser, name_stdin};
pub(crate) use self::token::Token;
pub(crate) use self::waive::Waive;

/// Turns .proto files into a management service, and guards the contract.
#[derive(Debug, Parser)]
#[command(
    name = "protogate",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  protogate new billing-admin                        a complete service in ./billing-admin
  protogate check                                    compile, lint, compare with the baseline
  protogate breaking --against '.git#branch=main'    what would break for whom
  protogate call GetConfig -d '{\"key\":\"limits\"}'     call a running server
  protogate demo                                     the whole tour in one command

Exit codes: 0 clean, 1 findings, 2 usage, configuration or compile error, 3 environment
(no baseline, no git, no server); `call` ends with 64 + the gRPC code."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Compile every file anew, and remember nothing for the next run
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
}

/// One variant per command, in the order of the help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(New),
    Check(Check),
    Breaking(Breaking),
    Lint(Lint),
    #[command(subcommand)]
    Baseline(Baseline),
    Diff(Diff),
    Waive(Waive),
    Explain(Explain),
    Rules(Rules),
    Build(Build),
    Format(FormatArgs),
    Generate(Generate),
    Routes(Routes),
    #[command(name = "openapi")]
    OpenApi(OpenApi),
    Call(Call),
    Token(Token),
    Demo(Demo),
    Completions(Completions),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn definitions_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_argument_has_help() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "`{}` says nothing about itself", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "`{}` of `{}`", argument.get_id(), command.get_name());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
