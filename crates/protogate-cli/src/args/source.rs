//! How an INPUT is told from a flag: `-` and `-#format=json` are standard input, whatever else begins with a dash was meant as a flag.

use std::ffi::{OsStr, OsString};

use clap::builder::{StringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

/// Options whose value may begin with a dash.
const TAKE_DASH: [&str; 4] = ["-o", "--output", "--against", "--schema"];

/// Gives `-#…`, which the parser would take for a flag, the other name of standard input. A positional argument that took all dashes
/// would also take mistyped flags, and what follows them would get the blame.
pub(crate) fn name_stdin(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut out: Vec<OsString> = Vec::new();
    let mut flags = true;
    for argument in arguments {
        flags &= argument != "--";
        let is_value = out.last().is_some_and(|it| TAKE_DASH.iter().any(|option| it == option));
        match argument.to_str().and_then(|it| it.strip_prefix("-#")) {
            Some(options) if flags && !is_value => out.push(format!("/dev/stdin#{options}").into()),
            _ => out.push(argument),
        }
    }
    out
}

/// Takes the notation of an input as the value of an option. It must have `allow_hyphen_values`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceParser;

impl TypedValueParser for SourceParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let text = StringValueParser::new().parse_ref(command, argument, value)?;
        if !text.starts_with('-') || text == "-" || text.starts_with("-#") {
            return Ok(text);
        }
        let name = text.split_once('=').map_or(text.as_str(), |(name, _)| name);
        let mut error = clap::Error::new(ErrorKind::UnknownArgument).with_cmd(command);
        error.insert(ContextKind::InvalidArg, ContextValue::String(name.to_owned()));
        if let Some(near) = nearest_flag(command, name) {
            error.insert(ContextKind::SuggestedArg, ContextValue::String(near));
        }
        error.insert(ContextKind::Usage, ContextValue::StyledStr(command.clone().render_usage()));
        Err(error)
    }
}

fn nearest_flag(command: &Command, name: &str) -> Option<String> {
    let name = name.strip_prefix("--")?;
    let flags = command.get_arguments().filter_map(|it| it.get_long());
    protogate_schema::nearest(name, flags).map(|it| format!("--{it}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Cli, Command};

    fn input(arguments: &[&str]) -> Result<(String, bool), String> {
        let all = ["protogate", "lint"].iter().chain(arguments).map(Into::into);
        match Cli::try_parse_from(super::name_stdin(all)).map_err(|error| error.to_string())?.command {
            Command::Lint(lint) => Ok((lint.input.input, lint.scope.disable_symlinks)),
            _ => Err("another command".to_owned()),
        }
    }

    #[test]
    fn standard_input_is_no_flag_and_flags_stay_flags() {
        for (arguments, expected) in [
            (&["-"][..], ("-", false)),
            (&["-#format=json"], ("/dev/stdin#format=json", false)),
            (&["--disable-symlinks", "-#format=json"], ("/dev/stdin#format=json", true)),
            (&["-#format=json", "--disable-symlinks"], ("/dev/stdin#format=json", true)),
            (&["--disable-symlinks"], (".", true)),
            (&["--", "-#format=json"], ("-#format=json", false)),
        ] {
            let (input, links) = input(arguments).unwrap();
            assert_eq!((input.as_str(), links), expected, "{arguments:?}");
        }
        for arguments in [["--against", "-#format=json"], ["--against=-#format=json", "--no-group"]] {
            let all = ["protogate", "breaking"].iter().chain(&arguments).map(Into::into);
            let Command::Breaking(breaking) = Cli::try_parse_from(super::name_stdin(all)).unwrap().command
            else {
                panic!()
            };
            assert_eq!(breaking.against.against, ["-#format=json"]);
        }
    }

    #[test]
    fn what_is_no_flag_is_named_with_the_nearest_one() {
        for (arguments, part) in [
            (&["--unknown"][..], "unexpected argument '--unknown' found"),
            (&["--disable-symlink"], "'--disable-symlinks'"),
            (&["-x"], "unexpected argument '-x' found"),
            (&["--formt=json"], "unexpected argument '--formt' found"),
            (&["--fromat", "json"], "unexpected argument '--fromat' found"),
            (&[".", "--unknown"], "unexpected argument '--unknown' found"),
        ] {
            let error = input(arguments).unwrap_err();
            assert!(error.contains(part) && error.contains("Usage: "), "{arguments:?}: {error}");
        }
    }
}
