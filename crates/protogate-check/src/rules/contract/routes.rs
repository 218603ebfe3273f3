//! The routes of a schema: bindings with their parsed templates, where they stand in the source, and which of them answers a request.
//!
//! Routes are looked up with the matcher that a server uses. Services with different `google.api.default_host` are different servers;
//! all others are taken for one. A binding whose template does not parse serves nothing and is left out: that it does not parse is an
//! error of the generator.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::binding::{Binding, Body};
use protogate_schema::model::element::{Element, Field, FieldId, Kind, MessageId, MethodId};
use protogate_schema::model::span::Span;
use protogate_transcode::{ANY_METHOD, Config, Matcher, Outcome, Template};

use crate::position::At;

/// Number of `google.api.http` in `MethodOptions`.
const HTTP: i32 = 72_295_728;
/// Number of `additional_bindings` in `HttpRule`.
const ADDITIONAL: i32 = 11;

/// One way to call an rpc by HTTP.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) rpc: MethodId,
    pub(super) binding: Binding,
    pub(super) template: Template,
}

impl Route {
    /// `GET /v1/devices/{id}`, as written.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.binding.http_method, self.binding.template)
    }

    /// The method that an example request uses: of `*`, any will do.
    pub(super) fn example_method(&self) -> &str {
        if self.binding.http_method == ANY_METHOD { "GET" } else { &self.binding.http_method }
    }

    /// Same HTTP method and same shape: a request cannot tell the two apart.
    pub(super) fn takes_the_same_as(&self, other: &Self) -> bool {
        self.binding.http_method == other.binding.http_method
            && self.template.shape() == other.template.shape()
    }

    /// What the variables take from a path that the template takes, by their index.
    pub(super) fn captures(&self, path: &str) -> BTreeMap<usize, String> {
        let mut alone = Matcher::new(Config::default());
        // The first route of a set conflicts with none.
        let _ = alone.insert(ANY_METHOD, self.template.clone(), 0);
        match alone.find(self.example_method(), path) {
            Outcome::Found { captures, .. } => {
                captures.into_iter().map(|it| (it.variable, it.value)).collect()
            }
            _ => BTreeMap::new(),
        }
    }

    /// Whether this route would answer a request for the path if both were there.
    pub(super) fn wins(&self, other: &Self, path: &str) -> bool {
        let mut both = Matcher::new(Config::default());
        // Of two equal routes the other one is there already.
        let _ = both.insert(&other.binding.http_method, other.template.clone(), 0);
        let _ = both.insert(&self.binding.http_method, self.template.clone(), 1);
        matches!(both.find(self.example_method(), path), Outcome::Found { id: 1, .. })
    }

    /// How the annotation says it, for advice: `get: "/v1/devices/{id}"`.
    pub(super) fn pattern(&self) -> String {
        let template = &self.binding.template;
        let pattern = match self.binding.http_method.as_str() {
            known @ ("GET" | "PUT" | "POST" | "DELETE" | "PATCH") => {
                format!("{}: \"{template}\"", known.to_ascii_lowercase())
            }
            other => format!("custom {{ kind: \"{other}\" path: \"{template}\" }}"),
        };
        let body = match &self.binding.body {
            Body::None => String::new(),
            Body::All => " body: \"*\"".to_owned(),
            Body::Field(field) => format!(" body: \"{field}\""),
        };
        let response = self
            .binding
            .response_body
            .as_ref()
            .map_or_else(String::new, |it| format!(" response_body: \"{it}\""));
        format!("{pattern}{body}{response}")
    }
}

/// The routes of one rpc, in the order of the annotation.
pub(super) fn of(schema: &Schema, rpc: MethodId) -> Vec<Route> {
    schema
        .bindings(rpc)
        .into_iter()
        .filter(|binding| !binding.http_method.is_empty())
        .filter_map(|binding| {
            let template = Template::parse(&binding.template).ok()?;
            Some(Route { rpc, binding, template })
        })
        .collect()
}

/// All routes of the services of a schema, ready to be asked.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) routes: Vec<Route>,
    /// By default host.
    servers: BTreeMap<String, Matcher>,
}

impl Table {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut table = Self { routes: Vec::new(), servers: BTreeMap::new() };
        for (id, service) in schema.services() {
            let routes: Vec<Route> = service.methods.iter().flat_map(|&rpc| of(schema, rpc)).collect();
            if routes.is_empty() {
                continue;
            }
            let server = table.servers.entry(host(schema, id)).or_default();
            for route in routes {
                // Of two equal routes the first answers; that there are two is an error of the generator.
                let _ = server.insert(&route.binding.http_method, route.template.clone(), table.routes.len());
                table.routes.push(route);
            }
        }
        table
    }

    /// What becomes of a request to the server of this host.
    pub(super) fn find(&self, host: &str, method: &str, path: &str) -> Answer<'_> {
        match self.servers.get(host).map_or(Outcome::NotFound, |it| it.find(method, path)) {
            Outcome::Found { id, .. } => Answer::Route(&self.routes[id]),
            Outcome::MethodNotAllowed(allow) => Answer::NotAllowed(allow),
            Outcome::BadPath(_) | Outcome::NotFound => Answer::NotFound,
        }
    }
}

/// What a request gets.
#[derive(Debug)]
pub(super) enum Answer<'t> {
    Route(&'t Route),
    /// 405, with the methods that there are.
    NotAllowed(Vec<String>),
    /// 404.
    NotFound,
}

/// `google.api.default_host` of the service of an rpc; `""` when it has none.
pub(super) fn host_of(schema: &Schema, rpc: MethodId) -> String {
    host(schema, schema.method(rpc).service)
}

fn host(schema: &Schema, service: protogate_schema::model::element::ServiceId) -> String {
    schema.service(service).options.default_host.clone().unwrap_or_default()
}

/// Whether an rpc belongs to the files that were asked about, in one of the two schemas.
pub(super) fn is_target(schema: &Schema, rpc: MethodId) -> bool {
    !schema.file(schema.file_of(Element::Method(rpc))).is_import
}

/// The field at a path of proto names.
pub(super) fn resolve(schema: &Schema, message: MessageId, parts: &[String]) -> Option<Vec<FieldId>> {
    let mut message = Some(message);
    let mut path = Vec::new();
    for part in parts {
        let id = field_named(schema, message?, part)?;
        path.push(id);
        message = inner(schema.field(id));
    }
    Some(path)
}

/// The field of a message with this proto name.
pub(super) fn field_named(schema: &Schema, message: MessageId, name: &str) -> Option<FieldId> {
    schema.message(message).fields.iter().copied().find(|&id| schema.field(id).name == name)
}

fn inner(field: &Field) -> Option<MessageId> {
    match field.kind {
        Kind::Message(id) | Kind::Group(id) => Some(id),
        _ => None,
    }
}

/// The place of a binding: its template, where the source is at hand and holds it as one literal, else its option, else the rpc.
pub(super) fn at(schema: &Schema, rpc: MethodId, binding: &Binding) -> At {
    let element = Element::Method(rpc);
    let mut suffix = vec![4, HTTP];
    if binding.index > 0 {
        suffix.extend([ADDITIONAL, binding.index as i32 - 1]);
    }
    let Some(mut at) = At::option(schema, element, &suffix, 2) else { return At::decl(schema, element) };
    let earlier = schema
        .bindings(rpc)
        .iter()
        .filter(|it| it.index < binding.index && it.template == binding.template)
        .count();
    let source = at.path.as_deref().and_then(|path| schema.source(path));
    if let (Some(option), Some(source)) = (at.span, source) {
        at.span = literal(source, option, &binding.template, earlier).or(at.span);
    }
    at
}

/// The place of the whole annotation; of the rpc, when it has none.
pub(super) fn at_annotation(schema: &Schema, rpc: MethodId) -> At {
    let element = Element::Method(rpc);
    At::option(schema, element, &[4, HTTP], 2).unwrap_or_else(|| At::decl(schema, element))
}

/// The place of the `nth` quoted `text` inside a place.
fn literal(source: &str, within: Span, text: &str, nth: usize) -> Option<Span> {
    let lines = source
        .lines()
        .zip(1_u32..)
        .skip(within.start_line as usize - 1)
        .take_while(|(_, number)| *number <= within.end_line);
    let quoted = [format!("\"{text}\""), format!("'{text}'")];
    let mut found = lines.flat_map(|(line, number)| {
        let from = if number == within.start_line { within.start_column as usize - 1 } else { 0 };
        let mut starts: Vec<usize> = quoted
            .iter()
            .flat_map(|quoted| line.match_indices(quoted.as_str()).map(|(start, _)| start))
            .filter(|start| *start >= from)
            .collect();
        starts.sort_unstable();
        starts.into_iter().map(move |start| (number, start as u32 + 1))
    });
    let (line, column) = found.nth(nth)?;
    Some(Span {
        start_line: line,
        start_column: column,
        end_line: line,
        end_column: column + text.len() as u32 + 2,
    })
}
