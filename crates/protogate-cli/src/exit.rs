//! The exit codes of the command, in one place.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Clean,
    /// The tool worked and found something.
    Findings,
    /// Usage, configuration or the schema is wrong.
    Usage,
    /// Something around the tool is missing: no baseline, no git, no server.
    Environment,
    /// `call`: the server answered with this gRPC code.
    Call(i32),
}

impl Exit {
    /// 0, 1, 2, 3, and 64 + the gRPC code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Environment => 3,
            Self::Call(code) => 64_u8.saturating_add(u8::try_from(code).unwrap_or(2)),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<protogate_schema::ErrorKind> for Exit {
    fn from(kind: protogate_schema::ErrorKind) -> Self {
        match kind {
            protogate_schema::ErrorKind::Input => Self::Usage,
            protogate_schema::ErrorKind::Environment => Self::Environment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn codes_are_those_of_the_manual() {
        let codes =
            [Exit::Clean, Exit::Findings, Exit::Usage, Exit::Environment, Exit::Call(5), Exit::Call(16)];
        assert_eq!(codes.map(Exit::code), [0, 1, 2, 3, 69, 80]);
    }
}
