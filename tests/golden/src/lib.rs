//! Compiles every golden file of the code generator, so that `cargo check` fails when generated code does.
//!
//! Each case of `fixtures/codegen` that is generated stands here once; the test beside this file proves it. Warnings are errors,
//! `missing_docs` and rustdoc's lints included, because users deny them too.

#![deny(warnings, clippy::all, clippy::pedantic, missing_docs, unreachable_pub, rustdoc::all)]

/// Includes the generated tree of one case.
macro_rules! cases {
    ($($module:ident = $case:literal,)*) => {$(
        #[doc = concat!("Case `", $case, "`.")]
        pub mod $module {
            include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/codegen/", $case, "/out/protogate.rs"));
        }
    )*};
}

cases! {
    comments = "comments",
    keywords = "keywords",
    names = "names",
    openapi = "openapi",
    packages = "packages",
    proto2 = "proto2",
    service = "service",
    well_known = "well-known",
}
