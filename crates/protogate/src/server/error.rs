//! Why a server does not start or ends with an error.

use std::fmt;
use std::net::SocketAddr;

use crate::config::ConfigError;

/// Why a server does not start, or has failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServerError {
    kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// The configuration cannot be used.
    Config(ConfigError),
    /// The configuration is sound but must not be started with.
    Refused(String),
    /// The services, layers or descriptors do not fit together.
    Assembly(String),
    Bind {
        address: SocketAddr,
        error: std::io::Error,
    },
    Signal(std::io::Error),
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Config(error) => error.fmt(f),
            Kind::Refused(message) => write!(f, "the server does not start: {message}"),
            Kind::Assembly(message) => f.write_str(message),
            Kind::Bind { address, error } => write!(f, "cannot listen on `{address}`: {error}"),
            Kind::Signal(error) => write!(f, "cannot wait for signals: {error}"),
        }
    }
}

impl std::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Config(error) => Some(error),
            Kind::Bind { error, .. } | Kind::Signal(error) => Some(error),
            Kind::Refused(_) | Kind::Assembly(_) => None,
        }
    }
}

impl From<ConfigError> for ServerError {
    fn from(error: ConfigError) -> Self {
        Self { kind: Kind::Config(error) }
    }
}

impl From<Kind> for ServerError {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}
