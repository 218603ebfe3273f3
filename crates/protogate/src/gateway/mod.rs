//! HTTP and JSON in front of the same trait methods that gRPC calls: routing, decoding, encoding, streams.
//!
//! The rules are those of `google.api.http` and of the ProtoJSON mapping. A call is decoded into the request message and made in
//! process; nothing is sent through a connection of its own.

pub(crate) mod accept;
mod binding;
mod condition;
mod decode;
mod encode;
pub(crate) mod handler;
mod headers;
mod incoming;
mod operation;
pub(crate) mod refusal;
mod resume;
pub(crate) mod router;
mod settings;
mod stream;

#[cfg(test)]
mod tests;
