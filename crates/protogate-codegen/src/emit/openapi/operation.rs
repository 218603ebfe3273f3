//! One binding of one rpc as an operation: what it is called, what it takes, what it answers, who may call.

use protogate_schema::model::binding::{Binding, Body};
use protogate_schema::model::element::{Cardinality, Element, Field, FieldId, Kind, MessageId, MethodId};
use protogate_schema::model::policy::Access;
use protogate_transcode::Template;

use super::error::{Errors, Given, STATUS};
use super::node::{Map, Node};
use super::parameter;
use super::path::PathKey;
use super::scalar::Place;
use super::schema::{Schemas, reference};
use super::{security, text};
use crate::plan::{PackagePlan, Plan};

/// The message that stands for raw content.
const HTTP_BODY: &str = "google.api.HttpBody";

/// A binding with what is known of it.
pub(super) struct Bound<'a> {
    pub(super) package: &'a PackagePlan,
    pub(super) method: MethodId,
    pub(super) binding: &'a Binding,
    pub(super) template: &'a Template,
    pub(super) key: &'a PathKey,
    /// For each variable, the way to its field.
    pub(super) ways: &'a [Vec<FieldId>],
    pub(super) id: String,
    pub(super) tag: String,
}

pub(super) fn emit(
    plan: &Plan<'_>,
    schemas: &mut Schemas<'_>,
    errors: &mut Errors,
    bound: &Bound<'_>,
) -> Map {
    let schema = plan.schema;
    let method = schema.method(bound.method);
    let service = schema.service(method.service);
    let policy = schema.policy(bound.method);
    let comment = text::description(schema, Element::Method(bound.method));
    let summary = comment.as_deref().map(text::summary).filter(|it| !it.is_empty());
    let rest = comment.filter(|it| summary.as_deref() != Some(it.trim_end_matches('.')));
    let mask = fills_mask(schemas, bound);
    let mut parameters = parameter::in_path(schemas, bound.template, bound.ways, bound.key);
    parameters.extend(parameter::in_query(schemas, method.input, &bound.binding.body, bound.ways, mask));
    let content = request(schemas, bound, mask);
    let given = Given { public: policy.access == Access::Public, content: content.is_some() };
    let mut responses = Map::new().with("200", success(schemas, bound));
    responses.extend(errors.of(plan, bound.package, given));
    let mut map = Map::new()
        .with("tags", vec![bound.tag.clone()])
        .with("summary", summary.unwrap_or_else(|| method.name.clone()))
        .with_some("description", text::paragraphs([rest, Some(security::description(&policy))]))
        .with("operationId", bound.id.clone());
    if !parameters.is_empty() {
        map.set("parameters", parameters);
    }
    let mut map = map.with_some("requestBody", content).with("responses", responses);
    if method.options.deprecated.unwrap_or(false) || service.options.deprecated.unwrap_or(false) {
        map.set("deprecated", true);
    }
    map.set("security", Node::List(security::requirement(&policy.access)));
    map.set("x-protogate-rpc", format!("{}/{}", service.full_name, method.name));
    map.set("x-protogate-template", bound.binding.template.clone());
    map.extend(security::facts(&policy));
    map
}

fn field_of<'s>(schemas: &Schemas<'s>, message: MessageId, name: &str) -> Option<(FieldId, &'s Field)> {
    let schema = schemas.schema;
    let fields = schema.message(message).fields.iter().map(|it| (*it, schema.field(*it)));
    fields.into_iter().find(|(_, it)| it.name == name)
}

fn is_raw(schemas: &Schemas<'_>, message: MessageId) -> bool {
    schemas.schema.message(message).full_name == HTTP_BODY
}

/// The message that a field holds one of.
fn one_message(field: &Field) -> Option<MessageId> {
    match (field.cardinality, field.kind) {
        (Cardinality::Repeated | Cardinality::Map, _) => None,
        (_, Kind::Message(id) | Kind::Group(id)) => Some(id),
        _ => None,
    }
}

/// Whether the keys of the content fill a field mask: PATCH, content that is a message, and one mask.
fn fills_mask(schemas: &Schemas<'_>, bound: &Bound<'_>) -> bool {
    let Body::Field(name) = &bound.binding.body else { return false };
    let input = schemas.schema.method(bound.method).input;
    let fields = schemas.schema.message(input).fields.iter().map(|it| schemas.schema.field(*it));
    let masks = fields
        .filter_map(one_message)
        .filter(|it| schemas.schema.message(*it).full_name == "google.protobuf.FieldMask");
    let is_message = field_of(schemas, input, name).is_some_and(|(_, it)| one_message(it).is_some());
    bound.binding.http_method == "PATCH" && is_message && masks.count() == 1
}

/// The content of the request; `None` if it is not read.
fn request(schemas: &mut Schemas<'_>, bound: &Bound<'_>, partial: bool) -> Option<Map> {
    let method = schemas.schema.method(bound.method);
    let raw = || Map::new().with("content", Map::new().with("*/*", Map::new()));
    let (value, required) = match &bound.binding.body {
        Body::None => return None,
        Body::All if is_raw(schemas, method.input) => return Some(raw()),
        Body::All => {
            let ways: Vec<&[FieldId]> = bound.ways.iter().map(Vec::as_slice).collect();
            let needs = needs_fields(schemas, method.input, &ways);
            (message(schemas, method.input, &ways, false), needs)
        }
        Body::Field(name) => {
            let (id, field) = field_of(schemas, method.input, name)?;
            let ways: Vec<&[FieldId]> = bound
                .ways
                .iter()
                .filter(|it| it.first() == Some(&id) && it.len() > 1)
                .map(|it| &it[1..])
                .collect();
            let needs = super::schema::is_required(field);
            match one_message(field) {
                Some(inner) if is_raw(schemas, inner) => return Some(raw()),
                Some(inner) => (message(schemas, inner, &ways, partial), needs),
                None => (schemas.field(field, Place::Json), needs),
            }
        }
    };
    let stream = method
        .client_streaming
        .then(|| "A sequence of JSON values, one for each message, separated by white space.".to_owned());
    let mut map = Map::new().with_some("description", stream);
    if required {
        map.set("required", true);
    }
    map.set("content", Map::new().with("application/json", Map::new().with("schema", value)));
    Some(map)
}

/// Whether the content has to name a field.
fn needs_fields(schemas: &Schemas<'_>, message: MessageId, ways: &[&[FieldId]]) -> bool {
    let mut fields = schemas.schema.message(message).fields.iter();
    fields.any(|it| {
        let in_path = ways.iter().any(|way| way.first() == Some(it));
        !in_path && super::schema::is_required(schemas.schema.field(*it))
    })
}

/// A message as content, without what the path gives.
fn message(schemas: &mut Schemas<'_>, id: MessageId, ways: &[&[FieldId]], partial: bool) -> Map {
    let known = super::scalar::well_known(&schemas.schema.message(id).full_name, Place::Json).is_some();
    let whole = ways.is_empty() && !(partial && needs_fields(schemas, id, &[]));
    if known || whole { schemas.message(id, Place::Json) } else { schemas.object(id, ways, partial) }
}

/// The answer of a call that did what was asked.
fn success(schemas: &mut Schemas<'_>, bound: &Bound<'_>) -> Map {
    let method = schemas.schema.method(bound.method);
    let field = bound.binding.response_body.as_ref().and_then(|it| field_of(schemas, method.output, it));
    let reply = field.map_or(Some(method.output), |(_, it)| one_message(it));
    let description = match (field, reply) {
        (Some((id, _)), _) => text::description(schemas.schema, Element::Field(id)),
        (None, Some(id)) => text::description(schemas.schema, Element::Message(id)),
        (None, None) => None,
    };
    let description = description.unwrap_or_else(|| "The answer.".to_owned());
    if reply.is_some_and(|it| is_raw(schemas, it)) {
        let content = Map::new().with("*/*", Map::new());
        return Map::new().with("description", description).with("content", content);
    }
    let value = match (field, reply) {
        // Without a value the content is `null`, where absence can be seen.
        (Some((_, field)), _) => {
            let value = schemas.field(field, Place::Json);
            match field.cardinality {
                Cardinality::Explicit => {
                    Map::new().with("anyOf", vec![value, Map::new().with("type", "null")])
                }
                _ => value,
            }
        }
        (None, Some(id)) => schemas.message(id, Place::Json),
        (None, None) => Map::new(),
    };
    let (description, content) = if method.server_streaming {
        stream(&description, value)
    } else {
        (description, Map::new().with("application/json", Map::new().with("schema", value)))
    };
    Map::new().with("description", description).with("content", content)
}

/// A stream of values in its two forms. OpenAPI 3.1 has no word for a part of a stream: the schema is that of one line.
fn stream(description: &str, value: Map) -> (String, Map) {
    let note = "A stream: with `application/x-ndjson` one line for each message, `{\"result\": …}`, and `{\"error\": …}` as the last \
                one when it fails; with `Accept: text/event-stream` one event for each message, `stream-error` when it fails and \
                `stream-end` at its end.";
    let only = |name: &str| Node::from(Map::new().with("required", vec![name]));
    let line = Map::new()
        .with("description", "One line.")
        .with("type", "object")
        .with("properties", Map::new().with("result", value).with("error", reference(STATUS)))
        .with("additionalProperties", false)
        .with("oneOf", vec![only("result"), only("error")]);
    let events = Map::new()
        .with("description", "Server-sent events; `data` is a message in JSON.")
        .with("type", "string");
    let content = Map::new()
        .with("application/x-ndjson", Map::new().with("schema", line))
        .with("text/event-stream", Map::new().with("schema", events));
    (format!("{description}\n\n{note}"), content)
}
