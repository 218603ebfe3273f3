//! HTTP bindings, validated so that the server never meets a faulty one.
//!
//! The rules are those of `google/api/http.proto`. What it forbids and what a server cannot route is an error; what is merely odd is
//! a warning, because published APIs contain every such oddity, and no error. Each message names the rpc and the binding. Path
//! grammar and shapes are those of `protogate-transcode`, which the server uses too.

use std::collections::HashMap;

use protogate_schema::error::Related;
use protogate_schema::model::binding::{Binding, Body};
use protogate_schema::model::element::{Element, Field, FieldId, Kind, MessageId, MethodId};
use protogate_schema::{Diagnostic, Schema};
use protogate_transcode::{Segment, Shape, Template};

use super::{Sink, at, reach};

/// Number of `google.api.http` in `MethodOptions`.
const HTTP: i32 = 72_295_728;

/// Messages of `google.protobuf` whose JSON is one scalar.
const SCALAR_MESSAGES: &[&str] = &[
    "Timestamp",
    "Duration",
    "FieldMask",
    "DoubleValue",
    "FloatValue",
    "Int64Value",
    "UInt64Value",
    "Int32Value",
    "UInt32Value",
    "BoolValue",
    "StringValue",
    "BytesValue",
];

/// The rpcs that are generated, in schema order.
pub(crate) fn methods(schema: &Schema) -> impl Iterator<Item = MethodId> + '_ {
    schema
        .files()
        .filter(|(_, file)| reach::is_generated_whole(file))
        .flat_map(|(_, file)| &file.services)
        .flat_map(|&id| schema.service(id).methods.iter().copied())
}

pub(super) fn check(schema: &Schema, sink: &mut Sink) {
    let mut shapes: HashMap<(String, Shape), (MethodId, Binding)> = HashMap::new();
    let grpc: HashMap<String, MethodId> = methods(schema).map(|id| (grpc_path(schema, id), id)).collect();
    for id in methods(schema) {
        for binding in schema.bindings(id) {
            let context = Context { schema, method: id, binding: &binding };
            let Some(template) = context.check(sink) else { continue };
            if let Some(other) = literal_path(&template).and_then(|path| grpc.get(&path)) {
                let name = &schema.method(*other).full_name;
                sink.push(
                    context
                        .fault(format!("the path is that of the gRPC method `{name}`"), "use another path"),
                );
            }
            let key = (binding.http_method.clone(), template.shape());
            if let Some((first, other)) = shapes.get(&key) {
                sink.push(context.conflict(*first, other));
            } else {
                shapes.insert(key, (id, binding));
            }
        }
    }
}

/// What is odd about the bindings of a schema, though it works: for `cargo::warning` lines and the command line.
#[must_use]
pub fn http_warnings(schema: &Schema) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for id in methods(schema) {
        for binding in schema.bindings(id) {
            let context = Context { schema, method: id, binding: &binding };
            let verb = binding.http_method.as_str();
            let has_body = binding.body != Body::None;
            match verb {
                "GET" | "DELETE" | "HEAD" if has_body => {
                    warnings.push(context.fault(
                        format!("`{verb}` with a body, which many clients and proxies drop"),
                        "remove `body`, or use `post`",
                    ));
                }
                "POST" | "PUT" | "PATCH" if !has_body => {
                    warnings.push(context.fault(
                        format!("`{verb}` without a body: every field comes from path and query"),
                        "write `body: \"*\"` if the request has content",
                    ));
                }
                _ => {}
            }
            if schema.method(id).server_streaming && !matches!(verb, "GET" | "POST") {
                warnings.push(
                    context
                        .fault(format!("a server stream is bound to `{verb}`"), "bind it to `get` or `post`"),
                );
            }
            if let Ok(template) = Template::parse(&binding.template)
                && let Some(Segment::Literal(last)) = template.segments().last()
                && last.iter().any(u8::is_ascii_alphabetic)
                && !last.iter().any(u8::is_ascii_lowercase)
            {
                warnings.push(
                    context.fault("the path ends in upper case", "paths are case-sensitive; use lower case"),
                );
            }
        }
    }
    warnings
}

fn grpc_path(schema: &Schema, id: MethodId) -> String {
    let method = schema.method(id);
    format!("/{}/{}", schema.service(method.service).full_name, method.name)
}

/// The one path that a template without wildcards takes.
fn literal_path(template: &Template) -> Option<String> {
    let mut path = String::new();
    for segment in template.segments() {
        let Segment::Literal(bytes) = segment else { return None };
        path.push('/');
        path.push_str(&String::from_utf8_lossy(bytes));
    }
    template.verb().is_none().then_some(path)
}

/// One binding under examination.
struct Context<'a> {
    schema: &'a Schema,
    method: MethodId,
    binding: &'a Binding,
}

impl Context<'_> {
    /// All faults of the binding itself; the template if it parses.
    fn check(&self, sink: &mut Sink) -> Option<Template> {
        let binding = self.binding;
        let method = self.schema.method(self.method);
        if binding.nested {
            sink.push(self.fault(
                "`additional_bindings` inside `additional_bindings`",
                "list all of them in the first rule",
            ));
        }
        self.check_bodies(sink);
        if binding.http_method.is_empty() {
            sink.push(self.fault(
                "no pattern is given",
                "write one of `get`, `put`, `post`, `delete`, `patch`, or `custom` with `kind` and `path`",
            ));
            return None;
        }
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if !binding.http_method.chars().all(token) {
            let kind = binding.http_method.escape_debug();
            sink.push(self.fault(
                format!("`{kind}` is no HTTP method"),
                "a method is a token such as `HEAD`, or `*` for all",
            ));
        }
        if binding.template.is_empty() {
            sink.push(self.fault("the path is empty", "a path starts with `/`"));
            return None;
        }
        let template = match Template::parse(&binding.template) {
            Ok(template) => template,
            Err(error) => {
                let path = binding.template.escape_debug();
                sink.push(self.fault(format!("`{path}`: {error}"), "correct the path template"));
                return None;
            }
        };
        self.check_literals(&template, sink);
        self.check_variables(&template, sink);
        if method.client_streaming && (!template.variables().is_empty() || binding.body != Body::All) {
            sink.push(self.fault(
                "a client stream takes its messages from the body, so it has no path variables and `body` is `*`",
                "write `body: \"*\"` and a path without variables, or leave the annotation out",
            ));
        }
        Some(template)
    }

    fn check_bodies(&self, sink: &mut Sink) {
        let method = self.schema.method(self.method);
        if let Body::Field(name) = &self.binding.body
            && self.field(method.input, name).is_none()
        {
            sink.push(self.no_field("body", name, method.input));
        }
        if let Some(name) = &self.binding.response_body
            && self.field(method.output, name).is_none()
        {
            sink.push(self.no_field("response_body", name, method.output));
        }
    }

    fn no_field(&self, what: &str, name: &str, message: MessageId) -> Diagnostic {
        let message = &self.schema.message(message).full_name;
        self.fault(
            format!("`{what}` is `{}`, which is no field of `{message}`", name.escape_debug()),
            "name a field of the message itself, in its proto spelling",
        )
    }

    fn check_literals(&self, template: &Template, sink: &mut Sink) {
        let literals = template.segments().iter().filter_map(|it| match it {
            Segment::Literal(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        for literal in literals.chain(template.verb()) {
            let text = String::from_utf8_lossy(literal);
            if text == "." || text == ".." {
                sink.push(self.fault(
                    format!("the segment `{text}` is removed by clients before they send the path"),
                    "use another segment",
                ));
            } else if literal.iter().any(u8::is_ascii_control) {
                sink.push(self.fault(
                    format!("the segment `{}` has a control character", text.escape_debug()),
                    "remove it",
                ));
            }
        }
    }

    fn check_variables(&self, template: &Template, sink: &mut Sink) {
        if let Some(path) = template.repeated_field_path() {
            sink.push(self.fault(format!("the path captures `{path}` twice"), "capture a field once"));
        }
        for variable in template.variables() {
            let path = &variable.field_path;
            if let Err(reason) = self.check_variable(path.parts()) {
                sink.push(self.fault(
                    format!("path variable `{path}`: {reason}"),
                    "a variable names a field with one scalar value, in proto spelling",
                ));
            } else if matches!(&self.binding.body, Body::Field(body) if path.parts() == [body.as_str()]) {
                sink.push(self.fault(
                    format!("`{path}` is both a path variable and the body"),
                    "take the field from one of the two",
                ));
            }
        }
    }

    fn check_variable(&self, parts: &[String]) -> Result<(), String> {
        let mut message = self.schema.method(self.method).input;
        for (index, name) in parts.iter().enumerate() {
            let in_message = &self.schema.message(message).full_name;
            let Some(id) = self.field(message, name) else {
                return Err(format!("`{in_message}` has no field `{name}`{}", self.spelling(message, name)));
            };
            let field = self.schema.field(id);
            if field.is_list_or_map() {
                return Err(format!("`{name}` of `{in_message}` is repeated or a map"));
            }
            let last = index + 1 == parts.len();
            match (last, inner(field)) {
                (true, None) => {}
                (true, Some(id)) if self.is_scalar_message(id) => {}
                (true, Some(id)) => {
                    let name = &self.schema.message(id).full_name;
                    return Err(format!("it ends at a message, `{name}`"));
                }
                (false, Some(id)) if !self.is_well_known(id) => message = id,
                (false, _) => {
                    return Err(format!("`{name}` of `{in_message}` has no fields that a path can name"));
                }
            }
        }
        Ok(())
    }

    fn is_well_known(&self, id: MessageId) -> bool {
        let file = self.schema.message(id).place.file;
        reach::is_external_package(&self.schema.file(file).package)
    }

    fn is_scalar_message(&self, id: MessageId) -> bool {
        let name = self.schema.message(id).full_name.strip_prefix("google.protobuf.");
        name.is_some_and(|it| SCALAR_MESSAGES.contains(&it))
    }

    fn field(&self, message: MessageId, name: &str) -> Option<FieldId> {
        let fields = &self.schema.message(message).fields;
        fields.iter().copied().find(|it| self.schema.field(*it).name == name)
    }

    fn spelling(&self, message: MessageId, name: &str) -> String {
        let mut fields = self.schema.message(message).fields.iter().map(|it| self.schema.field(*it));
        fields
            .find(|it| it.json_name == name)
            .map_or_else(String::new, |it| format!("; its proto name is `{}`", it.name))
    }

    fn conflict(&self, first: MethodId, other: &Binding) -> Diagnostic {
        let first_name = &self.schema.method(first).full_name;
        let (verb, template) = (&other.http_method, &other.template);
        let mut diagnostic = self.fault(
            format!(
                "`{verb} {}` takes the same requests as `{verb} {template}` of rpc `{first_name}`",
                self.binding.template
            ),
            "change one of the two paths",
        );
        let context = Context { schema: self.schema, method: first, binding: other };
        let place = context.fault("", "");
        if let (Some(path), Some(span)) = (place.path, place.span) {
            diagnostic.related.push(Related { path, span, label: "the first is here".to_owned() });
        }
        diagnostic
    }

    fn fault(&self, what: impl AsRef<str>, help: &str) -> Diagnostic {
        let name = &self.schema.method(self.method).full_name;
        let which = match self.binding.index {
            0 => "http binding".to_owned(),
            n => format!("additional http binding {n}"),
        };
        let element = Element::Method(self.method);
        let mut diagnostic =
            at(self.schema, element, format!("rpc `{name}`, {which}: {}", what.as_ref())).with_help(help);
        let mut path = self.schema.path_of(element);
        let keep = path.len();
        path.extend([4, HTTP]);
        if self.binding.index > 0 {
            path.extend([11, self.binding.index as i32 - 1]);
        }
        diagnostic.span =
            self.schema.option_span(self.schema.file_of(element), &path, keep).or(diagnostic.span);
        diagnostic
    }
}

/// The message that a field holds.
fn inner(field: &Field) -> Option<MessageId> {
    match field.kind {
        Kind::Message(id) | Kind::Group(id) => Some(id),
        _ => None,
    }
}
