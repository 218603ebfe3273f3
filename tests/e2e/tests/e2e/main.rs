//! The reference service from outside, over gRPC and REST: one binary, one file per question.

#![allow(clippy::unwrap_used, reason = "a test fails loudly; its helper functions too")]

mod callers;
mod catalogue;
mod durability;
mod grpc;
mod limits;
mod operations;
mod rest;
mod watch;
