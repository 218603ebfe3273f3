//! The keys that tokens are verified with: each bound to one algorithm, found by its id.
//!
//! Keys are read from files once, at start. A secret must be as long as its hash; an RSA key must have 2048 bits; secrets and public
//! keys never share a set, so that a public key can never be taken for a secret.

use std::collections::HashMap;
use std::fmt;
use std::io::Read as _;

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::config::{Config, ConfigError, KeyConfig};

/// The largest key file.
const MAX_FILE: u64 = 64 << 10;
/// The most keys of a set.
const MAX_KEYS: usize = 32;

/// One key and its only algorithm.
pub(crate) struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Keys by id.
#[derive(Default)]
pub(crate) struct KeySet {
    keys: HashMap<String, Key>,
}

impl Key {
    /// Whether `name` is this key's algorithm, as a token's header spells it.
    pub(crate) fn is_algorithm(&self, name: &str) -> bool {
        algorithm(name) == Some(self.algorithm)
    }

    /// Whether `signature` is this key's for `message`. HMACs are compared in constant time.
    #[expect(clippy::needless_pass_by_value, reason = "the verifier takes the signature as a vector")]
    pub(crate) fn verifies(&self, message: &[u8], signature: Vec<u8>) -> bool {
        // The provider is named, so that another one in the process cannot take its place.
        (aws_lc::DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(message, &signature).is_ok())
    }
}

impl KeySet {
    /// Reads the keys of `[[auth.keys]]`.
    ///
    /// # Errors
    /// An unreadable file, an unknown algorithm, a key that is too short or of another kind, a repeated or malformed id.
    pub(crate) fn load(config: &Config) -> Result<Self, ConfigError> {
        let mut set = Self::default();
        if config.auth.keys.len() > MAX_KEYS {
            return Err(config.error(&["auth", "keys"], format!("expected at most {MAX_KEYS} keys")));
        }
        for key in &config.auth.keys {
            let fail = |message: String| {
                config.error(&["auth", "keys"], format!("key `{}`: {message}", key.kid.escape_debug()))
            };
            let printable = key.kid.bytes().all(|byte| byte.is_ascii_graphic());
            if key.kid.is_empty() || key.kid.len() > super::token::MAX_KID || !printable {
                return Err(fail("expected a `kid` of 1 to 128 printable ASCII characters".to_owned()));
            }
            let bytes = read(config, key).map_err(fail)?;
            let loaded = Key::parse(&key.algorithm, &bytes).map_err(fail)?;
            if set.keys.insert(key.kid.clone(), loaded).is_some() {
                return Err(fail("the `kid` is used twice".to_owned()));
            }
        }
        let secrets = set.keys.values().filter(|key| is_hmac(key.algorithm)).count();
        if secrets != 0 && secrets != set.keys.len() {
            let message = "secrets (`HS…`) and public keys cannot be in one set; use one kind".to_owned();
            return Err(config.error(&["auth", "keys"], message));
        }
        Ok(set)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }

    /// The only key of the set; a token without `kid` can mean no other.
    pub(crate) fn only(&self) -> Option<&Key> {
        let mut keys = self.keys.values();
        keys.next().filter(|_| keys.next().is_none())
    }

    #[cfg(test)]
    pub(crate) fn for_tests(keys: &[(&str, &str, &[u8])]) -> Self {
        let parse = |(kid, algorithm, bytes): &(&str, &str, &[u8])| {
            ((*kid).to_owned(), Key::parse(algorithm, bytes).unwrap())
        };
        Self { keys: keys.iter().map(parse).collect() }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.iter().map(|(kid, key)| (kid, key.algorithm));
        f.debug_map().entries(keys).finish()
    }
}

impl Key {
    /// A key from the bytes of its file.
    pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let Some(algorithm) = algorithm(name) else {
            return Err(format!("unknown algorithm `{name}`; expected HS…, RS…, PS…, ES… or EdDSA"));
        };
        let pem = |error: jsonwebtoken::errors::Error| format!("no public key in PEM for {name}: {error}");
        let key = match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                let secret = bytes.strip_suffix(b"\n").unwrap_or(bytes);
                let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
                let least = match algorithm {
                    Algorithm::HS256 => 32,
                    Algorithm::HS384 => 48,
                    _ => 64,
                };
                if secret.len() < least {
                    return Err(format!(
                        "the secret has {} bytes; {name} needs at least {least}",
                        secret.len()
                    ));
                }
                if secret.starts_with(b"-----BEGIN") {
                    return Err(format!("{name} needs a secret, found a PEM file"));
                }
                DecodingKey::from_secret(secret)
            }
            Algorithm::ES256 | Algorithm::ES384 => {
                let key = DecodingKey::from_ec_pem(bytes).map_err(pem)?;
                // An uncompressed point: one byte and two coordinates.
                let length = if algorithm == Algorithm::ES256 { 65 } else { 97 };
                if key.try_get_as_bytes().map_or(0, <[u8]>::len) != length {
                    return Err(format!("the key is on another curve than {name}'s"));
                }
                key
            }
            Algorithm::EdDSA => {
                let key = DecodingKey::from_ed_pem(bytes).map_err(pem)?;
                if key.try_get_as_bytes().map_or(0, <[u8]>::len) != 32 {
                    return Err("the key is no Ed25519 public key".to_owned());
                }
                key
            }
            _ => {
                let key = DecodingKey::from_rsa_pem(bytes).map_err(pem)?;
                let bits = key.try_get_as_bytes().ok().and_then(modulus_bits).unwrap_or(0);
                if bits < 2048 {
                    return Err(format!("the RSA key has {bits} bits; expected at least 2048"));
                }
                key
            }
        };
        Ok(Self { algorithm, key })
    }
}

fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "HS256" => Algorithm::HS256,
        "HS384" => Algorithm::HS384,
        "HS512" => Algorithm::HS512,
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return None,
    })
}

const fn is_hmac(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

fn read(config: &Config, key: &KeyConfig) -> Result<Vec<u8>, String> {
    let path = config.path(&key.file);
    let failed = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    let file = std::fs::File::open(&path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("`{}` is larger than 64 KiB", path.display()));
    }
    Ok(bytes)
}

/// The size of the modulus in `SEQUENCE { INTEGER n, INTEGER e }` (PKCS #1).
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let (content, _) = element(der, 0x30)?;
    let (modulus, _) = element(content, 0x02)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    let significant = &modulus[start..];
    Some(significant.len() * 8 - significant[0].leading_zeros() as usize)
}

/// The content of the DER element with this tag at the start of `der`, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    (*first == tag).then(|| rest.split_at_checked(length))?
}
