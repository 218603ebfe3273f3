//! Code generation: a schema in, Rust sources out
