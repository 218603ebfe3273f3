//! The rivals of `cargo xtask bench`: what somebody would write by hand instead of using protogate.
//!
//! Programs in `src/bin` use what is here: the messages, the entry that everybody answers with, tokens. `xtask` builds the
//! programs and drives them; it compares no code, only processes.

pub mod entry;
pub mod listen;
pub mod token;

/// The reference service's messages and stubs as tonic's own generator writes them.
#[allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::use_self,
    reason = "generated"
)]
pub mod pb {
    tonic::include_proto!("reference_service.v1");
}
