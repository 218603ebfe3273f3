//! `cargo xtask bench`.

use anyhow::Result;
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// Compile of the corpus against protox alone and `buf build`.
    Compile,
    /// gRPC unary of the reference service against a bare tonic server.
    Grpc,
    /// REST of the reference service against a hand-written axum handler.
    Rest,
}

pub(crate) fn run(_what: &[Bench], _seconds: u32) -> Result<()> {
    Ok(())
}
