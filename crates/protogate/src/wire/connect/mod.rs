//! The Connect protocol: bare messages for unary calls, envelopes for streams, errors as JSON.
//!
//! `request` and `query` bring a call into the form of gRPC, `answer` and `stream` bring its answer back, `error` writes a status as
//! Connect does. Frames of streams are gRPC's own but for the last one, so they pass through `frames` like gRPC-Web's.

pub(super) mod answer;
mod error;
pub(super) mod query;
pub(super) mod request;
pub(super) mod stream;
