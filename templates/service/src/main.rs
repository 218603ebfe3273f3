//! ref.
fn main() {}
