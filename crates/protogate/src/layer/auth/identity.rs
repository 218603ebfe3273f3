//! The verified caller, as handlers see it in the request's extensions.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Map, Value};

/// The verified caller of a request. Cheap to clone.
///
/// ```
/// # fn handler(request: tonic::Request<()>) {
/// if let Some(identity) = request.extensions().get::<protogate::Identity>() {
///     let _ = (identity.subject(), identity.has_role("admin"));
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Identity {
    subject: Arc<str>,
    facts: Arc<Facts>,
}

struct Facts {
    roles: Vec<String>,
    permissions: Vec<String>,
    claims: Map<String, Value>,
    expires_at: SystemTime,
}

impl Identity {
    pub(crate) fn new(
        subject: &str,
        roles: Vec<String>,
        permissions: Vec<String>,
        claims: Map<String, Value>,
        expires_at: SystemTime,
    ) -> Self {
        Self {
            subject: Arc::from(subject),
            facts: Arc::new(Facts { roles, permissions, claims, expires_at }),
        }
    }

    /// The token's `sub`: 1 to 256 bytes.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The roles of the configured claim.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.facts.roles
    }

    /// Whether the caller has a role, compared exactly.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.facts.roles.iter().any(|known| known == role)
    }

    /// The permissions of the configured claim.
    #[must_use]
    pub fn permissions(&self) -> &[String] {
        &self.facts.permissions
    }

    /// Whether the caller has a permission, compared exactly.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.facts.permissions.iter().any(|known| known == permission)
    }

    /// All claims of the token.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.facts.claims
    }

    /// When the token expires; a stream of its caller ends then.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.facts.expires_at
    }

    pub(crate) fn shared_subject(&self) -> Arc<str> {
        Arc::clone(&self.subject)
    }

    #[cfg(test)]
    pub(crate) fn for_tests(subject: &str, roles: &[&str], permissions: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self::new(subject, owned(roles), owned(permissions), Map::new(), SystemTime::UNIX_EPOCH)
    }
}

/// Claims may be personal; only subject, roles and permissions are shown.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("subject", &self.subject)
            .field("roles", &self.facts.roles)
            .field("permissions", &self.facts.permissions)
            .finish_non_exhaustive()
    }
}
