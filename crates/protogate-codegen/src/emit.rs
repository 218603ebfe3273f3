//! One emitter per concern, and the order in which they fill the files.
//!
//! Emitters look names up in the [`Plan`] and cannot fail; each returns the tokens of one package, to stand at the top level of the
//! package's module. What they produce is parsed and printed once, by `artifact`.

mod comment;
mod descriptor;
mod error_map;
pub mod handlers;
mod json;
mod message;
mod method_table;
pub mod openapi;
mod root;
mod service;

use protogate_schema::Error;
use quote::quote;

use crate::artifact::{self, Artifact};
use crate::plan::Plan;

/// Everything, in the order: root file, packages by name, descriptor set, OpenAPI document.
pub(crate) fn emit(plan: &Plan<'_>) -> Result<Vec<Artifact>, Error> {
    let mut artifacts = vec![artifact::rust(plan, crate::ROOT_FILE, None, root::emit(plan))?];
    let mut messages = message::emit(plan)?;
    for (index, package) in plan.packages.iter().enumerate() {
        let messages = messages.remove(&index).unwrap_or_default();
        let mut tokens = quote!(#messages);
        if plan.config.server && !package.services.is_empty() {
            tokens.extend(descriptor::reexport(plan, index));
        }
        if plan.config.server {
            tokens.extend(json::emit(plan, index));
            tokens.extend(error_map::emit(plan, index));
            tokens.extend(method_table::emit(plan, index));
        }
        tokens.extend(service::emit(plan, index));
        artifacts.push(artifact::rust(plan, &root::file_name(package), Some(index), tokens)?);
    }
    artifacts.push(descriptor::artifact(plan));
    artifacts.extend(openapi::artifact(plan));
    Ok(artifacts)
}
