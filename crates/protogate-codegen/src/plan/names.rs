//! Names that would not compile as they stand: renamed where there is one clear way, else one error with both places.
//!
//! Renames, all of them documented in the guide's page on generated names:
//! - an enum value whose name meets another's once the enum's name is cut off keeps the full name (`FOO_BAR` beside `BAR` in `Foo`);
//! - a service that is called like something the generated module needs gets the suffix `Service` (`Send`, `Box`, `Context`);
//! - a client's method that is called like one of the client's own gets an underscore (`new_`, `with_interceptor_`);
//! - the enum of a oneof that is called like a nested type gets the suffix `OneOf` (prost-build's own rule).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use protogate_schema::Schema;
use protogate_schema::error::Related;
use protogate_schema::model::element::{Element, Enum, Message};

use super::{MessagePlan, PackagePlan, Plan, Sink, VariantPlan, at};
use crate::ident;

/// Names that the modules of tonic's stubs use without a path, and the prelude's.
const TAKEN_BY_STUBS: &[&str] = &[
    "Arc",
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "B",
    "Body",
    "Box",
    "BoxFuture",
    "BoxStream",
    "Bytes",
    "Clone",
    "CompressionEncoding",
    "Context",
    "Copy",
    "D",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "EnabledCompressionEncodings",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "F",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "GrpcMethod",
    "InterceptedService",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Pin",
    "Poll",
    "Result",
    "Send",
    "Service",
    "Sized",
    "Some",
    "StdError",
    "String",
    "Sync",
    "T",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Uri",
    "Vec",
];

/// Methods that tonic's clients have themselves.
const TAKEN_BY_CLIENTS: &[&str] = &[
    "accept_compressed",
    "connect",
    "max_decoding_message_size",
    "max_encoding_message_size",
    "new",
    "send_compressed",
    "with_interceptor",
    "with_origin",
];

pub(super) fn service_ident(name: &str) -> String {
    let ident = ident::to_upper_camel(name);
    if TAKEN_BY_STUBS.contains(&ident.as_str()) { format!("{ident}Service") } else { ident }
}

pub(super) fn client_method(ident: &str) -> String {
    if TAKEN_BY_CLIENTS.contains(&ident) { format!("{ident}_") } else { ident.to_owned() }
}

pub(super) fn oneof_ident(schema: &Schema, message: &Message, name: &str) -> String {
    let mut ident = ident::to_upper_camel(name);
    let messages = message.messages.iter().map(|it| &schema.message(*it).name);
    let enums = message.enums.iter().map(|it| &schema.enumeration(*it).name);
    if messages.chain(enums).any(|it| ident::to_upper_camel(it) == ident) {
        ident.push_str("OneOf");
    }
    ident
}

pub(super) fn variants(schema: &Schema, enumeration: &Enum, enum_ident: &str) -> Vec<VariantPlan> {
    let values = || enumeration.values.iter().map(|&id| (id, schema.value(id)));
    let mut first = HashMap::new();
    let mut count: HashMap<String, usize> = HashMap::new();
    for (id, value) in values() {
        if let Entry::Vacant(entry) = first.entry(value.number) {
            entry.insert(id);
            *count.entry(stripped(enum_ident, &value.name)).or_default() += 1;
        }
    }
    let mut idents = HashMap::new();
    let mut plans = Vec::with_capacity(enumeration.values.len());
    for (id, value) in values() {
        let alias = first[&value.number] != id;
        let own = stripped(enum_ident, &value.name);
        let unstripped = !alias && count[&own] > 1 && ident::to_upper_camel(&value.name) != own;
        let ident = if unstripped { ident::to_upper_camel(&value.name) } else { own };
        let ident = idents.entry(value.number).or_insert(ident).clone();
        plans.push(VariantPlan { value: id, ident, alias, unstripped });
    }
    plans
}

fn stripped(enum_ident: &str, name: &str) -> String {
    ident::strip_enum_prefix(enum_ident, &ident::to_upper_camel(name))
}

/// Reports names that are empty in Rust, or meet.
pub(super) fn check(plan: &Plan<'_>, sink: &mut Sink) {
    let mut types = Space::new(plan.schema, "type or module");
    for package in &plan.packages {
        modules(package, &mut types, sink);
        let mut values = Space::new(plan.schema, "function or static");
        for message in plan.messages_of(package) {
            self::message(plan, package, message, &mut types, sink);
        }
        for enumeration in plan.enums_of(package) {
            let element = Element::Enum(enumeration.id);
            types.add(&full(package, &enumeration.path), Owner::Element(element), sink);
            let mut variants = Space::new(plan.schema, "variant");
            for variant in enumeration.variants.iter().filter(|it| !it.alias) {
                variants.add(
                    std::slice::from_ref(&variant.ident),
                    Owner::Element(Element::Value(variant.value)),
                    sink,
                );
            }
        }
        for service in &package.services {
            let element = Element::Service(service.id);
            for module in [&service.server_module, &service.client_module] {
                types.add(&full(package, std::slice::from_ref(module)), Owner::Module(element), sink);
            }
            values.add(std::slice::from_ref(&service.mount), Owner::Element(element), sink);
            let mut methods = Space::new(plan.schema, "method");
            for method in &service.methods {
                let element = Element::Method(method.id);
                methods.add(std::slice::from_ref(&method.ident), Owner::Element(element), sink);
            }
        }
    }
}

fn full(package: &PackagePlan, path: &[String]) -> Vec<String> {
    package.module.iter().chain(path).cloned().collect()
}

fn modules(package: &PackagePlan, types: &mut Space<'_>, sink: &mut Sink) {
    let Some(&file) = package.files.first() else { return };
    let parts: Vec<_> = package.name.split('.').filter(|it| !it.is_empty()).collect();
    for length in 1..=parts.len() {
        let owner = Owner::Package(parts[..length].join("."), Element::File(file));
        types.add(&package.module[..length], owner, sink);
    }
}

fn message(
    plan: &Plan<'_>,
    package: &PackagePlan,
    message: &MessagePlan,
    types: &mut Space<'_>,
    sink: &mut Sink,
) {
    let element = Element::Message(message.id);
    types.add(&full(package, &message.path), Owner::Element(element), sink);
    let raw = plan.schema.message(message.id);
    let has_module = !message.oneofs.is_empty()
        || !raw.enums.is_empty()
        || raw.messages.iter().any(|it| !plan.schema.message(*it).is_map_entry);
    if has_module {
        let mut module = message.path.clone();
        module.pop();
        module.push(message.module.clone());
        types.add(&full(package, &module), Owner::Module(element), sink);
    }
    let mut fields = Space::new(plan.schema, "field");
    let mut variants: Vec<_> = message.oneofs.iter().map(|_| Space::new(plan.schema, "variant")).collect();
    for field in &message.fields {
        let owner = Owner::Element(Element::Field(field.id));
        match &field.slot {
            super::Slot::Oneof { oneof, variant } => {
                variants[*oneof].add(std::slice::from_ref(variant), owner, sink);
            }
            _ => fields.add(std::slice::from_ref(&field.ident), owner, sink),
        }
    }
    for oneof in &message.oneofs {
        let element = Element::Oneof(message.id, oneof.index);
        fields.add(std::slice::from_ref(&oneof.ident), Owner::Element(element), sink);
        types.add(&full(package, &oneof.path), Owner::Element(element), sink);
    }
}

/// Who wants a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    Element(Element),
    /// A module that belongs to an element: the nested types of a message, the stubs of a service.
    Module(Element),
    /// A package, or the front part of one; all that share it share the module.
    Package(String, Element),
}

/// A Rust namespace that is being filled.
struct Space<'s> {
    schema: &'s Schema,
    what: &'static str,
    taken: HashMap<Vec<String>, Owner>,
}

impl<'s> Space<'s> {
    fn new(schema: &'s Schema, what: &'static str) -> Self {
        Self { schema, what, taken: HashMap::new() }
    }

    fn add(&mut self, path: &[String], owner: Owner, sink: &mut Sink) {
        if path.iter().any(String::is_empty) {
            if path.last().is_some_and(String::is_empty) {
                sink.push(self.nameless(&owner));
            }
            return;
        }
        let Some(first) = self.taken.get(path) else {
            self.taken.insert(path.to_vec(), owner);
            return;
        };
        let same = matches!((first, &owner), (Owner::Package(a, _), Owner::Package(b, _)) if a == b);
        // A pair that meets in several namespaces is one fault.
        if !same && sink.met.insert((first.element(), owner.element())) {
            sink.push(self.meet(path, first, &owner));
        }
    }

    fn nameless(&self, owner: &Owner) -> protogate_schema::Diagnostic {
        let name = self.describe(owner);
        self.place(owner, format!("{name} has no name in Rust: it has neither a letter nor a digit"))
            .with_help("rename it")
    }

    fn meet(&self, path: &[String], first: &Owner, second: &Owner) -> protogate_schema::Diagnostic {
        let (a, b) = (self.describe(first), self.describe(second));
        let rust = path.join("::");
        let what = self.what;
        let mut diagnostic = self
            .place(second, format!("{b} and {a} both become the Rust {what} `{rust}`"))
            .with_help("rename one of the two");
        let other = self.place(first, "");
        if let (Some(path), Some(span)) = (other.path.clone(), other.span) {
            diagnostic.related.push(Related { path, span, label: format!("{a} is here") });
        } else {
            let path = other.path.unwrap_or_default();
            diagnostic.message.push_str(&format!(" (the first is in `{path}`)"));
        }
        diagnostic
    }

    fn place(&self, owner: &Owner, message: impl Into<String>) -> protogate_schema::Diagnostic {
        let mut diagnostic = at(self.schema, owner.element(), message);
        if let Owner::Package(_, Element::File(file)) = owner {
            diagnostic.span = self.schema.span_at(*file, &[2]);
        }
        diagnostic
    }

    fn describe(&self, owner: &Owner) -> String {
        let kind = |element| match element {
            Element::File(_) => "file",
            Element::Message(_) => "message",
            Element::Field(_) => "field",
            Element::Oneof(..) => "oneof",
            Element::Enum(_) => "enum",
            Element::Value(_) => "value",
            Element::Service(_) => "service",
            Element::Method(_) => "rpc",
        };
        match owner {
            Owner::Element(element) => format!("{} `{}`", kind(*element), self.schema.full_name(*element)),
            Owner::Module(element @ Element::Message(_)) => {
                format!("the module for what is nested in message `{}`", self.schema.full_name(*element))
            }
            Owner::Module(element) => {
                format!("the stubs of {} `{}`", kind(*element), self.schema.full_name(*element))
            }
            Owner::Package(name, _) => format!("package `{name}`"),
        }
    }
}

impl Owner {
    fn element(&self) -> Element {
        match self {
            Self::Element(element) | Self::Module(element) | Self::Package(_, element) => *element,
        }
    }
}
