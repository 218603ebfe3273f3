//! Tokens for the reference service, signed with its development key.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

/// The development key of every service that these tests start.
pub(crate) const SECRET: &str = "end-to-end-tests-only-0123456789-abcdef";
pub(crate) const KID: &str = "dev";
/// Issuer and audience.
pub(crate) const NAME: &str = "reference-service";

/// What a token says.
#[derive(Debug, Clone)]
pub struct Claims {
    pub subject: String,
    pub roles: Vec<String>,
    /// Seconds from now; may lie in the past.
    pub expires_in: i64,
}

impl Claims {
    pub fn role(role: &str) -> Self {
        Self { subject: format!("{role}@example.com"), roles: vec![role.to_owned()], expires_in: 600 }
    }
}

/// A token for one role.
pub fn token(role: &str) -> String {
    sign(&Claims::role(role))
}

pub(crate) fn sign(claims: &Claims) -> String {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let body = json!({
        "iss": NAME, "aud": NAME, "sub": claims.subject, "roles": claims.roles,
        "iat": now, "exp": now + claims.expires_in,
    });
    let header = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &body, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

impl Claims {
    pub fn sign(&self) -> String {
        sign(self)
    }
}
