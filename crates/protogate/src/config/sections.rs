//! The sections of `service.toml` that the runtime reads, as typed structs.
//!
//! Every key has a default except the content of `[[auth.keys]]`. Limits are in `limits`; whether a combination may start is
//! decided in `server::start_check`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::setting;

/// `[server]`: where the service listens and how.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Address of the service. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Address of the admin listener (`/metrics`, `/livez`, `/readyz`, `/openapi.json`). Default `127.0.0.1:9090`.
    pub admin_listen: SocketAddr,
    /// Whether the admin listener runs. Default true.
    pub admin: bool,
    /// Default `production`.
    pub mode: Mode,
    /// Certificate and key; without them the service speaks plain text.
    pub tls: Option<TlsConfig>,
    /// Allows plain text on an address that is not loopback, such as behind a proxy that ends TLS. Default false.
    pub insecure: bool,
    /// Allows the admin listener, which is always plain text, on an address that is not loopback. Default false.
    pub admin_insecure: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            listen: SocketAddr::new(local, 8080),
            admin_listen: SocketAddr::new(local, 9090),
            admin: true,
            mode: Mode::Production,
            tls: None,
            insecure: false,
            admin_insecure: false,
        }
    }
}

/// How strict the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything must be configured; the default.
    Production,
    /// For one's own machine: loopback only, reflection on, no keys needed. Never inferred from anything.
    Dev,
}

/// `server.tls`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TlsConfig {
    /// PEM file with the certificate chain, the server's own first.
    pub cert: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
}

/// `[auth]`: which tokens are believed.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AuthConfig {
    /// The only `iss` that is accepted.
    pub issuer: String,
    /// The value that `aud` must be or contain.
    pub audience: String,
    /// The claim with the caller's roles. Default `roles`.
    pub roles_claim: String,
    /// The claim with the caller's permissions. Default `permissions`.
    pub permissions_claim: String,
    /// Tolerated difference of clocks. Default 30 s, at most 120 s.
    #[serde(with = "setting")]
    pub leeway: Duration,
    /// The keys, by id.
    pub keys: Vec<KeyConfig>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            roles_claim: "roles".to_owned(),
            permissions_claim: "permissions".to_owned(),
            leeway: Duration::from_secs(30),
            keys: Vec::new(),
        }
    }
}

/// One of `[[auth.keys]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeyConfig {
    /// The key's id, as tokens name it; 1 to 128 printable ASCII characters.
    pub kid: String,
    /// The one algorithm of the key: `HS256`, `HS384`, `HS512`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`,
    /// `ES384` or `EdDSA`.
    pub algorithm: String,
    /// For `HS…`: a file with the secret, at least as long as the hash, taken as it stands but for one newline at its end. Else: a
    /// PEM file with the public key.
    pub file: PathBuf,
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LogConfig {
    /// A level, or filter directives such as `info,protogate::access=off`. Default `info`.
    pub level: String,
    /// Default `json`.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Json }
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One flat JSON object a line.
    Json,
    /// For people at a terminal.
    Text,
}

/// `[reflection]`: the gRPC reflection service, versions v1 and v1alpha.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReflectionConfig {
    /// Default: on and public in dev mode, off in production.
    pub enabled: Option<bool>,
    /// Who may ask, in production; required there when it is enabled.
    pub roles: Vec<String>,
}

/// `[headers]`: which headers reach a handler.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HeadersConfig {
    /// Names of headers that are usually dropped because they look like an identity, such as `x-user-agent`. Names that the server
    /// sets itself cannot be allowed.
    pub allow: Vec<String>,
}

/// `[errors]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ErrorsConfig {
    /// Full names of messages that statuses may carry as details, beside those of `google/rpc/error_details.proto`.
    pub detail_types: Vec<String>,
}
