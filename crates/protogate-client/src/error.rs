//! Why a call could not be made, or how the server refused it.

use crate::failure::Failure;

/// What went wrong with a call.
///
/// Messages are lower case without a final stop, name the element in backquotes and say what to do.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Environment(String),
    #[error("{0}")]
    Failure(Failure),
}

/// Who has to act on an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller: a wrong address, method name, request or header.
    Usage,
    /// Something around the call: no server there, no reflection, no usable descriptor.
    Environment,
    /// The server answered with a status other than `OK`; see [`Error::failure`].
    Failure,
}

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Usage(message.into())))
    }

    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Environment(message.into())))
    }

    pub(crate) fn failure_from(failure: Failure) -> Self {
        Self(Box::new(Kind::Failure(failure)))
    }

    /// Who has to act.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match *self.0 {
            Kind::Usage(_) => ErrorKind::Usage,
            Kind::Environment(_) => ErrorKind::Environment,
            Kind::Failure(_) => ErrorKind::Failure,
        }
    }

    /// The status that the server answered with, when it answered.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &*self.0 {
            Kind::Failure(failure) => Some(failure),
            _ => None,
        }
    }
}
