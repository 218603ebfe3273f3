//! What a schema consists of: one file per kind of fact.

pub mod binding;
pub mod element;
pub mod error_spec;
pub mod options;
pub mod policy;
pub mod span;
pub mod validation;
pub mod wire;

mod features;
mod link;
mod marked;
mod restrict;
mod schema;
mod type_text;

pub use schema::Schema;
