//! The door: what a request looks like on the wire, and what its answer must look like.
//!
//! Inside of the stack there are two forms: gRPC (frames, status in trailers) and REST. gRPC-Web and Connect are translated into the
//! form of gRPC before the first layer and back after the last one, so every layer, every refusal and every handler is the same for
//! them. The protocol is recognised here, once per request. Compression and the headers for pages of other origins are the door's
//! too, because they concern bytes that have left or not yet entered the stack.

pub(crate) mod codec;
mod connect;
mod cors;
mod door;
mod drain;
pub(crate) mod entrance;
mod exit;
mod frames;
mod gzip;
pub(crate) mod recognise;
mod web;

pub(crate) use self::door::{Door, Passage};
pub(crate) use self::gzip::SUPPORTED as SUPPORTED_ENCODINGS;
