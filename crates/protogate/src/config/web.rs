//! The sections about callers that are not gRPC: gRPC-Web, Connect, pages of other origins, and compression for everybody.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::rest::UnknownInput;
use super::setting;

/// `[grpc_web]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GrpcWebConfig {
    /// Whether gRPC-Web is offered. Default true.
    pub enabled: bool,
}

impl Default for GrpcWebConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// `[connect]`: the Connect protocol.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConnectConfig {
    /// Whether Connect is offered. Default true.
    pub enabled: bool,
    /// Refuse requests without `connect-protocol-version: 1` (or `connect=v1` in a query). Default false.
    pub require_version: bool,
    /// JSON fields and enum names that the message does not have. Default `ignore`, as other Connect servers do.
    pub unknown_json: UnknownInput,
}

impl Default for ConnectConfig {
    fn default() -> Self {
        Self { enabled: true, require_version: false, unknown_json: UnknownInput::Ignore }
    }
}

/// `[compression]`: gzip, for requests and answers of every protocol.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CompressionConfig {
    /// Whether answers are compressed for callers that ask for it. Compressed requests are taken in any case. Default true.
    pub enabled: bool,
    /// The smallest answer, or message of a stream, that is worth it. Default 1 KiB.
    #[serde(with = "setting")]
    pub min_size: usize,
}

impl Default for CompressionConfig {
    fn default() -> Self {
        Self { enabled: true, min_size: 1 << 10 }
    }
}

/// `[cors]`: which pages of other origins may call. Off without origins.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CorsConfig {
    /// Exact origins such as `https://console.example.com`; or `*` alone for every page, which cannot go with `credentials`. Default none.
    pub origins: Vec<String>,
    /// Whether browsers send cookies and client certificates along. No part of this server reads cookies. Default false.
    pub credentials: bool,
    /// Names of further request headers that pages may send. Default none.
    pub headers: Vec<String>,
    /// Names of further response headers that pages may read. Default none.
    pub expose: Vec<String>,
    /// How long a browser may keep the answer to a preflight, at most a day. Default 2 h.
    #[serde(with = "setting")]
    pub max_age: Duration,
}

impl Default for CorsConfig {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            credentials: false,
            headers: Vec::new(),
            expose: Vec::new(),
            max_age: Duration::from_secs(7200),
        }
    }
}

impl CorsConfig {
    /// The first key with a problem, and the problem.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        for origin in &self.origins {
            if origin == "*" {
                let message = if self.origins.len() > 1 {
                    "`*` stands for every origin; name origins, or `*` alone"
                } else if self.credentials {
                    "`*` cannot go with `credentials`; name the origins"
                } else {
                    continue;
                };
                return Err(("origins", message.to_owned()));
            }
            if !is_origin(origin) {
                let message = format!(
                    "`{}` is no origin; expected a scheme and a host in lower case, and a port where it is not the scheme's own, \
                     such as `https://console.example.com`",
                    origin.escape_debug()
                );
                return Err(("origins", message));
            }
        }
        for (key, names) in [("headers", &self.headers), ("expose", &self.expose)] {
            if let Some(name) =
                names.iter().find(|name| http::HeaderName::from_bytes(name.as_bytes()).is_err())
            {
                return Err((key, format!("`{}` is no name of a header", name.escape_debug())));
            }
        }
        if self.max_age > Duration::from_secs(86_400) {
            return Err(("max_age", "expected at most 1d".to_owned()));
        }
        Ok(())
    }
}

/// Whether a text is an origin as browsers write it.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let Ok(parsed) = authority.parse::<http::uri::Authority>() else { return false };
    let own_port = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    !scheme.is_empty()
        && scheme.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
        && !authority.contains(['@', '*'])
        && !authority.bytes().any(|byte| byte.is_ascii_uppercase())
        && !parsed.host().is_empty()
        && !authority.ends_with(':')
        && (parsed.port_u16().is_none() || parsed.port_u16() != own_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        for (text, expected) in [
            ("https://console.example.com", true),
            ("http://localhost:5173", true),
            ("http://[::1]:8080", true),
            ("capacitor://localhost", true),
            ("https://console.example.com/", false),
            ("https://Console.example.com", false),
            ("https://console.example.com:443", false),
            ("https://*.example.com", false),
            ("https://user@example.com", false),
            ("console.example.com", false),
            ("null", false),
            ("", false),
        ] {
            let config = CorsConfig { origins: vec![text.to_owned()], ..CorsConfig::default() };
            assert_eq!(config.check().is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn the_star_stands_alone_and_without_credentials() {
        let config = |origins: &[&str], credentials| CorsConfig {
            origins: origins.iter().map(|&it| it.to_owned()).collect(),
            credentials,
            ..CorsConfig::default()
        };
        assert!(config(&["*"], false).check().is_ok());
        assert!(config(&["*"], true).check().is_err());
        assert!(config(&["*", "https://a.example"], false).check().is_err());
        assert!(config(&["https://a.example"], true).check().is_ok());
    }
}
