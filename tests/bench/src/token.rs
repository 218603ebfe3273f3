//! JSON Web Tokens: signed for the load, checked by the rivals that ask for them.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::entry::WRITER;

/// Long enough for every run.
const LIFETIME: Duration = Duration::from_secs(4 * 3600);

/// The claims that the reference service asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Subject.
    pub sub: String,
    /// Seconds since 1970.
    pub iat: u64,
    /// Seconds since 1970.
    pub exp: u64,
    /// Roles.
    pub roles: Vec<String>,
}

/// Signs a token that names the writer of the entry and gives it every role.
///
/// # Errors
/// When the clock or the key is unusable.
pub fn sign(key: &[u8], kid: &str, issuer: &str, audience: &str) -> Result<String> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock is before 1970")?;
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: audience.to_owned(),
        sub: WRITER.to_owned(),
        iat: now.as_secs(),
        exp: (now + LIFETIME).as_secs(),
        roles: ["reader", "editor", "admin"].map(str::to_owned).to_vec(),
    };
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    Ok(jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key))?)
}

/// What a careful hand-written middleware does: signature, expiry, and the role.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

impl Verifier {
    /// Takes the key from a file: its bytes as they are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(key: &Path) -> Result<Self> {
        let bytes = std::fs::read(key).with_context(|| format!("cannot read {}", key.display()))?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_nbf = true;
        // Whom the token is for differs between deployments; the cost of comparing two short strings does not show.
        validation.validate_aud = false;
        Ok(Self { key: DecodingKey::from_secret(&bytes), validation })
    }

    /// Whether the `authorization` header holds a good token with the role.
    #[must_use]
    pub fn allows(&self, authorization: Option<&str>, role: &str) -> bool {
        let Some(token) = authorization.and_then(|it| it.strip_prefix("Bearer ")) else { return false };
        let Ok(data) = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation) else {
            return false;
        };
        data.claims.roles.iter().any(|it| it == role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_good_tokens_with_the_role_pass() {
        let file = std::env::temp_dir().join(format!("protogate-bench-key-{}", std::process::id()));
        std::fs::write(&file, [7; 32]).unwrap();
        let verifier = Verifier::read(&file);
        std::fs::remove_file(&file).unwrap();
        let verifier = verifier.unwrap();
        let good = format!("Bearer {}", sign(&[7; 32], "k", "i", "a").unwrap());
        let forged = format!("Bearer {}", sign(&[8; 32], "k", "i", "a").unwrap());
        assert!(verifier.allows(Some(&good), "reader"));
        assert!(!verifier.allows(Some(&good), "owner"));
        assert!(!verifier.allows(Some(&forged), "reader"));
        assert!(!verifier.allows(Some("Bearer x"), "reader"));
        assert!(!verifier.allows(None, "reader"));
    }
}
