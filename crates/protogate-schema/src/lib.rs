//! From `.proto` sources or descriptor bytes to a linked, annotated [`Schema`].
//!
//! Bytes are the currency: a descriptor set travels encoded, because decoding it into plain structs loses custom options, and
//! policies, routes and error catalogues *are* custom options. This crate does I/O; the rules and the generators that take its
//! `Schema` do none.

pub mod error;
pub mod model;
pub mod pair;

mod descriptor;

pub use error::{Diagnostic, Error, ErrorKind};
pub use model::Schema;
