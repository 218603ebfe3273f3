//! Compiles, gates and generates from a build script
