//! The REST side of a contract as an OpenAPI 3.1 document: what is described, and in which order.
//!
//! Everything is taken from the descriptor and from what the gateway does with it by default; a service whose `[rest]` settings print
//! proto names or numbers of enums answers differently. Rpcs without an HTTP binding are not part of it. Keys that start with
//! `x-protogate-` say what OpenAPI has no word for. How a path template becomes a key is `path`'s.

mod constraint;
mod error;
mod node;
mod operation;
mod parameter;
mod path;
mod scalar;
mod schema;
mod security;
mod text;

use std::collections::{BTreeMap, HashSet};

use proc_macro2::TokenStream;
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, ServiceId};
use protogate_transcode::{ANY_METHOD, Template};
use quote::quote;

pub use self::node::{Map, Node};

use self::operation::Bound;
use self::path::PathKeys;
use self::schema::Schemas;
use crate::OPENAPI_FILE;
use crate::artifact::Artifact;
use crate::config::OpenApiConfig;
use crate::plan::{PackagePlan, Plan, ServicePlan};

/// The methods that a path item has a key for.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
/// The methods that a binding of every method is shown with.
const COMMON: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];

/// Whether there is something to describe, and somebody to serve it.
fn is_served(plan: &Plan<'_>) -> bool {
    plan.config.server && services(plan).next().is_some()
}

/// The constant in the root file.
pub(super) fn constant(plan: &Plan<'_>) -> TokenStream {
    if !is_served(plan) {
        return TokenStream::new();
    }
    quote! {
        /// The REST API of all services as an `OpenAPI` 3.1 document, in JSON.
        #[allow(dead_code, unreachable_pub)]
        pub const OPENAPI: &str = include_str!(#OPENAPI_FILE);
    }
}

/// The file.
pub(super) fn artifact(plan: &Plan<'_>) -> Option<Artifact> {
    let bytes = || document(plan).to_json().into_bytes();
    is_served(plan).then(|| Artifact { path: OPENAPI_FILE.to_owned(), bytes: bytes(), users: false })
}

/// The document.
#[must_use]
pub fn document(plan: &Plan<'_>) -> Node {
    let config = &plan.config.openapi;
    let mut schemas = Schemas::new(plan.schema);
    let mut errors = error::Errors::default();
    error::define(plan, &mut schemas);
    let names = Names::of(plan);
    let mut paths = Paths::default();
    let mut tags = Vec::new();
    for (package, service) in services(plan) {
        let before = paths.operations;
        paths.add(plan, &mut schemas, &mut errors, &names, package, service);
        if paths.operations > before {
            let description = text::description(plan.schema, Element::Service(service.id));
            tags.push(
                Map::new()
                    .with("name", names.tag(plan.schema, service.id))
                    .with_some("description", description),
            );
        }
    }
    // Without an operation nothing refers to anything.
    let components = if paths.operations == 0 {
        Map::new()
    } else {
        Map::new()
            .with("schemas", schemas.finish())
            .with("responses", errors.finish())
            .with("securitySchemes", security::schemes())
    };
    Map::new()
        .with("openapi", "3.1.0")
        .with("info", info(plan, config))
        .with("servers", servers(plan, config))
        .with("tags", tags)
        .with("paths", paths.finish())
        .with("components", components)
        .into()
}

fn services<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (&'p PackagePlan, &'p ServicePlan)> {
    plan.packages.iter().flat_map(|package| package.services.iter().map(move |it| (package, it)))
}

/// Title and version: those of the configuration, else what the packages are called.
fn info(plan: &Plan<'_>, config: &OpenApiConfig) -> Map {
    let packages: Vec<&str> =
        plan.packages.iter().filter(|it| !it.services.is_empty()).map(|it| it.name.as_str()).collect();
    let first = packages.first().copied().filter(|it| !it.is_empty()).unwrap_or("API");
    let version = first.rsplit('.').next().filter(|it| is_version(it)).unwrap_or("v1");
    let described = config.description.clone().unwrap_or_else(|| {
        let names: Vec<String> = packages.iter().map(|it| (*it).to_owned()).collect();
        format!("The REST API of {}.", text::codes(&names))
    });
    Map::new()
        .with("title", config.title.clone().unwrap_or_else(|| first.to_owned()))
        .with("description", described)
        .with("version", config.version.clone().unwrap_or_else(|| version.to_owned()))
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
}

/// Where the API is: the configured addresses, else the `google.api.default_host` of the services, else where the document is from.
fn servers(plan: &Plan<'_>, config: &OpenApiConfig) -> Vec<Map> {
    let mut urls = config.servers.clone();
    if urls.is_empty() {
        for (_, service) in services(plan) {
            let host = plan.schema.service(service.id).options.default_host.as_ref();
            let url = host.filter(|it| !it.is_empty()).map(|it| format!("https://{it}"));
            urls.extend(url.filter(|it| !urls.contains(it)));
        }
    }
    if urls.is_empty() {
        urls.push("/".to_owned());
    }
    urls.into_iter().map(|url| Map::new().with("url", url)).collect()
}

/// What services are called: by their short name, the first in the order of packages, others by their full name.
struct Names(HashSet<ServiceId>);

impl Names {
    fn of(plan: &Plan<'_>) -> Self {
        let mut taken = HashSet::new();
        let short = services(plan).filter(|(_, it)| taken.insert(plan.schema.service(it.id).name.as_str()));
        Self(short.map(|(_, it)| it.id).collect())
    }

    fn tag(&self, schema: &Schema, id: ServiceId) -> String {
        let service = schema.service(id);
        if self.0.contains(&id) { service.name.clone() } else { service.full_name.clone() }
    }
}

/// The path items, by key, in the order of their first binding.
#[derive(Default)]
struct Paths {
    keys: PathKeys,
    order: Vec<String>,
    items: BTreeMap<String, Item>,
    operations: usize,
}

/// The operations of a path, by method.
#[derive(Default)]
struct Item {
    exact: BTreeMap<usize, Map>,
    /// For methods that none of the exact ones is for.
    any: BTreeMap<usize, Map>,
    /// Of methods that OpenAPI has no key for.
    others: BTreeMap<String, Map>,
}

impl Paths {
    fn add(
        &mut self,
        plan: &Plan<'_>,
        schemas: &mut Schemas<'_>,
        errors: &mut error::Errors,
        names: &Names,
        package: &PackagePlan,
        service: &ServicePlan,
    ) {
        let tag = names.tag(plan.schema, service.id);
        for method in &service.methods {
            let raw = plan.schema.method(method.id);
            for binding in plan.schema.bindings(method.id) {
                // The plan has refused templates that do not parse.
                let Ok(template) = Template::parse(&binding.template) else { continue };
                let ways = parameter::bound(schemas, raw.input, &template);
                let key = self.keys.of(&template, |index| parameter::name_of(schemas, &ways[index]));
                let id = format!("{}_{}", tag.replace('.', "_"), raw.name);
                let id = if binding.index == 0 { id } else { format!("{id}_{}", binding.index) };
                let emit = |schemas: &mut Schemas<'_>, errors: &mut error::Errors, id: String| {
                    let (template, key, ways, tag) = (&template, &key, ways.as_slice(), tag.clone());
                    let (method, binding) = (method.id, &binding);
                    let bound = Bound { package, method, binding, template, key, ways, id, tag };
                    operation::emit(plan, schemas, errors, &bound)
                };
                if !self.items.contains_key(&key.key) {
                    self.order.push(key.key.clone());
                }
                let item = self.items.entry(key.key.clone()).or_default();
                self.operations += 1;
                if binding.http_method == ANY_METHOD {
                    for name in COMMON {
                        let id = format!("{id}_{}", name.to_ascii_lowercase());
                        item.any.insert(position(name), emit(schemas, errors, id));
                    }
                } else if METHODS.contains(&binding.http_method.as_str()) {
                    item.exact.insert(position(&binding.http_method), emit(schemas, errors, id));
                } else {
                    item.others.insert(binding.http_method.clone(), emit(schemas, errors, id));
                }
            }
        }
    }

    fn finish(self) -> Map {
        let mut items = self.items;
        let item = |key: String| {
            let Item { exact, any, others } = items.remove(&key).unwrap_or_default();
            let mut map = Map::new();
            for (at, name) in METHODS.iter().enumerate() {
                if let Some(operation) = exact.get(&at).or_else(|| any.get(&at)) {
                    map.set(name.to_ascii_lowercase(), operation.clone());
                }
            }
            if !others.is_empty() {
                let others: Map = others.into_iter().map(|(name, it)| (name, it.into())).collect();
                map.set("x-protogate-operations", others);
            }
            (key, map.into())
        };
        self.order.into_iter().map(item).collect()
    }
}

fn position(method: &str) -> usize {
    METHODS.iter().position(|it| *it == method).unwrap_or(METHODS.len())
}
