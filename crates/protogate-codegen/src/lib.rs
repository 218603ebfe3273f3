//! Code generation: a [`Schema`] in, Rust sources out. Pure: no file, environment, clock or network.
//!
//! [`generate`] works in three steps with a barrier between the first two: the [`plan`] takes every decision that can fail and reports
//! all faults at once, the emitters turn it into tokens, [`Artifact`]s hold the formatted result. Equal schemas give equal bytes.
//!
//! # The generated tree
//! One file per proto package (`acme.v1.rs`), one file `protogate.rs` that nests them as modules, and the encoded descriptor set.
//! All of them lie in one folder; a crate includes the tree once, at a place of its choice:
//!
//! ```text
//! pub mod proto {
//!     include!(concat!(env!("OUT_DIR"), "/protogate.rs"));
//! }
//! use proto::acme::v1 as pb;
//! ```

pub mod config;
pub mod emit;
pub mod ident;
pub mod plan;
pub mod types;

mod artifact;
mod routes;

use std::collections::BTreeSet;

use protogate_schema::{Error, Schema};

pub use artifact::{Artifact, GENERATED_MARK};
pub use config::{CodegenConfig, OpenApiConfig};
pub use plan::{Plan, http_warnings};
pub use routes::{Route, routes, rpcs_without_route};

/// The file that nests all packages; the one that a crate includes.
pub const ROOT_FILE: &str = "protogate.rs";

/// The encoded descriptor set, without comments, that reflection serves.
pub const DESCRIPTOR_FILE: &str = "protogate.descriptor.binpb";

/// The REST API as an OpenAPI document, that the admin listener serves. Only with a service.
pub const OPENAPI_FILE: &str = "protogate.openapi.json";

/// What is at the destination already.
///
/// The generated tree is the generator's and always rewritten. Files for the user to fill in, such as handler skeletons, are made
/// only where there is none yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Existing {
    /// Paths relative to the output folder, with forward slashes.
    pub paths: BTreeSet<String>,
}

/// Generates everything for the target files of a schema.
///
/// # Errors
/// Every fault that makes generation impossible, with its place: names that meet in Rust, faulty HTTP bindings, error catalogues
/// and policies. All of them are reported, not only the first.
pub fn generate(
    schema: &Schema,
    config: &CodegenConfig,
    existing: &Existing,
) -> Result<Vec<Artifact>, Error> {
    let plan = Plan::new(schema, config)?;
    let mut artifacts = emit::emit(&plan)?;
    artifacts.retain(|it| !it.users || !existing.paths.contains(&it.path));
    Ok(artifacts)
}
