//! The `[codegen]` section of `protogate.toml`.

use serde::Deserialize;

/// What to generate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodegenConfig {
    /// Server traits, method tables, mount functions and error constructors. Default `true`.
    pub server: bool,
    /// gRPC clients. Default `true`.
    pub client: bool,
    /// Folder of handler files, one per rpc, relative to the project: `src/handlers`. Absent: the services are implemented by hand.
    pub handlers: Option<String>,
}

impl Default for CodegenConfig {
    fn default() -> Self {
        Self { server: true, client: true, handlers: None }
    }
}
