//! Path and query parameters: every field that the content does not hold, by the rules of the gateway.
//!
//! A name is the JSON names on the way to a field, joined by dots. Lists repeat their parameter. What text cannot stand for (maps,
//! dynamic values, lists of messages) is no parameter; a message that contains itself is followed once.

use protogate_schema::model::binding::Body;
use protogate_schema::model::element::{Cardinality, Element, Field, FieldId, Kind, MessageId};
use protogate_transcode::{Segment, Template};

use super::node::{Map, Node};
use super::path::PathKey;
use super::scalar::{Place, WellKnown, well_known};
use super::schema::{OUTPUT_ONLY, Schemas, behaves, is_required};
use super::text;

/// Most query parameters of one operation: as many as the gateway takes in a request.
const MOST: usize = 256;

/// The fields that a binding takes from the path: for each variable, the way to its field.
pub(super) fn bound(schemas: &Schemas<'_>, input: MessageId, template: &Template) -> Vec<Vec<FieldId>> {
    let schema = schemas.schema;
    let way = |parts: &[String]| {
        let mut message = Some(input);
        let mut way = Vec::new();
        for part in parts {
            let fields = message.map(|it| schema.message(it).fields.as_slice()).unwrap_or_default();
            let Some(&id) = fields.iter().find(|it| schema.field(**it).name == *part) else { break };
            way.push(id);
            message = match schema.field(id).kind {
                Kind::Message(inner) | Kind::Group(inner) => Some(inner),
                _ => None,
            };
        }
        way
    };
    template.variables().iter().map(|it| way(it.field_path.parts())).collect()
}

/// The JSON names of a way, joined by dots.
pub(super) fn name_of(schemas: &Schemas<'_>, way: &[FieldId]) -> String {
    way.iter().map(|it| schemas.schema.field(*it).json_name.as_str()).collect::<Vec<_>>().join(".")
}

/// One parameter for each wildcard of a template.
pub(super) fn in_path(
    schemas: &mut Schemas<'_>,
    template: &Template,
    bound: &[Vec<FieldId>],
    key: &PathKey,
) -> Vec<Node> {
    let mut names = key.names.iter();
    let mut parameters = Vec::new();
    for (at, segment) in template.segments().iter().enumerate() {
        if matches!(segment, Segment::Literal(_)) {
            continue;
        }
        let Some(name) = names.next() else { break };
        let variable = template.variables().iter().zip(bound).find(|(it, _)| it.segments.contains(&at));
        let field = variable.and_then(|(_, way)| way.last()).copied();
        let comment = field.and_then(|id| text::description(schemas.schema, Element::Field(id)));
        let many = *segment == Segment::DoubleWildcard;
        let whole = variable.is_some_and(|(it, _)| it.segments.len() == 1);
        let part = variable.filter(|_| !whole).map(|(it, way)| {
            format!(
                "Part of `{}`, which is `{}`.",
                name_of(schemas, way),
                pattern(template, it.segments.clone(), key)
            )
        });
        let slashes = many.then(|| {
            "May be empty or hold several segments. Their slashes are sent as they are: `%2F` is part of a segment.".to_owned()
        });
        let mut value = match field.filter(|_| whole) {
            Some(id) => schemas.field(schemas.schema.field(id), Place::Parameter),
            None => Map::new().with("type", "string"),
        };
        let is_text = matches!(value.get("type"), Some(Node::Text(it)) if it == "string");
        if is_text && !many && value.get("minLength").is_none() && value.get("const").is_none() {
            // No wildcard takes an empty segment.
            value.set("minLength", 1_i128);
        }
        parameters.push(
            Map::new()
                .with("name", name.clone())
                .with("in", "path")
                .with_some("description", text::paragraphs([part, comment, slashes]))
                .with("required", true)
                .with("schema", value)
                .into(),
        );
    }
    parameters
}

/// The segments of a variable with the names of the parameters in it.
fn pattern(template: &Template, range: std::ops::Range<usize>, key: &PathKey) -> String {
    let mut names = key.names.iter();
    let shown: Vec<String> = template
        .segments()
        .iter()
        .enumerate()
        .filter_map(|(at, segment)| {
            let text = match segment {
                Segment::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => format!("{{{}}}", names.next().map_or("", String::as_str)),
            };
            range.contains(&at).then_some(text)
        })
        .collect();
    shown.join("/").replace('`', "'")
}

/// The fields that are left to the query.
pub(super) fn in_query(
    schemas: &mut Schemas<'_>,
    input: MessageId,
    body: &Body,
    bound: &[Vec<FieldId>],
    fills_mask: bool,
) -> Vec<Node> {
    if *body == Body::All || well_known(&schemas.schema.message(input).full_name, Place::Parameter).is_some()
    {
        return Vec::new();
    }
    let mut walk = Walk { bound, fills_mask, on_way: vec![input], found: Vec::new() };
    let content = match body {
        Body::Field(name) => Some(name.as_str()),
        _ => None,
    };
    walk.message(schemas, input, &mut Vec::new(), true, content);
    walk.found
}

struct Walk<'a> {
    bound: &'a [Vec<FieldId>],
    fills_mask: bool,
    /// The messages around the field.
    on_way: Vec<MessageId>,
    found: Vec<Node>,
}

impl Walk<'_> {
    fn message(
        &mut self,
        schemas: &mut Schemas<'_>,
        message: MessageId,
        way: &mut Vec<FieldId>,
        required: bool,
        content: Option<&str>,
    ) {
        for &id in &schemas.schema.message(message).fields {
            let field = schemas.schema.field(id);
            if content == Some(field.name.as_str()) || behaves(field, OUTPUT_ONLY) {
                continue;
            }
            way.push(id);
            if !self.bound.iter().any(|it| it == way) {
                let required = required && is_required(field);
                self.field(schemas, field, way, required);
            }
            way.pop();
        }
    }

    fn field(&mut self, schemas: &mut Schemas<'_>, field: &Field, way: &mut Vec<FieldId>, required: bool) {
        let Kind::Message(inner) = field.kind else {
            if !matches!(field.kind, Kind::Group(_)) {
                self.parameter(schemas, field, way, required);
            }
            return;
        };
        match (field.cardinality, well_known(&schemas.schema.message(inner).full_name, Place::Parameter)) {
            (Cardinality::Map, _) | (_, Some(WellKnown::Inline(_) | WellKnown::Named(_))) => {}
            (_, Some(WellKnown::Scalar(_))) => self.parameter(schemas, field, way, required),
            (Cardinality::Repeated, None) => {}
            (_, None) if self.on_way.contains(&inner) => {}
            (_, None) => {
                self.on_way.push(inner);
                self.message(schemas, inner, way, required, None);
                self.on_way.pop();
            }
        }
    }

    fn parameter(&mut self, schemas: &mut Schemas<'_>, field: &Field, way: &[FieldId], required: bool) {
        if self.found.len() >= MOST {
            return;
        }
        let Some(&id) = way.last() else { return };
        let is_mask = matches!(field.kind, Kind::Message(id) if schemas.schema.message(id).full_name == "google.protobuf.FieldMask");
        let mask = (self.fills_mask && is_mask && way.len() == 1)
            .then(|| "Without it, the fields that the content has are changed.".to_owned());
        let comment = text::description(schemas.schema, Element::Field(id));
        let value = schemas.field(field, Place::Parameter);
        let mut parameter = Map::new()
            .with("name", name_of(schemas, way))
            .with("in", "query")
            .with_some("description", text::paragraphs([comment, mask.clone()]));
        if required && mask.is_none() {
            parameter.set("required", true);
        }
        if field.options.as_ref().is_some_and(|it| it.deprecated.unwrap_or(false)) {
            parameter.set("deprecated", true);
        }
        if field.cardinality == Cardinality::Repeated {
            parameter = parameter.with("style", "form").with("explode", true);
        }
        self.found.push(parameter.with("schema", value).into());
    }
}
