//! The server over real sockets: a small hand-written service, raw HTTP/1, and HTTP/2 frame by frame where it matters.
//!
//! Everything here sees only what a caller sees. Layers' own rules have unit tests beside them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

mod client;
mod service;

mod access;
mod admin;
mod connections;
mod drain;
mod errors;
mod hostile;
mod layers;
mod limits;
mod logs;
mod routing;
mod web;
