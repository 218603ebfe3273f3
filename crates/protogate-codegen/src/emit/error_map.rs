//! Error catalogues as data, and one constructor per reason.
//!
//! All catalogues stand in one static of the root file, so that every service can render every reason; beside the enum is a name
//! for its own. A constructor takes one argument per placeholder: an error without its details does not compile.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::comment;
use super::method_table::{duration, option};
use crate::plan::{CatalogPlan, ConstructorPlan, Plan};
use crate::{ident, types};

/// The static of the root file.
pub(super) fn catalogs(plan: &Plan<'_>) -> TokenStream {
    let catalogs: Vec<_> = plan.packages.iter().flat_map(|it| &it.catalogs).map(catalog).collect();
    let count = catalogs.len();
    quote! {
        /// The error catalogues of all packages.
        #[allow(dead_code, unreachable_pub)]
        pub static ERROR_CATALOGS: [::protogate::codegen::v1::ErrorCatalog; #count] = [#(#catalogs),*];
    }
}

/// The names and constructors of a package.
pub(super) fn emit(plan: &Plan<'_>, package: usize) -> TokenStream {
    let before: usize = plan.packages[..package].iter().map(|it| it.catalogs.len()).sum();
    let catalogs = plan.packages[package].catalogs.iter().zip(before..);
    catalogs.map(|(catalog, index)| constructors(plan, package, catalog, index)).collect()
}

fn catalog(catalog: &CatalogPlan) -> TokenStream {
    let CatalogPlan { domain, default_locale, .. } = catalog;
    let errors = catalog.constructors.iter().map(|it| {
        let ConstructorPlan { reason, code, http_status, retryable, .. } = it;
        let grpc_code = format_ident!("{}", variant(it));
        let retry_delay = option(it.retry_delay.map(duration));
        let texts = it.texts.iter().map(|(locale, text)| quote!((#locale, #text)));
        quote! {
            ::protogate::codegen::v1::ErrorSpec {
                reason: #reason,
                code: #code,
                grpc_code: ::protogate::codegen::v1::Code::#grpc_code,
                http_status: #http_status,
                retryable: #retryable,
                retry_delay: #retry_delay,
                texts: &[#(#texts),*],
            }
        }
    });
    quote! {
        ::protogate::codegen::v1::ErrorCatalog {
            domain: #domain,
            default_locale: #default_locale,
            errors: &[#(#errors),*],
        }
    }
}

/// Name of the variant of `Code`.
fn variant(constructor: &ConstructorPlan) -> String {
    format!("{:?}", constructor.grpc_code)
}

fn constructors(plan: &Plan<'_>, package: usize, catalog: &CatalogPlan, index: usize) -> TokenStream {
    let root = types::root(plan, package);
    let table = ident::token(&catalog.table);
    let index = Literal::usize_unsuffixed(index);
    let path = types::enum_path(plan, package, catalog.enumeration);
    let name = &plan.schema.enumeration(catalog.enumeration).full_name;
    let doc = format!(" The errors of `{name}`.");
    let functions = catalog.constructors.iter().zip(0..).map(|(it, position)| {
        let function = ident::token(&it.ident);
        let position = Literal::usize_unsuffixed(position);
        let arguments = it.parameters.iter().map(|(_, it)| ident::token(it));
        let withs = it.parameters.iter().map(|(placeholder, it)| {
            let argument = ident::token(it);
            quote!(.with(#placeholder, #argument))
        });
        let docs = docs(it);
        quote! {
            #(#[doc = #docs])*
            pub fn #function(
                #(#arguments: impl ::core::convert::Into<::std::string::String>),*
            ) -> ::protogate::codegen::v1::ErrorBuilder {
                let catalog = #table;
                ::protogate::codegen::v1::ErrorBuilder::new(catalog, &catalog.errors[#position])#(#withs)*
            }
        }
    });
    quote! {
        #[doc = #doc]
        pub static #table: &::protogate::codegen::v1::ErrorCatalog = &#root ERROR_CATALOGS[#index];

        impl #path {
            #(#functions)*
        }
    }
}

fn docs(constructor: &ConstructorPlan) -> Vec<String> {
    let text = constructor.texts.first().map_or("", |(_, text)| text);
    let mut docs = comment::lines(&text.replace('`', "'"), "");
    docs.push(String::new());
    let ConstructorPlan { code, grpc_code, http_status, .. } = constructor;
    let code = comment::lines(code, "").join(" ");
    docs.push(format!("{code}, `{}`, HTTP {http_status}.", grpc_code.name()));
    docs
}
