//! The table of a service's rpcs: policy, HTTP bindings, streaming. The runtime decides everything about a call from it.

use std::time::Duration;

use proc_macro2::TokenStream;
use protogate_schema::model::binding::{Binding, Body};
use protogate_schema::model::element::MethodId;
use protogate_schema::model::policy::{Access, Policy, RateKey};
use quote::quote;

use crate::ident;
use crate::plan::{Plan, ServicePlan};

pub(super) fn emit(plan: &Plan<'_>, package: usize) -> TokenStream {
    plan.packages[package].services.iter().map(|service| table(plan, service)).collect()
}

fn table(plan: &Plan<'_>, service: &ServicePlan) -> TokenStream {
    let name = &plan.schema.service(service.id).full_name;
    let table = ident::token(&service.table);
    let count = service.methods.len();
    let methods = service.methods.iter().map(|it| method(plan, name, it.id));
    let doc = format!(" What `{name}` promises about each of its rpcs.");
    quote! {
        #[doc = #doc]
        pub static #table: [::protogate::codegen::v1::MethodInfo; #count] = [#(#methods),*];
    }
}

fn method(plan: &Plan<'_>, service: &str, id: MethodId) -> TokenStream {
    let method = plan.schema.method(id);
    let name = &method.name;
    let path = format!("/{service}/{name}");
    let (client_streaming, server_streaming) = (method.client_streaming, method.server_streaming);
    let idempotency = match method.options.idempotency_level {
        Some(1) => quote!(NoSideEffects),
        Some(2) => quote!(Idempotent),
        _ => quote!(Unknown),
    };
    let policy = policy(&plan.schema.policy(id));
    let bindings = plan.schema.bindings(id);
    let bindings = bindings.iter().map(binding);
    quote! {
        ::protogate::codegen::v1::MethodInfo {
            service: #service,
            name: #name,
            path: #path,
            client_streaming: #client_streaming,
            server_streaming: #server_streaming,
            idempotency: ::protogate::codegen::v1::Idempotency::#idempotency,
            policy: #policy,
            bindings: &[#(#bindings),*],
        }
    }
}

fn policy(policy: &Policy) -> TokenStream {
    let access = match &policy.access {
        Access::Denied => quote!(Denied),
        Access::Public => quote!(Public),
        Access::Granted { roles, permissions } => {
            quote!(Granted { roles: &[#(#roles),*], permissions: &[#(#permissions),*] })
        }
    };
    let timeout = option(policy.timeout.map(duration));
    let rate_limit = option(policy.rate_limit.map(|it| {
        let (per_second, burst) = (it.per_second, it.burst);
        let key = match it.key {
            RateKey::Subject => quote!(Subject),
            RateKey::Peer => quote!(Peer),
            RateKey::All => quote!(All),
        };
        quote! {
            ::protogate::codegen::v1::RateLimit {
                per_second: #per_second,
                burst: #burst,
                key: ::protogate::codegen::v1::RateKey::#key,
            }
        }
    }));
    let audit = policy.audit;
    quote! {
        ::protogate::codegen::v1::Policy {
            access: ::protogate::codegen::v1::Access::#access,
            timeout: #timeout,
            rate_limit: #rate_limit,
            audit: #audit,
        }
    }
}

fn binding(binding: &Binding) -> TokenStream {
    let Binding { http_method, template, .. } = binding;
    let body = match &binding.body {
        Body::None => quote!(None),
        Body::All => quote!(All),
        Body::Field(name) => quote!(Field(#name)),
    };
    let response_body = option(binding.response_body.as_ref().map(|it| quote!(#it)));
    quote! {
        ::protogate::codegen::v1::Binding {
            http_method: #http_method,
            template: #template,
            body: ::protogate::codegen::v1::Body::#body,
            response_body: #response_body,
        }
    }
}

pub(super) fn duration(duration: Duration) -> TokenStream {
    let seconds = readable(duration.as_secs(), "u64");
    let nanos = readable(u64::from(duration.subsec_nanos()), "u32");
    quote!(::protogate::codegen::v1::Duration::new(#seconds, #nanos))
}

/// A number with its digits in groups of three, as lints of user crates ask for.
fn readable(number: u64, suffix: &str) -> TokenStream {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len() > 5 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text.push_str(suffix);
    text.parse().expect("digits, underscores and a suffix are a literal")
}

pub(super) fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
