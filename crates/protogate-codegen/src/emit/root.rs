//! The file that a crate includes: the descriptor set, the error catalogues, and one module per package.
//!
//! Attributes that quieten lints stand on these modules, because a file that is included cannot carry inner ones.

use proc_macro2::TokenStream;
use quote::quote;

use super::{descriptor, error_map, openapi};
use crate::ident;
use crate::plan::{PackagePlan, Plan};

/// Name of the file of a package.
pub(super) fn file_name(package: &PackagePlan) -> String {
    if package.name.is_empty() { "_.rs".to_owned() } else { format!("{}.rs", package.name) }
}

/// What generated code may do that hand-written code should not.
pub(super) fn attributes() -> TokenStream {
    quote! {
        #[allow(
            clippy::all,
            clippy::cargo,
            clippy::nursery,
            clippy::pedantic,
            dead_code,
            deprecated,
            missing_debug_implementations,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            rustdoc::all,
            single_use_lifetimes,
            unnameable_types,
            unreachable_pub,
            unused,
            unused_qualifications,
            unused_results,
            variant_size_differences,
        )]
    }
}

pub(super) fn emit(plan: &Plan<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    if plan.config.server {
        tokens.extend(descriptor::constant());
        tokens.extend(openapi::constant(plan));
        tokens.extend(error_map::catalogs(plan));
    }
    tokens.extend(modules(&plan.packages.iter().collect::<Vec<_>>(), 0));
    tokens
}

/// The modules of `packages`, which share their first `depth` modules.
fn modules(packages: &[&PackagePlan], depth: usize) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut rest = packages.to_vec();
    while let Some(first) = rest.first().copied() {
        let Some(name) = first.module.get(depth) else {
            let include = include(first);
            tokens.extend(include);
            rest.remove(0);
            continue;
        };
        let (same, others) = rest.into_iter().partition::<Vec<_>, _>(|it| it.module.get(depth) == Some(name));
        rest = others;
        let inner = modules(&same, depth + 1);
        let module = ident::token(name);
        let attributes = if depth == 0 { attributes() } else { TokenStream::new() };
        let prefix = first.name.split('.').take(depth + 1).collect::<Vec<_>>().join(".");
        let doc = format!(" Package `{prefix}`.");
        tokens.extend(quote! {
            #[doc = #doc]
            #attributes
            pub mod #module { #inner }
        });
    }
    tokens
}

/// The content of a package. Without a package there is no module whose attributes could quieten lints, so it gets one that shows
/// and sees everything around it; no proto name turns into a name with two leading underscores.
fn include(package: &PackagePlan) -> TokenStream {
    let file = file_name(package);
    if !package.module.is_empty() {
        return quote!(include!(#file););
    }
    let attributes = attributes();
    quote! {
        #attributes
        mod __unpackaged {
            use super::*;
            include!(#file);
        }
        #[allow(unused_imports, unreachable_pub)]
        pub use __unpackaged::*;
    }
}
