//! gRPC stubs in tonic's own shape, and the function that mounts a service.
//!
//! tonic-build prints the server trait and the client, so existing tonic services move over unchanged. The mount function ties the
//! same value to gRPC, Connect and REST: all of them end in the same trait method.

use proc_macro2::{Literal, TokenStream};
use protogate_schema::model::element::{Element, MethodId};
use quote::{format_ident, quote};
use tonic_build::CodeGenBuilder;

use super::comment;
use crate::plan::{MethodPlan, Plan, ServicePlan};
use crate::{ident, types};

pub(super) fn emit(plan: &Plan<'_>, package: usize) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut builder = CodeGenBuilder::new();
    builder.emit_package(true).build_transport(false);
    for service in &plan.packages[package].services {
        if plan.config.client {
            let adaptor = Adaptor::new(plan, package, service, true);
            tokens.extend(builder.generate_client(&adaptor, "super"));
        }
        if plan.config.server {
            let adaptor = Adaptor::new(plan, package, service, false);
            tokens.extend(builder.generate_server(&adaptor, "super"));
            tokens.extend(mount(plan, package, service));
        }
    }
    tokens
}

fn mount(plan: &Plan<'_>, package: usize, service: &ServicePlan) -> TokenStream {
    let name = &plan.schema.service(service.id).full_name;
    let function = ident::token(&service.mount);
    let table = ident::token(&service.table);
    let module = format_ident!("{}", service.server_module);
    let (r#trait, server) = (format_ident!("{}", service.ident), format_ident!("{}Server", service.ident));
    let root = types::root(plan, package);
    let entries = service
        .methods
        .iter()
        .zip(0..)
        .map(|(it, index)| entry(plan, package, it, index, &quote!(#module::#r#trait)));
    let doc = format!(
        " Mounts an implementation of `{name}` on a server: gRPC, gRPC-Web, Connect, and REST for the rpcs with HTTP bindings."
    );
    quote! {
        #[doc = #doc]
        pub fn #function<T: #module::#r#trait>(service: T) -> ::protogate::codegen::v1::Service {
            let service = ::protogate::codegen::v1::Arc::new(service);
            let grpc = ::protogate::codegen::v1::Arc::clone(&service);
            let mounted = ::protogate::codegen::v1::Service::new(
                #name,
                &#table,
                #root FILE_DESCRIPTOR_SET,
                &#root ERROR_CATALOGS,
                move |limits: ::protogate::codegen::v1::MessageLimits| {
                    #module::#server::from_arc(grpc)
                        .max_decoding_message_size(limits.decode)
                        .max_encoding_message_size(limits.encode)
                },
            );
            #(#entries)*
            mounted.openapi(#root OPENAPI)
        }
    }
}

/// The typed entries of one rpc: for Connect, and for REST where it has a form.
fn entry(
    plan: &Plan<'_>,
    package: usize,
    method: &MethodPlan,
    index: usize,
    r#trait: &TokenStream,
) -> TokenStream {
    let raw = plan.schema.method(method.id);
    let request = types::message_path(plan, package, raw.input);
    let response = types::message_path(plan, package, raw.output);
    let stream = format_ident!("{}Stream", raw.name);
    let (kind, parameters) = match (raw.client_streaming, raw.server_streaming) {
        (false, false) => (quote!(unary), quote!(#request, #response, _)),
        (false, true) => (quote!(server_streaming), quote!(#request, #response, T::#stream, _)),
        (true, false) => (quote!(client_streaming), quote!(#request, #response, _)),
        (true, true) => (quote!(bidi_streaming), quote!(#request, #response, T::#stream, _)),
    };
    let call = ident::token(&method.ident);
    let index = Literal::usize_unsuffixed(index);
    quote! {
        let handler = ::protogate::codegen::v1::Arc::clone(&service);
        let mounted = mounted.#kind::<#parameters>(#index, move |request| {
            let handler = ::protogate::codegen::v1::Arc::clone(&handler);
            ::protogate::codegen::v1::Box::pin(async move {
                <T as #r#trait>::#call(&handler, request).await
            })
        });
    }
}

/// Our service in the words of tonic-build.
struct Adaptor {
    name: String,
    package: String,
    identifier: String,
    comment: Vec<String>,
    methods: Vec<MethodAdaptor>,
}

struct MethodAdaptor {
    name: String,
    identifier: String,
    comment: Vec<String>,
    client_streaming: bool,
    server_streaming: bool,
    deprecated: bool,
    request: TokenStream,
    response: TokenStream,
}

impl Adaptor {
    fn new(plan: &Plan<'_>, package: usize, service: &ServicePlan, client: bool) -> Self {
        let raw = plan.schema.service(service.id);
        let methods = service.methods.iter().map(|method| {
            let name = if client { &method.client_ident } else { &method.ident };
            MethodAdaptor::new(plan, package, method.id, name.clone())
        });
        Self {
            name: service.ident.clone(),
            package: plan.packages[package].name.clone(),
            identifier: raw.name.clone(),
            comment: docs(plan, Element::Service(service.id)),
            methods: methods.collect(),
        }
    }
}

impl MethodAdaptor {
    fn new(plan: &Plan<'_>, package: usize, id: MethodId, name: String) -> Self {
        let raw = plan.schema.method(id);
        Self {
            name,
            identifier: raw.name.clone(),
            comment: docs(plan, Element::Method(id)),
            client_streaming: raw.client_streaming,
            server_streaming: raw.server_streaming,
            deprecated: raw.options.deprecated.unwrap_or(false),
            request: inside_stub(types::message_path(plan, package, raw.input)),
            response: inside_stub(types::message_path(plan, package, raw.output)),
        }
    }
}

/// The stubs stand one module deeper than the package.
fn inside_stub(path: TokenStream) -> TokenStream {
    let text = path.to_string();
    let absolute = text.starts_with("::") || text.starts_with('(') || is_primitive(&text);
    if absolute { path } else { quote!(super::#path) }
}

fn is_primitive(text: &str) -> bool {
    matches!(text, "bool" | "f32" | "f64" | "i32" | "i64" | "u32" | "u64")
}

fn docs(plan: &Plan<'_>, element: Element) -> Vec<String> {
    plan.schema.comments(element).map(|it| comment::lines(&it.leading, &it.trailing)).unwrap_or_default()
}

impl tonic_build::Service for Adaptor {
    type Comment = String;
    type Method = MethodAdaptor;

    fn name(&self) -> &str {
        &self.name
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn identifier(&self) -> &str {
        &self.identifier
    }

    fn methods(&self) -> &[Self::Method] {
        &self.methods
    }

    fn comment(&self) -> &[String] {
        &self.comment
    }
}

impl tonic_build::Method for MethodAdaptor {
    type Comment = String;

    fn name(&self) -> &str {
        &self.name
    }

    fn identifier(&self) -> &str {
        &self.identifier
    }

    fn codec_path(&self) -> &str {
        "tonic_prost::ProstCodec"
    }

    fn client_streaming(&self) -> bool {
        self.client_streaming
    }

    fn server_streaming(&self) -> bool {
        self.server_streaming
    }

    fn comment(&self) -> &[String] {
        &self.comment
    }

    fn deprecated(&self) -> bool {
        self.deprecated
    }

    fn request_response_name(
        &self,
        _proto_path: &str,
        _compile_well_known_types: bool,
    ) -> (TokenStream, TokenStream) {
        (self.request.clone(), self.response.clone())
    }
}
