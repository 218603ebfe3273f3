//! The configuration of a service: a TOML file, overridden by environment variables, read into typed sections.
//!
//! Unknown keys are refused with their file and line, or with the variable's name. A service's own settings are in `[app]` and are
//! read with [`Config::section`]. Nothing here holds a secret: keys and certificates are named by file.

mod error;
mod limits;
mod rest;
mod sections;
mod setting;
mod value;
mod web;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::error::ConfigError;
use self::error::Origin;
pub use self::limits::Limits;
pub use self::rest::{Compat, ErrorFormat, Operations, RestConfig, TrailingSlash, UnknownInput};
pub use self::sections::{
    AuthConfig, ErrorsConfig, HeadersConfig, KeyConfig, LogConfig, LogFormat, Mode, ReflectionConfig,
    ServerConfig, TlsConfig,
};
use self::value::{Node, Value};
pub use self::web::{CompressionConfig, ConnectConfig, CorsConfig, GrpcWebConfig};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "service.toml";
/// What the names of overriding variables start with; `__` separates the parts of a key.
const PREFIX: &str = "PROTOGATE__";
/// The largest configuration file.
const MAX_FILE: u64 = 1 << 20;
/// The sections that exist; `app` belongs to the service.
const SECTIONS: [&str; 13] = [
    "app",
    "auth",
    "compression",
    "connect",
    "cors",
    "errors",
    "grpc_web",
    "headers",
    "limits",
    "log",
    "reflection",
    "rest",
    "server",
];

/// The configuration of a service.
///
/// ```
/// let config = protogate::Config::from_toml("[server]\nmode = \"dev\"\n[app]\ngreeting = \"hello\"\n")?;
/// #[derive(serde::Deserialize)]
/// struct App { greeting: String }
/// let app: App = config.section("app")?;
/// assert_eq!(app.greeting, "hello");
/// # Ok::<(), protogate::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// `[server]`.
    pub server: ServerConfig,
    /// `[auth]`.
    pub auth: AuthConfig,
    /// `[limits]`.
    pub limits: Limits,
    /// `[log]`.
    pub log: LogConfig,
    /// `[reflection]`.
    pub reflection: ReflectionConfig,
    /// `[rest]`.
    pub rest: RestConfig,
    /// `[grpc_web]`.
    pub grpc_web: GrpcWebConfig,
    /// `[connect]`.
    pub connect: ConnectConfig,
    /// `[compression]`.
    pub compression: CompressionConfig,
    /// `[cors]`.
    pub cors: CorsConfig,
    /// `[headers]`.
    pub headers: HeadersConfig,
    /// `[errors]`.
    pub errors: ErrorsConfig,
    /// Where relative file names of the configuration start.
    base: PathBuf,
    tree: Node,
}

impl Config {
    /// Reads the configuration of this process: the file of `--config PATH`, else of `PROTOGATE_CONFIG`, else `service.toml` if it
    /// exists; then the `PROTOGATE__SECTION__KEY` variables; then `--dev`, which sets `server.mode`.
    ///
    /// # Errors
    /// A named file that cannot be read, TOML that does not parse, an unknown key or section, a value of the wrong type or out of
    /// its range.
    pub fn load() -> Result<Self, ConfigError> {
        let arguments = Arguments::parse(std::env::args_os().skip(1))?;
        let named = arguments.config.or_else(|| std::env::var_os("PROTOGATE_CONFIG").map(PathBuf::from));
        let tree = match &named {
            Some(path) => read(path)?,
            None if Path::new(DEFAULT_FILE).exists() => read(Path::new(DEFAULT_FILE))?,
            None => Node::empty(Origin::File { name: Arc::from(DEFAULT_FILE), line: 1 }),
        };
        let base = named.as_deref().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::build(tree, variables, arguments.dev, base)
    }

    /// Reads a configuration from text, without environment and arguments; for tests and tools.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::from_sources(text, std::iter::empty())
    }

    /// Reads a configuration from text and (name, value) pairs in place of the environment.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_sources(
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Self::build(Node::parse(text, &Arc::from(DEFAULT_FILE))?, variables, None, PathBuf::new())
    }

    /// The same configuration with relative file names starting at `base`.
    #[must_use]
    pub fn with_base(mut self, base: impl Into<PathBuf>) -> Self {
        self.base = base.into();
        self
    }

    /// Reads `[app]`, or a table below it such as `app.database`, into the service's own type. A section that is not there reads as
    /// an empty table, so that a type whose fields all have defaults needs none.
    ///
    /// # Errors
    /// A section outside `app`, a key that the type does not know (with `deny_unknown_fields`), a missing or mistyped value.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T, ConfigError> {
        let path: Vec<&str> = name.split('.').collect();
        if path.first() != Some(&"app") {
            let message =
                format!("`{name}` is no section of the service; expected `app` or a table below it");
            return Err(ConfigError::new(message));
        }
        self.read(&path)
    }

    /// A file that the configuration names, relative to the configuration file.
    #[must_use]
    pub fn path(&self, file: &Path) -> PathBuf {
        self.base.join(file)
    }

    /// The configuration in effect, as one JSON object; `[app]` is left out because it may hold secrets.
    #[must_use]
    pub fn effective(&self) -> String {
        #[derive(Serialize)]
        struct Effective<'c> {
            server: &'c ServerConfig,
            auth: &'c AuthConfig,
            limits: &'c Limits,
            log: &'c LogConfig,
            reflection: &'c ReflectionConfig,
            rest: &'c RestConfig,
            grpc_web: &'c GrpcWebConfig,
            connect: &'c ConnectConfig,
            compression: &'c CompressionConfig,
            cors: &'c CorsConfig,
            headers: &'c HeadersConfig,
            errors: &'c ErrorsConfig,
        }
        let Self { server, auth, limits, log, reflection, rest, headers, errors, .. } = self;
        let Self { grpc_web, connect, compression, cors, .. } = self;
        let effective = Effective {
            server,
            auth,
            limits,
            log,
            reflection,
            rest,
            grpc_web,
            connect,
            compression,
            cors,
            headers,
            errors,
        };
        serde_json::to_string(&effective).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
    }

    fn build(
        mut tree: Node,
        variables: impl IntoIterator<Item = (String, String)>,
        dev: Option<Origin>,
        base: PathBuf,
    ) -> Result<Self, ConfigError> {
        for (name, text) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            let key = key.to_ascii_lowercase();
            let path: Vec<&str> = key.split("__").collect();
            let origin = Origin::Variable(name.clone());
            if path.len() < 2 || path.contains(&"") {
                let message =
                    "expected the form `PROTOGATE__SECTION__KEY`, such as `PROTOGATE__SERVER__LISTEN`";
                return Err(ConfigError::new(message).at(&origin));
            }
            tree.set(&path, Node { origin, value: Value::Variable(text) })?;
        }
        if let Some(origin) = dev {
            tree.set(&["server", "mode"], Node { origin, value: Value::Text("dev".to_owned()) })?;
        }
        check_sections(&tree)?;
        let mut config = Self {
            server: read_section(&tree, &["server"])?,
            auth: read_section(&tree, &["auth"])?,
            limits: read_section(&tree, &["limits"])?,
            log: read_section(&tree, &["log"])?,
            reflection: read_section(&tree, &["reflection"])?,
            rest: read_section(&tree, &["rest"])?,
            grpc_web: read_section(&tree, &["grpc_web"])?,
            connect: read_section(&tree, &["connect"])?,
            compression: read_section(&tree, &["compression"])?,
            cors: read_section(&tree, &["cors"])?,
            headers: read_section(&tree, &["headers"])?,
            errors: read_section(&tree, &["errors"])?,
            base,
            tree,
        };
        let tree = &config.tree;
        config.rest.complete(|key| tree.get(&["rest", key]).is_some());
        config.check()?;
        Ok(config)
    }

    fn read<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, ConfigError> {
        read_section(&self.tree, path)
    }

    /// Ranges and combinations that concern single keys.
    fn check(&self) -> Result<(), ConfigError> {
        if let Err((key, message)) = self.limits.check() {
            return Err(self.error(&["limits", key], message));
        }
        if self.auth.leeway > std::time::Duration::from_secs(120) {
            return Err(self.error(&["auth", "leeway"], "expected at most 120s".to_owned()));
        }
        if self.limits.deadline > self.limits.deadline_max {
            let message = "expected at most `limits.deadline_max`".to_owned();
            return Err(self.error(&["limits", "deadline"], message));
        }
        if let Err((key, message)) = self.rest.check() {
            return Err(self.error(&["rest", key], message));
        }
        if let Err((key, message)) = self.cors.check() {
            return Err(self.error(&["cors", key], message));
        }
        for name in &self.headers.allow {
            if crate::layer::hygiene::is_reserved(name) {
                let message =
                    format!("`{name}` is set by the server itself and cannot be allowed; remove it");
                return Err(self.error(&["headers", "allow"], message));
            }
        }
        Ok(())
    }

    /// An error about a key, with its place when the key is set.
    pub(crate) fn error(&self, path: &[&str], message: String) -> ConfigError {
        let error = path.iter().rev().fold(ConfigError::new(message), |error, key| error.in_key(key));
        match self.tree.get(path) {
            Some(node) => error.at(&node.origin),
            None => error,
        }
    }
}

fn read_section<T: DeserializeOwned>(tree: &Node, path: &[&str]) -> Result<T, ConfigError> {
    let in_path = |error: ConfigError| path.iter().rev().fold(error, |error, key| error.in_key(key));
    let read = match tree.get(path) {
        Some(node) => T::deserialize(node),
        None => T::deserialize(&Node::empty(tree.origin.clone())),
    };
    read.map_err(in_path)
}

fn check_sections(tree: &Node) -> Result<(), ConfigError> {
    let Value::Table(sections) = &tree.value else { return Ok(()) };
    for (name, node) in sections {
        if !SECTIONS.contains(&name.as_str()) {
            let message = format!(
                "unknown section `{name}`{}, expected one of `{}`; settings of your own go below `[app]`",
                error::nearest(name, &SECTIONS),
                SECTIONS.join("`, `")
            );
            return Err(ConfigError::new(message).at(&node.origin));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Node, ConfigError> {
    let name: Arc<str> = Arc::from(path.display().to_string());
    let failed =
        |message: String| ConfigError::new(format!("cannot read the configuration file `{name}`: {message}"));
    let metadata = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        return Err(failed("expected a regular file of at most 1 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    Node::parse(text.strip_prefix('\u{feff}').unwrap_or(&text), &name)
}

/// The arguments that every service takes. Others are the service's own and are not looked at.
#[derive(Debug, Default)]
struct Arguments {
    config: Option<PathBuf>,
    dev: Option<Origin>,
}

impl Arguments {
    fn parse(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Self, ConfigError> {
        let mut parsed = Self::default();
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--dev") => parsed.dev = Some(Origin::Argument("--dev")),
                Some("--config") => match arguments.next() {
                    Some(path) => parsed.config = Some(PathBuf::from(path)),
                    None => return Err(ConfigError::new("argument `--config` needs a path after it")),
                },
                Some(text) => {
                    if let Some(path) = text.strip_prefix("--config=") {
                        parsed.config = Some(PathBuf::from(path));
                    }
                }
                None => {}
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests;
