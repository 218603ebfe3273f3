//! `cargo xtask test`: what the README tells people to run.
//!
//! Oracles and slow sweeps are switched on by variables, and a test that goes without one says so itself:
//! `PROTOGATE_CORPUS` (import root of the public googleapis protos), `PROTOGATE_BUF` (buf's binary), `PROTOGATE_PYTHON` (a Python with
//! `protobuf`, `grpcio`, `grpcio-reflection`), `RUN_SLOW_TESTS=1`.

use anyhow::Result;

use crate::process;

const VARIABLES: [(&str, &str); 4] = [
    ("PROTOGATE_CORPUS", "the public googleapis protos as input"),
    ("PROTOGATE_BUF", "buf as oracle"),
    ("PROTOGATE_PYTHON", "Python's protobuf and grpcio as oracle and client"),
    ("RUN_SLOW_TESTS", "slow sweeps"),
];

pub(crate) fn run(rest: &[String]) -> Result<()> {
    for (variable, what) in VARIABLES {
        if std::env::var_os(variable).is_none() {
            process::say(&format!("note: {variable} is not set: without {what}"));
        }
    }
    let args =
        ["test", "--workspace", "--no-fail-fast"].into_iter().map(str::to_owned).chain(rest.iter().cloned());
    process::run(&mut process::command("cargo", args))
}
