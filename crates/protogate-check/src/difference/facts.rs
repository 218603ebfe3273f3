//! What a schema promises, fact by fact: one for each file, type, field, value, rpc, route, policy and error reason.
//!
//! A fact has parts, so that a difference can say which of them changed. Two schemas that promise the same have the same facts; comments
//! and places are no part of a promise, and options that nobody here reads are marked as such.

use protogate_schema::Schema;
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::{
    Cardinality, Element, Field, FileId, Kind, MessageId, MethodId, NumberRange, Syntax,
};
use protogate_schema::model::policy::{Policy, RateKey};
use serde::Serialize;

use super::options::Options;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "names are protobuf's own")]
pub enum Sort {
    File,
    Message,
    Enum,
    Service,
    Oneof,
    Field,
    Extension,
    Value,
    /// What a value of an error catalogue promises.
    Error,
    Rpc,
    /// An HTTP binding of an rpc.
    Route,
    /// Who may call an rpc, and within which limits.
    Policy,
}

impl Sort {
    /// Name as shown in texts.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Message => "message",
            Self::Enum => "enum",
            Self::Service => "service",
            Self::Oneof => "oneof",
            Self::Field => "field",
            Self::Extension => "extension",
            Self::Value => "value",
            Self::Error => "error",
            Self::Rpc => "rpc",
            Self::Route => "route",
            Self::Policy => "policy",
        }
    }

    /// Whether others are shown beneath it.
    #[must_use]
    pub fn is_owner(self) -> bool {
        matches!(self, Self::File | Self::Message | Self::Enum | Self::Service)
    }
}

/// A part of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is called, such as `json`; empty for what needs no name, such as a type.
    pub name: String,
    /// What it says.
    pub text: String,
    /// Clients or rules see it; comments and options that nothing here reads they do not.
    pub is_promise: bool,
    /// The text with renamed types under their new names.
    pub(super) same: String,
}

/// One thing that a schema promises.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is about.
    pub sort: Sort,
    /// Package of its file.
    pub package: String,
    /// Path of its file.
    pub path: String,
    /// Name inside the package of the type or service that it is shown beneath; the path for what is about a file.
    pub owner: String,
    /// Full name, with a route or `(access)` behind it where there are several facts of one element.
    pub name: String,
    /// Name beneath its owner, such as `2 rev`; empty for the owner itself.
    pub label: String,
    /// What it says.
    pub parts: Vec<Part>,
    /// Identity: equal in two schemas for what is the same, whatever it says.
    pub(super) key: String,
    pub(super) element: Element,
}

impl Fact {
    /// All parts on one line.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_of(|_| true)
    }

    /// The parts that the label does not say or imply: no numbers, and JSON names only where they were given.
    pub(super) fn brief(&self) -> String {
        self.text_of(|part| match part.name.as_str() {
            "=" => false,
            "json" => !part.same.is_empty(),
            _ => self.sort != Sort::Route || part.text != "route",
        })
    }

    fn text_of(&self, shows: impl Fn(&Part) -> bool) -> String {
        let parts = self.parts.iter().filter(|part| part.is_promise && shows(part)).map(|part| {
            if part.name.is_empty() { part.text.clone() } else { format!("{} {}", part.name, part.text) }
        });
        parts.filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// The facts of the target files, in the order of their names.
#[must_use]
pub fn facts(schema: &Schema) -> Vec<Fact> {
    let mut facts = Collector::new(schema, &str::to_owned, false).collect();
    facts.sort_by(|a, b| (&a.name, a.sort).cmp(&(&b.name, b.sort)));
    facts
}

/// Gathers facts; names of types in keys go through `rename`.
pub(super) struct Collector<'a> {
    schema: &'a Schema,
    rename: &'a dyn Fn(&str) -> String,
    with_comments: bool,
    options: Options<'a>,
    facts: Vec<Fact>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(schema: &'a Schema, rename: &'a dyn Fn(&str) -> String, with_comments: bool) -> Self {
        Self { schema, rename, with_comments, options: Options::new(schema), facts: Vec::new() }
    }

    pub(super) fn collect(mut self) -> Vec<Fact> {
        let schema = self.schema;
        let is_target = |file: FileId| !schema.file(file).is_import;
        for (id, _) in schema.files().filter(|(_, file)| !file.is_import) {
            self.file(id);
        }
        for (id, _) in schema.messages().filter(|(_, it)| is_target(it.place.file) && !it.is_map_entry) {
            self.message(id);
        }
        for (id, field) in
            schema.fields().filter(|(_, field)| field.is_extension() && is_target(field.place.file))
        {
            let extendee = field.extendee.as_deref().unwrap_or_default();
            let key = format!("extension {} {}", (self.rename)(extendee), field.number);
            let mut parts = vec![part("extension of", format!("{extendee}:"))];
            parts[0].same = (self.rename)(extendee);
            parts.extend(self.field_parts(field));
            let label = format!("{} ({extendee}) {}", field.number, field.full_name);
            self.add(Sort::Extension, key, Element::Field(id), (field.full_name.clone(), label), parts);
        }
        for (id, it) in schema.enums().filter(|(_, it)| is_target(it.place.file)) {
            let name = (self.rename)(&it.full_name);
            let mut parts = vec![part("", "enum".to_owned())];
            parts.extend(reserved(&it.reserved_ranges, &it.reserved_names));
            parts.extend(self.options.of("EnumOptions", &it.raw_options));
            let element = Element::Enum(id);
            self.add(
                Sort::Enum,
                format!("type {name}"),
                element,
                (it.full_name.clone(), String::new()),
                parts,
            );
            let mut numbers = Vec::new();
            for &value_id in &it.values {
                let value = schema.value(value_id);
                let nth = numbers.iter().filter(|&&it| it == value.number).count();
                numbers.push(value.number);
                let mut parts = vec![part("=", value.number.to_string())];
                parts.extend(self.options.of("EnumValueOptions", &value.raw_options));
                let label = format!("{} {}", value.number, value.name);
                let full = format!("{}.{}", it.full_name, value.name);
                let key = format!("value {name} {} {nth}", value.number);
                self.add(Sort::Value, key, Element::Value(value_id), (full, label), parts);
            }
        }
        for (id, it) in schema.services().filter(|(_, it)| is_target(it.file)) {
            let name = (self.rename)(&it.full_name);
            let mut parts = vec![part("", "service".to_owned())];
            parts.extend(self.options.of("ServiceOptions", &it.raw_options));
            let element = Element::Service(id);
            let names = (it.full_name.clone(), String::new());
            self.add(Sort::Service, format!("type {name}"), element, names, parts);
            for &method in &it.methods {
                self.method(&name, method);
            }
        }
        self.errors();
        self.facts
    }

    fn add(
        &mut self,
        sort: Sort,
        key: String,
        element: Element,
        (name, label): (String, String),
        mut parts: Vec<Part>,
    ) {
        let schema = self.schema;
        let file = schema.file(schema.file_of(element));
        if self.with_comments
            && !matches!(sort, Sort::Route | Sort::Policy | Sort::Error)
            && let Some(comments) = schema.comments(element)
        {
            let text = [comments.leading.trim(), comments.trailing.trim()].join("\n");
            if !text.trim().is_empty() {
                let text = text.trim().to_owned();
                parts.push(Part { is_promise: false, ..part("comment", text) });
            }
        }
        let owner = match element {
            Element::File(_) => file.path.clone(),
            Element::Field(id) if schema.field(id).is_extension() => file.path.clone(),
            Element::Field(id) => {
                let parent = schema.field(id).place.parent;
                parent.map_or_else(String::new, |id| schema.nested_name(Element::Message(id)))
            }
            Element::Oneof(id, _) => schema.nested_name(Element::Message(id)),
            Element::Value(id) => schema.nested_name(Element::Enum(schema.value(id).parent)),
            Element::Method(id) => schema.nested_name(Element::Service(schema.method(id).service)),
            other => schema.nested_name(other),
        };
        let (package, path) = (file.package.clone(), file.path.clone());
        self.facts.push(Fact { sort, package, path, owner, name, label, parts, key, element });
    }

    fn file(&mut self, id: FileId) {
        let file = self.schema.file(id);
        let package = if file.package.is_empty() { "no package".to_owned() } else { file.package.clone() };
        let mut parts = vec![part("", "file".to_owned())];
        parts.push(match &*file.package {
            "" => part("", package),
            _ => part("package", package),
        });
        let syntax = match file.syntax {
            Syntax::Proto2 => "proto2".to_owned(),
            Syntax::Proto3 => "proto3".to_owned(),
            Syntax::Edition(number) => format!("edition {number}"),
        };
        parts.push(part("syntax", syntax));
        parts.extend(self.options.of("FileOptions", &file.raw_options));
        let names = (file.path.clone(), String::new());
        self.add(Sort::File, format!("file {}", file.path), Element::File(id), names, parts);
    }

    fn message(&mut self, id: MessageId) {
        let schema = self.schema;
        let message = schema.message(id);
        let name = (self.rename)(&message.full_name);
        let mut parts = vec![part("", "message".to_owned())];
        parts.extend(reserved(&message.reserved_ranges, &message.reserved_names));
        if !message.extension_ranges.is_empty() {
            parts.push(part("extensions", ranges(&message.extension_ranges)));
        }
        parts.extend(self.options.of("MessageOptions", &message.raw_options));
        let names = (message.full_name.clone(), String::new());
        self.add(Sort::Message, format!("type {name}"), Element::Message(id), names, parts);
        for (index, oneof) in message.oneofs.iter().enumerate().filter(|(_, it)| !it.synthetic) {
            let options = self.options.of("OneofOptions", &oneof.raw_options);
            let element = Element::Oneof(id, index as u32);
            let names = (format!("{}.{}", message.full_name, oneof.name), format!("oneof {}", oneof.name));
            let mut parts = vec![part("", "oneof".to_owned())];
            parts.extend(options);
            self.add(Sort::Oneof, format!("oneof {name} {}", oneof.name), element, names, parts);
        }
        for &field_id in &message.fields {
            let field = schema.field(field_id);
            let parts = self.field_parts(field);
            let names = (field.full_name.clone(), format!("{} {}", field.number, field.name));
            let key = format!("field {name} {}", field.number);
            self.add(Sort::Field, key, Element::Field(field_id), names, parts);
        }
    }

    fn field_parts(&self, field: &Field) -> Vec<Part> {
        let schema = self.schema;
        let oneof = field
            .oneof
            .zip(field.place.parent)
            .and_then(|(index, parent)| schema.message(parent).oneofs.get(index as usize))
            .filter(|oneof| !oneof.synthetic);
        let label = match field.cardinality {
            Cardinality::Repeated => "repeated ",
            Cardinality::Map => "map of ",
            Cardinality::Required => "required ",
            Cardinality::Explicit
                if !matches!(field.kind, Kind::Message(_) | Kind::Group(_)) && oneof.is_none() =>
            {
                "optional "
            }
            Cardinality::Explicit | Cardinality::Implicit => "",
        };
        let kind = schema.kind_text(field);
        let mut parts = vec![part("", format!("{label}{kind}"))];
        let renamed: Vec<String> = kind.split(' ').map(|word| (self.rename)(word)).collect();
        parts[0].same = format!("{label}{}", renamed.join(" "));
        parts.push(part("=", field.number.to_string()));
        let mut json = part("json", field.json_name.clone());
        if field.has_derived_json_name() {
            // It follows the name, which says that it changed.
            json.same = String::new();
        }
        parts.push(json);
        parts.extend(oneof.map(|oneof| part("in oneof", oneof.name.clone())));
        parts.extend(field.default_value.as_ref().map(|text| part("default", format!("{text:?}"))));
        parts.extend(self.options.of("FieldOptions", &field.raw_options));
        parts
    }

    fn method(&mut self, service: &str, id: MethodId) {
        let schema = self.schema;
        let method = schema.method(id);
        let element = Element::Method(id);
        // A renamed rpc has the key of its new name.
        let renamed = (self.rename)(&method.full_name);
        let own = renamed.rsplit('.').next().unwrap_or(&method.name).to_owned();
        let mut parts = vec![part("rpc", schema.signature_text(id))];
        let stream = |streams: bool| if streams { "stream " } else { "" };
        parts[0].same = format!(
            "{}{} {}{}",
            stream(method.client_streaming),
            (self.rename)(&schema.message(method.input).full_name),
            stream(method.server_streaming),
            (self.rename)(&schema.message(method.output).full_name)
        );
        parts.extend(self.options.of("MethodOptions", &method.raw_options));
        let names = (method.full_name.clone(), method.name.clone());
        self.add(Sort::Rpc, format!("rpc {service} {own}"), element, names, parts);
        for binding in schema.bindings(id) {
            let body = match &binding.body {
                Body::None => None,
                Body::All => Some("*".to_owned()),
                Body::Field(field) => Some(field.clone()),
            };
            let route = format!("{} {}", binding.http_method, binding.template);
            let mut parts = vec![part("", "route".to_owned())];
            parts.extend(body.map(|body| part("body", body)));
            parts.extend(binding.response_body.map(|field| part("response body", field)));
            let names = (format!("{} {route}", method.full_name), format!("{} {route}", method.name));
            self.add(Sort::Route, format!("route {service} {own} {route}"), element, names, parts);
        }
        let names = (format!("{} (access)", method.full_name), format!("{} access", method.name));
        let parts = policy_parts(&schema.policy(id));
        self.add(Sort::Policy, format!("policy {service} {own}"), element, names, parts);
    }

    fn errors(&mut self) {
        let schema = self.schema;
        for catalog in schema.error_catalogs() {
            let enumeration = schema.enumeration(catalog.enumeration);
            if schema.file(enumeration.place.file).is_import {
                continue;
            }
            let owner = (self.rename)(&enumeration.full_name);
            for error in &catalog.errors {
                let mut parts = vec![part("error", error.code.clone()), part("", error.grpc_code.clone())];
                if error.http_status != 0 {
                    parts.push(part("http", error.http_status.to_string()));
                }
                if error.retryable {
                    parts.push(part("", "retryable".to_owned()));
                }
                parts.extend(error.retry_delay.map(|delay| part("retry after", format!("{delay:?}"))));
                for text in &error.texts {
                    let named = format!("text {}", text.locale);
                    parts.push(Part { is_promise: false, ..part(&named, format!("{:?}", text.text)) });
                }
                let names = (
                    format!("{}.{} (error)", enumeration.full_name, error.reason),
                    format!("{} error", error.reason),
                );
                let key = format!("error {owner} {}", error.reason);
                self.add(Sort::Error, key, Element::Value(error.value), names, parts);
            }
        }
    }
}

fn part(name: &str, text: String) -> Part {
    Part { name: name.to_owned(), same: text.clone(), text, is_promise: true }
}

fn policy_parts(policy: &Policy) -> Vec<Part> {
    let mut parts = vec![part("", policy.access.to_string())];
    parts.extend(policy.timeout.map(|it| part("timeout", format!("{it:?}"))));
    parts.extend(policy.rate_limit.map(|it| {
        let whose = match it.key {
            RateKey::Subject => "subject",
            RateKey::Peer => "peer",
            RateKey::All => "all callers",
        };
        part("rate", format!("{}/s burst {} per {whose}", it.per_second, it.burst))
    }));
    parts.extend(policy.audit.then(|| part("", "audited".to_owned())));
    parts
}

fn reserved(numbers: &[NumberRange], names: &[String]) -> Option<Part> {
    let mut numbers = numbers.to_vec();
    numbers.sort_by_key(|it| it.start);
    let mut names: Vec<String> = names.iter().map(|it| format!("{it:?}")).collect();
    names.sort_unstable();
    let all: Vec<String> = (!numbers.is_empty()).then(|| ranges(&numbers)).into_iter().chain(names).collect();
    (!all.is_empty()).then(|| part("reserved", all.join(", ")))
}

/// `2, 4 to 6, 100 to max`.
pub(crate) fn ranges(ranges: &[NumberRange]) -> String {
    let one = |it: &NumberRange| match it.end {
        end if end == it.start => end.to_string(),
        536_870_911 | i32::MAX => format!("{} to max", it.start),
        end => format!("{} to {end}", it.start),
    };
    ranges.iter().map(one).collect::<Vec<_>>().join(", ")
}
