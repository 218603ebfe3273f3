//! Generates the service that clients of every protocol call.

fn main() {
    protogate_build::compile();
}
