//! One handler file per rpc, and the glue that turns the files into an implementation of the service traits.
//!
//! The files are the user's: [`skeletons`] are written where there is none yet and never again. The [`glue`] is generated at every
//! build; it names each file by its path, so a new rpc needs no other edit, and an rpc whose file is missing is a compile error that
//! says which command adds it. Which files exist is handed in: nothing here looks at a disk.

use std::collections::{BTreeSet, HashMap};

use proc_macro2::TokenStream;
use protogate_schema::model::element::MessageId;
use protogate_schema::{Error, Schema};
use quote::{format_ident, quote};

use crate::artifact::{self, Artifact};
use crate::config::CodegenConfig;
use crate::plan::{MethodPlan, Plan, ServicePlan};
use crate::{ident, types};

/// Name of the glue's file, beside the generated tree.
pub const HANDLERS_FILE: &str = "protogate.handlers.rs";

/// Longest line of a handler file, as in the scaffold's `rustfmt.toml`.
const WIDTH: usize = 110;

/// The command that adds missing handler files.
const COMMAND: &str = "protogate generate --handlers";

/// The folder of handler files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Absolute path, as the compiler should open it.
    pub path: String,
    /// The files in it, relative, with forward slashes.
    pub files: BTreeSet<String>,
}

/// The handler files of all rpcs, relative to their folder: `library/get_book.rs`.
///
/// # Errors
/// As [`crate::generate`].
pub fn skeletons(schema: &Schema, config: &CodegenConfig) -> Result<Vec<Artifact>, Error> {
    let plan = Plan::new(schema, config)?;
    Ok(services(&plan)
        .iter()
        .flat_map(|(service, folder)| {
            service.methods.iter().map(|method| Artifact {
                path: file_of(folder, method),
                bytes: skeleton(&plan, service, method).into_bytes(),
                users: true,
            })
        })
        .collect())
}

/// The implementations of all services, to be included as `mod handlers` in the root of a crate that has the generated tree as
/// `mod pb` and its state as `App`.
///
/// # Errors
/// As [`crate::generate`].
pub fn glue(schema: &Schema, config: &CodegenConfig, folder: &Folder) -> Result<Artifact, Error> {
    let plan = Plan::new(schema, config)?;
    let services = services(&plan);
    let modules = services.iter().map(|(service, name)| module(&plan, service, name, folder));
    let mounts = services.iter().map(|(service, name)| {
        let package = package_path(&plan, service);
        let (mount, module) = (ident::token(&service.mount), ident::token(name));
        let handler = format_ident!("{}", service.ident);
        quote!(.service(#package #mount(#module::#handler { app: ::std::sync::Arc::clone(app) })))
    });
    let tokens = quote! {
        /// What an rpc with a streamed response answers with.
        pub type Replies<T> = ::std::pin::Pin<
            ::std::boxed::Box<
                dyn ::tonic::codegen::tokio_stream::Stream<Item = ::core::result::Result<T, ::tonic::Status>>
                    + ::core::marker::Send
            >
        >;

        /// Mounts all services.
        pub fn mount(server: ::protogate::Server, app: &::std::sync::Arc<crate::App>) -> ::protogate::Server {
            server #(#mounts)*
        }

        #(#modules)*
    };
    artifact::rust(&plan, HANDLERS_FILE, None, tokens)
}

/// The services with the names of their folders: the service's own, with its package in front where two services share it.
fn services<'p>(plan: &'p Plan<'_>) -> Vec<(&'p ServicePlan, String)> {
    let all =
        || plan.packages.iter().flat_map(|package| package.services.iter().map(move |it| (package, it)));
    let mut count: HashMap<&str, usize> = HashMap::new();
    for (_, service) in all() {
        *count.entry(&service.mount).or_default() += 1;
    }
    all()
        .map(|(package, service)| {
            let own = bare(&service.mount);
            let shared = count.get(service.mount.as_str()).is_some_and(|count| *count > 1);
            let name = if shared {
                package.module.iter().map(|it| bare(it)).chain([own]).collect::<Vec<_>>().join("_")
            } else {
                own.to_owned()
            };
            (service, name)
        })
        .collect()
}

fn module(plan: &Plan<'_>, service: &ServicePlan, name: &str, folder: &Folder) -> TokenStream {
    let full_name = &plan.schema.service(service.id).full_name;
    let doc = format!(" The handlers of `{full_name}`.");
    let struct_doc = format!(" Implements `{full_name}` with the files in `{name}/`.");
    let package = package_path(plan, service);
    let handler = format_ident!("{}", service.ident);
    let server_module = format_ident!("{}", service.server_module);
    let files = service.methods.iter().map(|method| {
        let file = file_of(name, method);
        if folder.files.contains(&file) {
            let path = format!("{}/{file}", folder.path.trim_end_matches('/'));
            let module = ident::token(&method.ident);
            quote! { #[path = #path] mod #module; }
        } else {
            let raw = &plan.schema.method(method.id).full_name;
            let message = format!("`{raw}` has no handler file `{file}`: run `{COMMAND}`");
            quote! { ::core::compile_error!(#message); }
        }
    });
    let methods = service.methods.iter().map(|method| {
        let types = Types::of(plan, method);
        let (function, request) = (ident::token(&method.ident), &types.request);
        let exists = folder.files.contains(&file_of(name, method));
        let (stream, response) = if types.streams {
            let stream = format_ident!("{}Stream", plan.schema.method(method.id).name);
            let response = &types.response;
            (quote!(type #stream = super::Replies<#response>;), quote!(Self::#stream))
        } else {
            (TokenStream::new(), types.response.clone())
        };
        let body = if exists {
            quote!(#function::handle(&self.app, request).await)
        } else {
            // The compile error above is the message; this keeps others away.
            quote!({
                let _ = request;
                ::core::result::Result::Err(::tonic::Status::unimplemented(""))
            })
        };
        quote! {
            #stream
            async fn #function(
                &self,
                request: ::tonic::Request<#request>,
            ) -> ::core::result::Result<::tonic::Response<#response>, ::tonic::Status> {
                #body
            }
        }
    });
    let module = ident::token(name);
    quote! {
        #[doc = #doc]
        pub mod #module {
            #(#files)*

            #[doc = #struct_doc]
            #[derive(Debug, Clone)]
            pub struct #handler {
                /// What the handlers share.
                pub app: ::std::sync::Arc<crate::App>,
            }

            #[::tonic::async_trait]
            impl #package #server_module::#handler for #handler {
                #(#methods)*
            }
        }
    }
}

/// Request and response of an rpc, named from the root of the crate.
struct Types {
    /// With `Streaming` around it where the caller streams.
    request: TokenStream,
    response: TokenStream,
    streams: bool,
}

impl Types {
    fn of(plan: &Plan<'_>, method: &MethodPlan) -> Self {
        let raw = plan.schema.method(method.id);
        let input = message_from_root(plan, raw.input);
        let request = if raw.client_streaming { quote!(::tonic::Streaming<#input>) } else { input };
        Self { request, response: message_from_root(plan, raw.output), streams: raw.server_streaming }
    }
}

fn message_from_root(plan: &Plan<'_>, id: MessageId) -> TokenStream {
    match plan.message(id) {
        Some(message) => {
            let package = module_path(&plan.packages[message.package].module);
            let path = message.path.iter().map(|it| ident::token(it));
            quote!(#package #(#path)::*)
        }
        // From prost-types, by absolute path.
        None => types::message_path(plan, 0, id),
    }
}

/// `crate::pb::acme::v1::`.
fn package_path(plan: &Plan<'_>, service: &ServicePlan) -> TokenStream {
    let package = plan.packages.iter().find(|it| it.services.iter().any(|it| it.id == service.id));
    module_path(package.map_or(&[], |it| &it.module))
}

fn module_path(module: &[String]) -> TokenStream {
    let parts = module.iter().map(|it| ident::token(it));
    quote!(crate::pb:: #(#parts::)*)
}

fn file_of(folder: &str, method: &MethodPlan) -> String {
    format!("{folder}/{}.rs", bare(&method.ident))
}

/// An identifier as a file name.
fn bare(ident: &str) -> &str {
    ident.strip_prefix("r#").unwrap_or(ident)
}

/// The file as the user finds it. Written by hand rather than pretty-printed: comments and empty lines are half of it.
fn skeleton(plan: &Plan<'_>, service: &ServicePlan, method: &MethodPlan) -> String {
    let raw = plan.schema.method(method.id);
    let types = Types::of(plan, method);
    let (request, response) = (path_text(&types.request), path_text(&types.response));
    let response = if types.streams { format!("Replies<{response}>") } else { response };
    let replies = if types.streams { "\nuse crate::handlers::Replies;" } else { "" };
    let (name, service) = (&raw.name, &plan.schema.service(service.id).full_name);
    let (request, response) =
        (format!("request: Request<{request}>"), format!("Result<Response<{response}>, Status>"));
    // As rustfmt would have it.
    let line = format!("pub(super) async fn handle(app: &App, {request}) -> {response} {{");
    let signature = if line.len() <= WIDTH {
        line
    } else {
        format!("pub(super) async fn handle(\n    app: &App,\n    {request},\n) -> {response} {{")
    };
    format!(
        "//! `{name}` of `{service}`.

use tonic::{{Request, Response, Status}};

use crate::App;{replies}

/// Answers `{name}`. What the contract says about it is in the proto; who may call it has been checked before.
{signature}
    let _ = (app, request);
    Err(Status::unimplemented(\"`{name}` is not implemented yet\"))
}}
"
    )
}

/// Tokens of a path as people write it.
fn path_text(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "").trim_start_matches("::").to_owned()
}
