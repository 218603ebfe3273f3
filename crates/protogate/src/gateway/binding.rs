//! The bindings of one rpc, resolved against its messages at start-up: where path variables go, what the content is, what the reply
//! is.
//!
//! The generator has validated all of this; a method table that does not fit its messages gives an error per call, never a panic.

use protogate_transcode::Template;

use super::condition::Place;
use super::resume::Resume;
use crate::json::{self, Field, Kind, Parameter, Shape, Table};
use crate::method::{self, MethodInfo};

/// Full name of the message that stands for raw content.
const HTTP_BODY: &str = "google.api.HttpBody";

/// One binding, ready for calls.
#[derive(Debug)]
pub(crate) struct Bound {
    /// One for each variable of the template, in its order.
    pub(crate) variables: Vec<Parameter>,
    pub(crate) content: Content,
    /// Position of the response field that is the reply.
    pub(crate) response: Option<usize>,
    /// The reply is the `data` of a `google.api.HttpBody`.
    pub(crate) raw_reply: bool,
    /// PATCH: position of the field mask that the keys of the content fill.
    pub(crate) mask: Option<usize>,
    /// Where the request names the version that it means: in itself, or in the field that is the content.
    pub(crate) etag: Option<Place>,
    /// Where the reply may have its version, the nearest first.
    pub(crate) reply_etags: Vec<Place>,
    /// How the stream can be resumed.
    pub(crate) resume: Option<Resume>,
}

/// What the content of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Not used.
    None,
    /// The whole request message, as JSON.
    Message,
    /// The field at this position, as JSON.
    Field(usize),
    /// The whole request message is a `google.api.HttpBody`.
    Raw,
    /// The field at this position is a `google.api.HttpBody`.
    RawField(usize),
}

/// What is wrong with a binding.
pub(crate) type Misfit = String;

/// Resolves all bindings of `method`, whose messages are of these kinds.
pub(crate) fn bind(method: &'static MethodInfo, request: Kind, response: Kind) -> Vec<Result<Bound, Misfit>> {
    let one = |binding: &'static method::Binding| {
        let resolved = resolve(binding, request, response).map_err(|problem| {
            format!("binding `{} {}` of `{}`: {problem}", binding.http_method, binding.template, method.path)
        });
        let resume = match (table_of(request), table_of(response)) {
            (Some(request), Some(message)) if method.server_streaming => Resume::new(request, message),
            _ => None,
        };
        resolved.map(|bound| Bound { resume, ..bound })
    };
    method.bindings.iter().map(one).collect()
}

fn table_of(kind: Kind) -> Option<&'static Table> {
    match kind {
        Kind::Message(table) => Some(table()),
        _ => None,
    }
}

fn is_raw(kind: Kind) -> bool {
    table_of(kind).is_some_and(|table| table.name == HTTP_BODY)
}

fn field_of(kind: Kind, name: &str) -> Result<(usize, &'static Field), Misfit> {
    let found = table_of(kind).and_then(|table| Some((table, table.find_proto(name)?)));
    let (table, index) = found.ok_or_else(|| format!("there is no field `{name}`"))?;
    Ok((index, &table.fields[index]))
}

fn resolve(binding: &'static method::Binding, request: Kind, response: Kind) -> Result<Bound, Misfit> {
    let template = Template::parse(binding.template).map_err(|error| error.to_string())?;
    let variable = |path: String| {
        let table = table_of(request).ok_or_else(|| format!("there is no field `{path}`"))?;
        json::resolve_proto(table, &path).map_err(|problem| format!("path variable `{path}`: {problem}"))
    };
    let variables = template.variables().iter().map(|it| variable(it.field_path.to_string()));
    let variables = variables.collect::<Result<Vec<_>, _>>()?;
    let content = match binding.body {
        method::Body::None => Content::None,
        method::Body::All if is_raw(request) => Content::Raw,
        method::Body::All => Content::Message,
        method::Body::Field(name) => match field_of(request, name)? {
            (index, field) if field.shape == Shape::One && is_raw(field.kind) => Content::RawField(index),
            (index, _) => Content::Field(index),
        },
    };
    let response_field = binding.response_body.map(|name| field_of(response, name)).transpose()?;
    let raw_reply = match response_field {
        Some((_, field)) => field.shape == Shape::One && is_raw(field.kind),
        None => is_raw(response),
    };
    Ok(Bound {
        variables,
        content,
        response: response_field.map(|(index, _)| index),
        raw_reply,
        mask: mask(binding, request, content),
        etag: request_etag(request, content),
        reply_etags: reply_etags(response, response_field.map(|(index, _)| index)),
        resume: None,
    })
}

fn request_etag(request: Kind, content: Content) -> Option<Place> {
    let table = table_of(request)?;
    let within = match content {
        Content::Field(index) => Place::within(table, index),
        Content::None | Content::Message | Content::Raw | Content::RawField(_) => None,
    };
    Place::top(table).or(within)
}

fn reply_etags(response: Kind, field: Option<usize>) -> Vec<Place> {
    let Some(table) = table_of(response) else { return Vec::new() };
    field.and_then(|index| Place::within(table, index)).into_iter().chain(Place::top(table)).collect()
}

/// The field mask to fill: PATCH, a content field of message type, and exactly one singular top-level mask.
fn mask(binding: &method::Binding, request: Kind, content: Content) -> Option<usize> {
    let Content::Field(body) = content else { return None };
    let table = table_of(request)?;
    let takes_mask = table.fields[body].shape == Shape::One && table_of(table.fields[body].kind).is_some();
    if binding.http_method != "PATCH" || !takes_mask {
        return None;
    }
    let is_mask = |field: &Field| field.shape == Shape::One && matches!(field.kind, Kind::FieldMask);
    let mut masks = (0..table.fields.len()).filter(|index| is_mask(&table.fields[*index]));
    let first = masks.next()?;
    masks.next().is_none().then_some(first)
}
