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
    /// What the OpenAPI document says beside the contract.
    pub openapi: OpenApiConfig,
}

/// `[codegen.openapi]`: what a contract does not say about its REST API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenApiConfig {
    /// Name of the API. Default: the first package with a service.
    pub title: Option<String>,
    /// Version of the API. Default: the last part of that package if it is one, such as `v1`; else `v1`.
    pub version: Option<String>,
    /// What the API is for, in Markdown.
    pub description: Option<String>,
    /// URLs of the API. Default: `https://` and the `google.api.default_host` of each service; without one `/`, where the document
    /// is from.
    pub servers: Vec<String>,
}

impl Default for CodegenConfig {
    fn default() -> Self {
        Self { server: true, client: true, handlers: None, openapi: OpenApiConfig::default() }
    }
}
