//! From `.proto` sources or descriptor bytes to a linked, annotated [`Schema`].
//!
//! Bytes are the currency: a descriptor set travels encoded, because decoding it into plain structs loses custom options, and
//! policies, routes and error catalogues *are* custom options. This crate does I/O; the rules and the generators that take its
//! `Schema` do none.

pub mod baseline;
pub mod buf;
pub mod bundled;
pub mod cache;
pub mod compile;
pub mod error;
pub mod format;
pub mod history;
pub mod image;
pub mod load;
pub mod model;
pub mod pair;
pub mod project;

mod descriptor;
mod line_index;
mod nearest;
mod origin;
mod write;
mod yaml;

pub use error::{Diagnostic, Error, ErrorKind};
pub use load::Input;
pub use model::Schema;
pub use nearest::nearest;
pub use origin::Origin;
pub use project::Project;
pub use write::write_atomic;
