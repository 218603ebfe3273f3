//! The policy of an rpc: its own annotation over its service's default.

use std::fmt;
use std::time::Duration;

use super::options::RawPolicy;

/// Who may call, and within which limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Who may call.
    pub access: Access,
    /// Longest run time of a unary call.
    pub timeout: Option<Duration>,
    /// How often one caller may call.
    pub rate_limit: Option<RateLimit>,
    /// Each call leaves an audit record.
    pub audit: bool,
}

/// Who may call a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nobody: neither the method nor its service says who.
    Denied,
    /// Anybody.
    Public,
    /// A caller with one of `roles` (if any are named) and all of `permissions`.
    Granted {
        /// One of these.
        roles: Vec<String>,
        /// All of these.
        permissions: Vec<String>,
    },
}

impl fmt::Display for Access {
    /// In words: `nobody`, `anybody`, `role admin | viewer, permission devices.write`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied => f.write_str("nobody"),
            Self::Public => f.write_str("anybody"),
            Self::Granted { roles, permissions } => {
                if !roles.is_empty() {
                    write!(f, "role {}", roles.join(" | "))?;
                }
                if !permissions.is_empty() {
                    let comma = if roles.is_empty() { "" } else { ", " };
                    write!(f, "{comma}permission {}", permissions.join(" + "))?;
                }
                Ok(())
            }
        }
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// Calls per second.
    pub per_second: f64,
    /// Calls that may come at once.
    pub burst: u32,
    /// Whose calls are counted together.
    pub key: RateKey,
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateKey {
    /// The authenticated subject; the peer for public methods.
    Subject,
    /// The peer's address.
    Peer,
    /// All callers.
    All,
}

impl Policy {
    /// The policy of a method from its own annotation and its service's default.
    #[must_use]
    pub fn resolve(own: Option<&RawPolicy>, service: Option<&RawPolicy>) -> Self {
        let says = |raw: &&RawPolicy| raw.public || !raw.roles.is_empty() || !raw.permissions.is_empty();
        let access = own.filter(says).or(service.filter(says)).map_or(Access::Denied, |raw| {
            if raw.public {
                Access::Public
            } else {
                Access::Granted { roles: raw.roles.clone(), permissions: raw.permissions.clone() }
            }
        });
        let layers = || own.into_iter().chain(service);
        Self {
            access,
            timeout: layers()
                .find_map(|raw| raw.timeout.as_ref())
                .and_then(|it| Duration::try_from(*it).ok()),
            rate_limit: layers().find_map(|raw| raw.rate_limit.as_ref()).map(|raw| RateLimit {
                per_second: raw.per_second,
                burst: if raw.burst == 0 { (raw.per_second.ceil() as u32).max(1) } else { raw.burst },
                key: match raw.key {
                    2 => RateKey::Peer,
                    3 => RateKey::All,
                    _ => RateKey::Subject,
                },
            }),
            audit: layers().any(|raw| raw.audit),
        }
    }
}
