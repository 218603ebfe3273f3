//! The table route → rpc → policy, for `protogate routes`.
//!
//! Lists what the annotations hold, faulty bindings included, so that the table can be looked at while they are being repaired.
//! How the table is laid out and sorted is the command's.

use protogate_schema::Schema;
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::MethodId;
use protogate_schema::model::policy::Policy;

use crate::plan::generated_methods;

/// One HTTP binding of one rpc.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// HTTP method; `*` for every method; empty when the annotation gives none.
    pub http_method: String,
    /// Path template as written.
    pub template: String,
    /// The rpc, in the schema that was asked.
    pub method: MethodId,
    /// Full name of the rpc: `acme.v1.Library.GetBook`.
    pub rpc: String,
    /// Position in the annotation; 0 is the rule itself.
    pub binding: u32,
    /// What the content of the request is.
    pub body: Body,
    /// Field of the response that is the content of the reply.
    pub response_body: Option<String>,
    /// Who may call, and within which limits.
    pub policy: Policy,
}

/// All bindings of the services in the target files, in source order.
#[must_use]
pub fn routes(schema: &Schema) -> Vec<Route> {
    generated_methods(schema)
        .flat_map(|id| {
            schema.bindings(id).into_iter().map(move |binding| Route {
                http_method: binding.http_method,
                template: binding.template,
                method: id,
                rpc: schema.method(id).full_name.clone(),
                binding: binding.index,
                body: binding.body,
                response_body: binding.response_body,
                policy: schema.policy(id),
            })
        })
        .collect()
}

/// The rpcs of the services in the target files that have no binding and are reached by gRPC alone, in source order.
#[must_use]
pub fn rpcs_without_route(schema: &Schema) -> Vec<MethodId> {
    generated_methods(schema).filter(|&id| schema.bindings(id).is_empty()).collect()
}
