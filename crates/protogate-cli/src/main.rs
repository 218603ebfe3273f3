//! The `protogate` command line.
fn main() {}
