//! A bearer token from header to identity, every step of it refusing by default (RFC 7515, RFC 7519, RFC 8725).
//!
//! The algorithm comes from the key, never from the token: the token's `alg` must equal it. `kid` is only a key of a map. Headers
//! that name other keys are ignored and nothing is ever fetched.

mod cache;

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use self::cache::TokenCache;
use super::claims::{Expected, Times};
use super::identity::Identity;
use super::keys::{Key, KeySet};

/// The longest token, in bytes.
const MAX_TOKEN: usize = 8 << 10;
/// The longest key id, in bytes.
pub(crate) const MAX_KID: usize = 128;

/// Why a token was refused; for the audit log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Missing,
    SeveralHeaders,
    Scheme,
    TooLong,
    Form,
    Header,
    Critical,
    UnknownKey,
    Algorithm,
    Signature,
    Payload,
    ClaimType,
    Expiry,
    Expired,
    NotYetValid,
    Issuer,
    Audience,
    Subject,
}

impl Refused {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "no authorization header",
            Self::SeveralHeaders => "several authorization headers",
            Self::Scheme => "not a bearer credential",
            Self::TooLong => "token too long",
            Self::Form => "not three parts of base64url",
            Self::Header => "malformed token header",
            Self::Critical => "unsupported header parameter",
            Self::UnknownKey => "unknown key id",
            Self::Algorithm => "algorithm is not the key's",
            Self::Signature => "bad signature",
            Self::Payload => "malformed claims",
            Self::ClaimType => "claim of a wrong type",
            Self::Expiry => "no expiry",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::Issuer => "wrong issuer",
            Self::Audience => "wrong audience",
            Self::Subject => "no usable subject",
        }
    }
}

/// Verifies the tokens of requests. Other keys or other expectations need another verifier: what this one has accepted it keeps.
#[derive(Debug)]
pub(crate) struct Verifier {
    keys: KeySet,
    expected: Expected,
    seen: TokenCache,
}

impl Verifier {
    pub(crate) fn new(keys: KeySet, expected: Expected) -> Self {
        Self { keys, expected, seen: TokenCache::new() }
    }

    /// The identity of a request's caller.
    pub(crate) fn verify(&self, headers: &HeaderMap, now: SystemTime) -> Result<Identity, Refused> {
        let value = credentials(headers)?;
        if let Some(token) = after_scheme(value.as_bytes())
            && let Some((identity, times)) = self.seen.get(token)
            && self.expected.hold(times, now).is_ok()
        {
            return Ok(identity);
        }
        let token = bearer(value)?;
        let (identity, times) = self.verify_token(token, now)?;
        self.seen.insert(token.as_bytes(), &identity, times);
        Ok(identity)
    }

    /// The identity of a token, with nothing taken from what has been seen.
    fn verify_token(&self, token: &str, now: SystemTime) -> Result<(Identity, Times), Refused> {
        let parts: Vec<&str> = token.splitn(4, '.').collect();
        let [head, payload, signature] = parts[..] else { return Err(Refused::Form) };
        let signed = &token[..head.len() + 1 + payload.len()];
        let header = object(head).ok_or(Refused::Header)?;
        let key = self.key(&header)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Form)?;
        if signature.is_empty() || !key.verifies(signed.as_bytes(), signature) {
            return Err(Refused::Signature);
        }
        self.expected.check(object(payload).ok_or(Refused::Payload)?, now)
    }

    /// The key that a token's header means, with the header's own claims checked.
    fn key(&self, header: &Map<String, Value>) -> Result<&Key, Refused> {
        if ["crit", "b64", "zip"].iter().any(|name| header.contains_key(*name)) {
            return Err(Refused::Critical);
        }
        // A token of another profile must not be taken for an access token (RFC 8725 section 3.11).
        match header.get("typ") {
            None => {}
            Some(Value::String(typ))
                if typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt") => {}
            Some(_) => return Err(Refused::Header),
        }
        let key = match header.get("kid") {
            None => self.keys.only(),
            Some(Value::String(kid)) if kid.len() <= MAX_KID => self.keys.get(kid),
            Some(_) => None,
        };
        let key = key.ok_or(Refused::UnknownKey)?;
        match header.get("alg") {
            Some(Value::String(name)) if key.is_algorithm(name) => Ok(key),
            _ => Err(Refused::Algorithm),
        }
    }
}

/// The one `authorization` header.
fn credentials(headers: &HeaderMap) -> Result<&HeaderValue, Refused> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refused::Missing)?;
    if values.next().is_some() {
        return Err(Refused::SeveralHeaders);
    }
    Ok(value)
}

/// What follows the scheme `Bearer` and its space.
fn after_scheme(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

/// The token of an `authorization` header.
fn bearer(value: &HeaderValue) -> Result<&str, Refused> {
    let value = value.to_str().map_err(|_| Refused::Form)?;
    let token = after_scheme(value.as_bytes()).ok_or(Refused::Scheme)?;
    // The scheme is ASCII, so the token starts where a character does.
    let token = &value[value.len() - token.len()..];
    if token.len() > MAX_TOKEN {
        return Err(Refused::TooLong);
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !token.bytes().all(valid) {
        return Err(Refused::Form);
    }
    Ok(token)
}

/// A part of a token that must be a JSON object.
fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
