//! What a verified token must say: `exp`, `iss`, `aud`, `sub`, and `nbf` and `iat` when they are there.
//!
//! A claim of the wrong JSON type is a refusal, never an absence. Texts are compared whole and exactly. The clock is handed in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::identity::Identity;
use super::token::Refused;

/// The longest subject, in bytes.
const MAX_SUBJECT: usize = 256;
/// The latest expiry that is believed: the year 9999.
const MAX_SECONDS: f64 = 253_402_300_800.0;

/// What claims are compared with.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) roles_claim: String,
    pub(crate) permissions_claim: String,
    pub(crate) leeway: Duration,
}

/// When a token holds, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Times {
    pub(crate) not_before: Option<f64>,
    pub(crate) expiry: f64,
}

impl Expected {
    /// The identity that the claims of a token with a good signature stand for, and when they hold.
    pub(crate) fn check(
        &self,
        claims: Map<String, Value>,
        now: SystemTime,
    ) -> Result<(Identity, Times), Refused> {
        let expiry = date(&claims, "exp")?.ok_or(Refused::Expiry)?;
        // An end that has passed is told before a start of a wrong type.
        self.hold(Times { not_before: None, expiry }, now)?;
        let times = Times { not_before: date(&claims, "nbf")?, expiry };
        self.hold(times, now)?;
        date(&claims, "iat")?;
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(Refused::Issuer);
        }
        if !self.is_audience(claims.get("aud")) {
            return Err(Refused::Audience);
        }
        let subject = claims.get("sub").and_then(Value::as_str);
        let subject = subject.filter(|subject| !subject.is_empty() && subject.len() <= MAX_SUBJECT);
        let subject = subject.ok_or(Refused::Subject)?.to_owned();
        let roles = texts(claims.get(&self.roles_claim));
        let permissions = texts(claims.get(&self.permissions_claim));
        let expires_at = UNIX_EPOCH + Duration::from_secs_f64(expiry.clamp(0.0, MAX_SECONDS));
        Ok((Identity::new(&subject, roles, permissions, claims, expires_at), times))
    }

    /// Whether a token with these times holds at `now`.
    pub(crate) fn hold(&self, times: Times, now: SystemTime) -> Result<(), Refused> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let leeway = self.leeway.as_secs_f64();
        if now >= times.expiry + leeway {
            return Err(Refused::Expired);
        }
        if times.not_before.is_some_and(|start| now + leeway < start) {
            return Err(Refused::NotYetValid);
        }
        Ok(())
    }

    /// The audience itself, or a list of texts that contains it.
    fn is_audience(&self, claim: Option<&Value>) -> bool {
        match claim {
            Some(Value::String(audience)) => *audience == self.audience,
            Some(Value::Array(items)) => {
                items.iter().all(Value::is_string)
                    && items.iter().any(|item| item.as_str() == Some(&self.audience))
            }
            _ => false,
        }
    }
}

/// A point in time in seconds, whole or not; any other type is a refusal.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, Refused> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            let seconds = number.as_f64().filter(|seconds| seconds.is_finite());
            seconds.map(Some).ok_or(Refused::ClaimType)
        }
        Some(_) => Err(Refused::ClaimType),
    }
}

/// A list of texts; any other shape is none.
fn texts(claim: Option<&Value>) -> Vec<String> {
    let Some(Value::Array(items)) = claim else { return Vec::new() };
    let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    texts.unwrap_or_default()
}
