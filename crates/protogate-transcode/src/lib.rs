//! The contract between an RPC and HTTP: path templates, matching, captures, overlap, query strings,
//! deadlines and status codes.
//!
//! Rules, code generation and the live router all read this one crate, so that what is checked at build
//! time is what happens at run time. It depends on nothing but `std` and does no I/O; protobuf types,
//! HTTP types and the conversion of text to field values live with their users.
//!
//! ```
//! use protogate_transcode::{Config, Matcher, Outcome, Template};
//!
//! let mut routes = Matcher::new(Config::default());
//! let template = Template::parse("/v1/{name=shelves/*}/books/{id}")?;
//! routes.insert("GET", template, 7)?;
//! let Outcome::Found { id, captures } = routes.find("GET", "/v1/shelves/a/books/b%2Fc") else {
//!     panic!("the template takes this path");
//! };
//! assert_eq!(id, 7);
//! assert_eq!(captures[0].value, "shelves/a");
//! assert_eq!(captures[1].value, "b/c");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod capture;
mod code;
mod example;
mod field_path;
mod matcher;
mod overlap;
mod percent;
mod query;
mod template;
mod timeout;

pub use crate::capture::Capture;
pub use crate::code::Code;
pub use crate::example::{common_path, example_path, path_left_out};
pub use crate::field_path::{FieldPath, FieldPathError, MAX_PARAMETER_PARTS};
pub use crate::matcher::{ANY_METHOD, Config, Conflict, Matcher, Outcome, TrailingSlash};
pub use crate::overlap::{conflicts, overlaps};
pub use crate::query::{QueryError, parse_query};
pub use crate::template::{
    MAX_SEGMENTS, Segment, Shape, Template, TemplateError, TemplateErrorKind, Variable,
};
pub use crate::timeout::{
    MAX_TIMEOUT, format_grpc_timeout, parse_connect_timeout_ms, parse_grpc_timeout, parse_server_timeout,
};
