//! Generates the messages of `fixtures/json/proto`.

fn main() {
    protogate_build::Builder::new().config("../../fixtures/json/protogate.toml").compile();
}
