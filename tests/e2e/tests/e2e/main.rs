//! The reference service from outside, over gRPC and REST: one binary, one file per question.

mod catalogue;
mod durability;
mod grpc;
mod limits;
mod operations;
mod rest;
mod watch;
