//! What the end-to-end tests stand on: the reference service as a process of its own, and clients that we did not write.
//!
//! The tests themselves are in `tests/e2e/`, one file per question.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test harness: its only reader is a test, and it fails loudly"
)]

mod curl;
mod node;
mod python;
mod service;
mod token;

pub use curl::{Answer, Curl};
pub use node::node;
pub use python::python;
pub use service::{Service, Settings};
pub use token::{Claims, token};
