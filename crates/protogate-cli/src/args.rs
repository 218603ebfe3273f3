//! What the user typed: commands, flags and their help. No file is opened and nothing is decided here.
//!
//! Every flag with a closed set of values is an enum, so that help, error messages and completions list them. Durations and
//! headers are checked for form only.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::duration::parse_duration;

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
    Explain(Explain),
    Rules(Rules),
    Build(Build),
    Generate(Generate),
    Routes(Routes),
    Call(Call),
    Token(Token),
    Demo(Demo),
    Completions(Completions),
}

/// Create a service: contract, code, configuration, tests
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate new billing-admin              creates ./billing-admin
  protogate new inventory --proto api/inventory/v1/inventory.proto
  protogate new billing-admin --no-git     without `git init`")]
pub(crate) struct New {
    /// Name of the service: lower case letters, digits and `-`
    pub(crate) name: String,
    /// Folder to create [default: the name]
    #[arg(long, value_name = "DIR")]
    pub(crate) path: Option<PathBuf>,
    /// Start from this .proto file instead of the reference service; may be given more than once
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) proto: Vec<PathBuf>,
    /// Take the protogate crates from the registry even inside a checkout of protogate
    #[arg(long)]
    pub(crate) registry: bool,
    /// Do not make a git repository
    #[arg(long)]
    pub(crate) no_git: bool,
}

/// Compile, lint, and compare with the baseline: the one command for CI
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate check
  protogate check --format github              annotations on a pull request
  protogate check --against '.git#branch=main'
  protogate check --except COMMENTS            without the rules of one category")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Compare with this schema instead of the configured baseline
    #[arg(long, value_name = "INPUT")]
    pub(crate) against: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Compare with the baseline: only the compatibility rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate breaking
  protogate breaking . --against '.git#tag=v1.2.0'
  protogate breaking new.binpb --against old.binpb --use WIRE --use ROUTE_NO_DELETE")]
pub(crate) struct Breaking {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Compare with this schema instead of the configured baseline
    #[arg(long, value_name = "INPUT")]
    pub(crate) against: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Check style: only the lint rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate lint
  protogate lint proto/acme/v1/book.proto --use MINIMAL
  protogate lint --format json")]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// The schema to work on.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Folder, .proto file, descriptor set (.binpb, .bin, .pb, .desc) or git revision (`.git#branch=main,subdir=proto`)
    #[arg(value_name = "INPUT", default_value = ".")]
    pub(crate) input: String,
    /// Configuration to use instead of the project's protogate.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Which rules run.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Rule or category to use instead of the configured ones; may be given more than once
    #[arg(long = "use", value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(crate) rules: Vec<String>,
    /// Rule or category to leave out; may be given more than once
    #[arg(long, value_name = "RULE|CATEGORY", value_delimiter = ',')]
    pub(crate) except: Vec<String>,
}

/// How findings are written.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Form of the findings on stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Code frames for people
    Text,
    /// One JSON object a line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML
    Junit,
    /// GitHub workflow commands: annotations on the diff
    #[value(name = "github-actions", alias = "github")]
    GithubActions,
    /// GitLab Code Quality JSON
    #[value(name = "gitlab-code-quality", alias = "gitlab")]
    GitlabCodeQuality,
    /// Lines that Visual Studio understands
    Msvs,
}

/// Text for people or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The accepted schema: record, print, compare
#[derive(Debug, Subcommand)]
pub(crate) enum Baseline {
    Accept(BaselineAccept),
    Show(BaselineShow),
    Verify(BaselineVerify),
}

/// Record the current schema as the promise, after showing what that changes
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate baseline accept --dry-run
  protogate baseline accept
  protogate baseline accept --reason '2.0: text revisions'    needed when something breaks, or a route or access changes")]
pub(crate) struct BaselineAccept {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Why the breaking changes, and the changes of routes and access, are accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Show the plan and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Print what is promised
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate baseline show
  protogate baseline show --elements    counts by kind")]
pub(crate) struct BaselineShow {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Counts of files, messages, fields, enums, services, methods and routes instead of the listing
    #[arg(long)]
    pub(crate) elements: bool,
}

/// Compare the baseline with the current schema: 0 when it is up to date, 1 when not
#[derive(Debug, Args)]
pub(crate) struct BaselineVerify {
    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// Print the page of a rule
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  protogate explain FIELD_SAME_TYPE")]
pub(crate) struct Explain {
    /// Id of the rule, such as FIELD_SAME_TYPE
    pub(crate) rule: String,
}

/// List the rules
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Form of the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TextOrJson::Text)]
    pub(crate) format: TextOrJson,
}

/// Write a descriptor set, source info and imports included
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate build -o schema.binpb
  protogate build .git#branch=main -o - | wc -c")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// File to write; `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// Write the Rust sources that a build script would write
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate generate --out src/generated
  protogate generate --out src/generated --check    exit 1 when a file differs
  protogate generate --handlers                     a file for each rpc that has none yet")]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Folder to write into
    #[arg(long, value_name = "DIR", required_unless_present = "handlers")]
    pub(crate) out: Option<PathBuf>,
    /// Compare with what is there, and write nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// Add missing handler files to the folder of `[codegen] handlers`; a file that exists is left alone
    #[arg(long, conflicts_with_all = ["check", "out"])]
    pub(crate) handlers: bool,
}

/// List the REST routes, their rpcs, and who may call them
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  protogate routes\n  protogate routes --format json | jq .template")]
pub(crate) struct Routes {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Form of the list; `json` is one object a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TextOrJson::Text)]
    pub(crate) format: TextOrJson,
}

/// Call a method of a running server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate call --list
  protogate call GetConfig -d '{\"key\":\"limits\"}'
  protogate call ConfigManager/WatchConfigs --max-messages 3
  protogate call GetConfig -d @request.json -H 'authorization: Bearer ${TOKEN}'

A method is named by any unambiguous ending of its full name. The exit code is 64 + the gRPC code of a failure.")]
pub(crate) struct Call {
    /// Method: `GetConfig`, `ConfigManager/GetConfig` or `acme.v1.ConfigManager/GetConfig`
    #[arg(required_unless_present = "list")]
    pub(crate) method: Option<String>,
    /// Request as JSON; `@FILE` reads a file, `-` stdin [default: an empty message]
    #[arg(short, long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// Address of the server, plaintext HTTP/2
    #[arg(short, long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", env = "PROTOGATE_TARGET")]
    pub(crate) target: String,
    /// Header `name: value`; `${VAR}` is replaced from the environment, a name in `-bin` takes base64
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// File that holds a bearer token
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Schema to use instead of asking the server: a folder, .proto file, descriptor set or git revision
    #[arg(long, value_name = "INPUT")]
    pub(crate) schema: Option<String>,
    /// Longest time for the whole call, such as `5s`
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) deadline: Option<Duration>,
    /// End a stream after this many messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_messages: Option<u64>,
    /// Show fields that hold their default
    #[arg(long)]
    pub(crate) defaults: bool,
    /// One line for each message
    #[arg(long)]
    pub(crate) compact: bool,
    /// List the methods instead of calling one
    #[arg(long, conflicts_with_all = ["method", "data"])]
    pub(crate) list: bool,
}

/// Sign a token for a development server
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate token --role admin
  curl -H \"authorization: Bearer $(protogate token --role admin)\" http://127.0.0.1:8080/v1/configs")]
pub(crate) struct Token {
    /// Role of the caller; may be given more than once
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    /// Permission of the caller; may be given more than once
    #[arg(long = "permission", value_name = "PERMISSION")]
    pub(crate) permissions: Vec<String>,
    /// Who the caller is
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) subject: String,
    /// How long the token holds
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_duration)]
    pub(crate) ttl: Duration,
    /// Configuration of the service, whose `[auth]` section is read
    #[arg(long, value_name = "FILE", default_value = "service.toml")]
    pub(crate) config: PathBuf,
    /// Make the key file, with a random key that only its owner can read, when it is not there
    #[arg(long)]
    pub(crate) create_key: bool,
}

/// The tour: scaffold a service, refuse a breaking edit, build, run, call
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  protogate demo                   runs until Ctrl-C, then tidies up
  protogate demo --check           calls everything itself and ends with 0 or 1
  protogate demo --keep ./demo     leaves the service in ./demo")]
pub(crate) struct Demo {
    /// Make the calls, check the answers, and end
    #[arg(long)]
    pub(crate) check: bool,
    /// Create the service in this folder, and leave it there
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Port of the service [default: a free one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Take the protogate crates from the registry instead of this checkout
    #[arg(long)]
    pub(crate) registry: bool,
}

/// Print a completion script
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  protogate completions bash > ~/.local/share/bash-completion/completions/protogate"
)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
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
