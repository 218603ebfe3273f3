//! Messages and enums as schemas: what ProtoJSON makes of them, under their full names.
//!
//! Only what an operation reaches gets a component. An object is closed, because the server refuses fields that the contract does not
//! have and sends none.

use std::collections::{BTreeMap, HashSet};

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Element, EnumId, Field, FieldId, Kind, MessageId};
use protogate_schema::model::validation::{MessageRules, ValueRules, oneof_required};

use super::constraint::{self, Subject};
use super::node::{Map, Node};
use super::scalar::{self, Place, WellKnown};
use super::text;

/// `google.api.FieldBehavior`.
pub(super) const REQUIRED: i32 = 2;
pub(super) const OUTPUT_ONLY: i32 = 3;
const INPUT_ONLY: i32 = 4;
const IMMUTABLE: i32 = 5;

/// The components that are needed so far.
pub(super) struct Schemas<'s> {
    pub(super) schema: &'s Schema,
    components: BTreeMap<String, Node>,
    known: HashSet<String>,
    open: Vec<Element>,
}

/// A reference to a component.
pub(super) fn reference(name: &str) -> Map {
    Map::new().with("$ref", format!("#/components/schemas/{name}"))
}

impl<'s> Schemas<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        Self { schema, components: BTreeMap::new(), known: HashSet::new(), open: Vec::new() }
    }

    /// Adds a component that is no element of the contract, or stands for one.
    pub(super) fn define(&mut self, name: &str, node: Map) {
        if self.known.insert(name.to_owned()) {
            self.components.insert(name.to_owned(), node.into());
        }
    }

    /// All components, by name, those included that other components need.
    pub(super) fn finish(mut self) -> Map {
        while let Some(element) = self.open.pop() {
            let (name, node) = match element {
                Element::Message(id) => {
                    (self.schema.message(id).full_name.clone(), self.object(id, &[], false))
                }
                Element::Enum(id) => (self.schema.enumeration(id).full_name.clone(), self.names(id)),
                _ => continue,
            };
            self.components.insert(name, node.into());
        }
        self.components.into_iter().collect()
    }

    /// A message where it is used.
    pub(super) fn message(&mut self, id: MessageId, place: Place) -> Map {
        let name = &self.schema.message(id).full_name;
        match scalar::well_known(name, place) {
            Some(WellKnown::Scalar(map) | WellKnown::Inline(map)) => map,
            Some(WellKnown::Named(map)) => {
                self.define(name, map);
                reference(name)
            }
            None => {
                if self.known.insert(name.clone()) {
                    self.open.push(Element::Message(id));
                }
                reference(name)
            }
        }
    }

    fn enumeration(&mut self, id: EnumId) -> Map {
        let name = &self.schema.enumeration(id).full_name;
        if name == "google.protobuf.NullValue" {
            return Map::new().with("type", "null");
        }
        if self.known.insert(name.clone()) {
            self.open.push(Element::Enum(id));
        }
        reference(name)
    }

    /// A value of a field, one of many or the only one.
    fn value(&mut self, kind: Kind, place: Place) -> Map {
        match kind {
            Kind::Enum(id)
                if place == Place::Parameter
                    && self.schema.enumeration(id).full_name == "google.protobuf.NullValue" =>
            {
                Map::new().with("type", "string").with("enum", vec!["NULL_VALUE"])
            }
            Kind::Enum(id) => self.enumeration(id),
            Kind::Message(id) | Kind::Group(id) => self.message(id, place),
            other => scalar::of_kind(other, place).unwrap_or_default(),
        }
    }

    fn value_with(&mut self, kind: Kind, place: Place, implicit: bool, rules: Option<&ValueRules>) -> Map {
        let mut map = self.value(kind, place);
        if let Some(rules) = rules {
            let schema = self.schema;
            let name = |number: i128| match kind {
                Kind::Enum(id) => schema
                    .enumeration(id)
                    .values
                    .iter()
                    .map(|it| schema.value(*it))
                    .find(|it| i128::from(it.number) == number)
                    .map(|it| it.name.clone()),
                _ => None,
            };
            let subject = Subject { kind: unwrapped(schema, kind), place, implicit, enum_name: &name };
            if rules.is_set("finite") {
                map = map.without(&["anyOf"]);
            }
            constraint::apply(rules, &subject, &mut map);
        }
        map
    }

    /// The schema of a field without its comment: its value, list or map, with the rules for it.
    pub(super) fn field(&mut self, field: &Field, place: Place) -> Map {
        let rules = ValueRules::of_field(&field.raw_options);
        let rules = rules.as_ref();
        match (field.cardinality, field.kind) {
            (Cardinality::Map, Kind::Message(entry)) => {
                let entry = self.schema.message(entry);
                let part = |number: i32| {
                    entry.fields.iter().map(|it| self.schema.field(*it)).find(|it| it.number == number)
                };
                let (key, value) = (part(1).map(|it| it.kind), part(2).map(|it| it.kind));
                let value = value
                    .map(|it| self.value_with(it, place, false, rules.and_then(|it| it.values.as_deref())));
                let mut names = key.map(map_key).unwrap_or_default();
                if let (Some(rules), Some(kind @ Kind::String)) =
                    (rules.and_then(|it| it.keys.as_deref()), key)
                {
                    let none = |_: i128| None;
                    let subject = Subject { kind, place, implicit: false, enum_name: &none };
                    constraint::apply(rules, &subject, &mut names);
                }
                let mut map = Map::new().with("type", "object");
                if !names.is_empty() {
                    map.set("propertyNames", names);
                }
                map.set("additionalProperties", value.map_or(Node::Bool(true), Node::from));
                if let Some(rules) = rules {
                    constraint::apply_to_many(rules, true, &mut map);
                }
                map
            }
            (Cardinality::Repeated, kind) => {
                let items = self.value_with(kind, place, false, rules.and_then(|it| it.items.as_deref()));
                let mut map = Map::new().with("type", "array").with("items", items);
                if let Some(rules) = rules {
                    constraint::apply_to_many(rules, true, &mut map);
                }
                map
            }
            (cardinality, kind) => self.value_with(kind, place, cardinality == Cardinality::Implicit, rules),
        }
    }

    /// A field as a property: schema, comment, and what its options say.
    fn property(&mut self, id: FieldId) -> Map {
        let field = self.schema.field(id);
        let mut map = Map::new().with_some("description", text::description(self.schema, Element::Field(id)));
        map.extend(self.field(field, Place::Json));
        mark(field, &mut map);
        map
    }

    /// A message as an object, without what a path gives: each of `bound` is a field path from the message on. A `partial` one needs
    /// no field.
    pub(super) fn object(&mut self, id: MessageId, bound: &[&[FieldId]], partial: bool) -> Map {
        let schema = self.schema;
        let message = schema.message(id);
        let mut properties = Map::new();
        let mut required = Vec::new();
        let given = |field: FieldId| bound.iter().any(|path| *path == [field]);
        let kept = |field: &FieldId| !given(*field);
        for &field_id in message.fields.iter().filter(|it| kept(it)) {
            let field = schema.field(field_id);
            let inner: Vec<&[FieldId]> =
                bound.iter().filter(|path| path.first() == Some(&field_id)).map(|path| &path[1..]).collect();
            let property = match field.kind {
                Kind::Message(message) if !inner.is_empty() => Map::new()
                    .with_some("description", text::description(schema, Element::Field(field_id)))
                    .tap(|map| map.extend(self.object(message, &inner, partial))),
                _ => self.property(field_id),
            };
            properties.set(field.json_name.clone(), property);
            if !partial && is_required(field) {
                required.push(field.json_name.as_str());
            }
        }
        let mut map = Map::new()
            .with("title", message.name.clone())
            .with_some("description", text::description(schema, Element::Message(id)))
            .with("type", "object")
            .with("properties", properties);
        if !required.is_empty() {
            map.set("required", required);
        }
        map.set("additionalProperties", false);
        let groups = self.groups(id, &given);
        if !groups.is_empty() {
            map.set("allOf", groups);
        }
        if message.options.deprecated.unwrap_or(false) {
            map.set("deprecated", true);
        }
        if let Some(rules) = MessageRules::of_message(&message.raw_options) {
            constraint::expressions(&rules.expressions, &mut map);
        }
        map
    }

    /// One schema for each set of fields of which at most one may be there. A oneof with a member in the path has had its one.
    fn groups(&self, id: MessageId, given: &dyn Fn(FieldId) -> bool) -> Vec<Node> {
        let schema = self.schema;
        let message = schema.message(id);
        let oneofs = message
            .oneofs
            .iter()
            .filter(|it| !it.synthetic)
            .map(|it| (it.fields.clone(), oneof_required(&it.raw_options)));
        let rules = MessageRules::of_message(&message.raw_options).unwrap_or_default();
        let groups = rules.groups.iter().map(|group| {
            let named = |id: &&FieldId| group.fields.contains(&schema.field(**id).name);
            (message.fields.iter().filter(named).copied().collect(), group.required)
        });
        let sets: Vec<(Vec<FieldId>, bool)> = oneofs.chain(groups).collect();
        sets.into_iter()
            .filter(|(fields, _)| !fields.iter().any(|it| given(*it)))
            .filter(|(fields, required)| fields.len() > 1 || (*required && !fields.is_empty()))
            .map(|(fields, required)| {
                let one = |id: &FieldId| {
                    Node::from(Map::new().with("required", vec![schema.field(*id).json_name.as_str()]))
                };
                let mut choices: Vec<Node> = fields.iter().map(one).collect();
                if !required {
                    let any = Map::new().with("anyOf", choices.clone());
                    choices.push(Map::new().with("not", any).into());
                }
                Map::new().with("oneOf", choices).into()
            })
            .collect()
    }

    /// An enum: the names of its values, and what each means.
    fn names(&self, id: EnumId) -> Map {
        let enumeration = self.schema.enumeration(id);
        let mut names = Vec::new();
        let mut meanings = Vec::new();
        for &value in &enumeration.values {
            let name = &self.schema.value(value).name;
            names.push(name.as_str());
            if let Some(text) = text::description(self.schema, Element::Value(value)) {
                meanings.push(format!("- `{name}`: {}", text.replace('\n', " ")));
            }
        }
        let own = text::description(self.schema, Element::Enum(id));
        let meanings = (!meanings.is_empty()).then(|| meanings.join("\n"));
        let mut map = Map::new()
            .with("title", enumeration.name.clone())
            .with_some("description", text::paragraphs([own, meanings]))
            .with("type", "string")
            .with("enum", names);
        if enumeration.options.deprecated.unwrap_or(false) {
            map.set("deprecated", true);
        }
        map
    }
}

impl Map {
    fn tap(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// Whether a request has to give a field.
pub(super) fn is_required(field: &Field) -> bool {
    let behavior = field.options.as_ref().is_some_and(|it| it.field_behavior.contains(&REQUIRED));
    let rules = || ValueRules::of_field(&field.raw_options).is_some_and(|it| it.required);
    behavior || field.cardinality == Cardinality::Required || rules()
}

/// Whether an option `google.api.field_behavior` is there.
pub(super) fn behaves(field: &Field, behavior: i32) -> bool {
    field.options.as_ref().is_some_and(|it| it.field_behavior.contains(&behavior))
}

fn mark(field: &Field, map: &mut Map) {
    if field.options.as_ref().is_some_and(|it| it.deprecated.unwrap_or(false)) {
        map.set("deprecated", true);
    }
    if behaves(field, OUTPUT_ONLY) {
        map.set("readOnly", true);
    }
    if behaves(field, INPUT_ONLY) {
        map.set("writeOnly", true);
    }
    if behaves(field, IMMUTABLE) {
        map.set("x-protogate-immutable", true);
    }
    if field.is_sensitive() {
        map.set("x-protogate-sensitive", true);
        if field.kind == Kind::String && !field.is_list_or_map() && map.get("format").is_none() {
            map.set("format", "password");
        }
    }
}

/// The scalar that a wrapper holds, for the rules on it.
fn unwrapped(schema: &Schema, kind: Kind) -> Kind {
    let Kind::Message(id) = kind else { return kind };
    match schema.message(id).full_name.as_str() {
        "google.protobuf.DoubleValue" => Kind::Double,
        "google.protobuf.FloatValue" => Kind::Float,
        "google.protobuf.Int64Value" => Kind::Int64,
        "google.protobuf.UInt64Value" => Kind::Uint64,
        "google.protobuf.Int32Value" => Kind::Int32,
        "google.protobuf.UInt32Value" => Kind::Uint32,
        "google.protobuf.BoolValue" => Kind::Bool,
        "google.protobuf.StringValue" => Kind::String,
        "google.protobuf.BytesValue" => Kind::Bytes,
        _ => kind,
    }
}

/// What the keys of an object may be; empty for texts.
fn map_key(kind: Kind) -> Map {
    match kind {
        Kind::String => Map::new(),
        Kind::Bool => Map::new().with("enum", vec!["true", "false"]),
        Kind::Uint32 | Kind::Fixed32 | Kind::Uint64 | Kind::Fixed64 => {
            Map::new().with("pattern", "^(?:0|[1-9][0-9]*)$")
        }
        _ => Map::new().with("pattern", "^(?:0|-?[1-9][0-9]*)$"),
    }
}
