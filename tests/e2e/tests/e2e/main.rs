//! The reference service from outside, over gRPC and REST: one binary, one file per question.

#![allow(clippy::unwrap_used, reason = "a test fails loudly; its helper functions too")]

mod callers;
mod catalogue;
mod durability;
mod grpc;
mod library;
mod limits;
mod openapi;
mod operations;
mod rest;
mod watch;

#[allow(missing_docs, unreachable_pub, missing_debug_implementations, dead_code)]
mod pb {
    include!(concat!(env!("OUT_DIR"), "/protogate.rs"));
}
