//! Compiles the protos, gates them against the baseline and generates the code that `src/main.rs` includes.

fn main() {
    protogate_build::compile();
}
