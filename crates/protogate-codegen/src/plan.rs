//! Every decision of generation that can fail, taken before anything is emitted.
//!
//! [`Plan::new`] finds what is generated, gives everything its Rust name and validates routes, error catalogues and policies; all
//! that is wrong is reported at once. Emitters then only look things up here and cannot fail. Nothing in this module makes tokens.

mod boxed;
mod catalog;
mod http;
mod names;
mod policy;
mod reach;

use std::collections::{HashMap, HashSet};

use protogate_schema::load::inputs_read;
use protogate_schema::model::element::{
    Cardinality, Element, EnumId, FieldId, FileId, Kind, MessageId, MethodId, ServiceId, ValueId,
};
use protogate_schema::{Diagnostic, Error, ErrorKind, Schema};

pub use catalog::{CatalogPlan, ConstructorPlan};
pub use http::http_warnings;
pub(crate) use http::methods as generated_methods;

use crate::config::CodegenConfig;
use crate::ident;

/// The decisions for one run of the generator.
#[derive(Debug)]
pub struct Plan<'s> {
    /// The schema that is generated from.
    pub schema: &'s Schema,
    /// What to generate.
    pub config: CodegenConfig,
    /// The packages that get a file, sorted by name.
    pub packages: Vec<PackagePlan>,
    messages: HashMap<MessageId, MessagePlan>,
    enums: HashMap<EnumId, EnumPlan>,
    /// Messages and enums of `google.protobuf` that generated messages refer to; they come from `prost-types`.
    pub(crate) external: Vec<Element>,
}

/// One proto package: one Rust module, one file.
#[derive(Debug)]
pub struct PackagePlan {
    /// Proto name, `""` for none.
    pub name: String,
    /// Module path from where the generated tree is included: escaped identifiers, empty for the empty package.
    pub module: Vec<String>,
    /// The files that contribute to it, in schema order.
    pub files: Vec<FileId>,
    /// Messages that are generated, nested ones included, map entries left out; schema order.
    pub messages: Vec<MessageId>,
    /// Enums that are generated, nested ones included; schema order.
    pub enums: Vec<EnumId>,
    /// Services that are generated.
    pub services: Vec<ServicePlan>,
    /// Error catalogues among `enums`.
    pub catalogs: Vec<CatalogPlan>,
}

/// A message that becomes a struct.
#[derive(Debug)]
pub struct MessagePlan {
    /// The message.
    pub id: MessageId,
    /// Index of its package in [`Plan::packages`].
    pub package: usize,
    /// Path from the package's module to the struct: `["outer", "Inner"]`.
    pub path: Vec<String>,
    /// Name of the module that holds its nested types, beside the struct.
    pub module: String,
    /// Fields in source order; members of oneofs included.
    pub fields: Vec<FieldPlan>,
    /// Real oneofs, in descriptor order.
    pub oneofs: Vec<OneofPlan>,
    /// `Debug` is written by hand, because this message or one around it has secret fields.
    pub custom_debug: bool,
}

/// A field of a struct, or a variant of a oneof's enum.
#[derive(Debug)]
pub struct FieldPlan {
    /// The field.
    pub id: FieldId,
    /// Rust name of the struct field. For a member of a oneof, what it would be called.
    pub ident: String,
    /// How the struct holds it.
    pub slot: Slot,
    /// The value is in a `Box`, because the message contains itself. Never for repeated fields and maps.
    pub boxed: bool,
}

/// How a struct holds a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// `T`: implicit presence, or required.
    Plain,
    /// `Option<T>`.
    Optional,
    /// `Vec<T>`.
    Repeated,
    /// `HashMap<K, V>`.
    Map {
        /// The entry's key field.
        key: FieldId,
        /// The entry's value field.
        value: FieldId,
    },
    /// A variant of the enum of `oneofs[oneof]`.
    Oneof {
        /// Index into [`MessagePlan::oneofs`].
        oneof: usize,
        /// Name of the variant.
        variant: String,
    },
}

/// A oneof: a field `Option<Enum>` and the enum.
#[derive(Debug)]
pub struct OneofPlan {
    /// Index into the message's `oneofs` in the schema.
    pub index: u32,
    /// Rust name of the struct field.
    pub ident: String,
    /// Path from the package's module to the enum.
    pub path: Vec<String>,
    /// Indexes into [`MessagePlan::fields`].
    pub fields: Vec<usize>,
}

/// An enum.
#[derive(Debug)]
pub struct EnumPlan {
    /// The enum.
    pub id: EnumId,
    /// Index of its package in [`Plan::packages`].
    pub package: usize,
    /// Path from the package's module to the enum.
    pub path: Vec<String>,
    /// Values in source order.
    pub variants: Vec<VariantPlan>,
    /// `Debug` is written by hand, because a message around it has secret fields.
    pub custom_debug: bool,
}

/// A value of an enum.
#[derive(Debug)]
pub struct VariantPlan {
    /// The value.
    pub value: ValueId,
    /// Name of the variant; an alias has that of the first value with its number.
    pub ident: String,
    /// A second name of an earlier number (`allow_alias`): it has no variant of its own.
    pub alias: bool,
    /// The enum's name is kept in `ident`, because without it two variants would meet.
    pub(crate) unstripped: bool,
}

/// A service.
#[derive(Debug)]
pub struct ServicePlan {
    /// The service.
    pub id: ServiceId,
    /// Name of the trait. Differs from the proto name (by a suffix `Service`) if that means something in the generated module.
    pub ident: String,
    /// Module of the server: `config_manager_server`.
    pub server_module: String,
    /// Module of the client: `config_manager_client`.
    pub client_module: String,
    /// The function that mounts it: `config_manager`.
    pub mount: String,
    /// The method table: `CONFIG_MANAGER_METHODS`.
    pub table: String,
    /// Its rpcs in source order.
    pub methods: Vec<MethodPlan>,
}

/// An rpc.
#[derive(Debug)]
pub struct MethodPlan {
    /// The rpc.
    pub id: MethodId,
    /// Name of the trait's method.
    pub ident: String,
    /// Name of the client's method: `ident`, with a trailing underscore if the client has a method of that name itself.
    pub client_ident: String,
}

impl<'s> Plan<'s> {
    /// Takes every decision.
    ///
    /// # Errors
    /// Everything that makes generation impossible: names that meet in Rust, faulty routes, catalogues and policies.
    pub fn new(schema: &'s Schema, config: &CodegenConfig) -> Result<Self, Error> {
        let mut sink = Sink::default();
        let reached = reach::reach(schema, &mut sink);
        let boxes = boxed::Boxes::new(schema, &reached);
        boxed::report_large(schema, &reached, &boxes, &mut sink);
        let mut plan = Self {
            schema,
            config: config.clone(),
            packages: Vec::new(),
            messages: HashMap::new(),
            enums: HashMap::new(),
            external: reached.external.iter().copied().collect(),
        };
        plan.add_packages(&reached);
        plan.add_messages(&boxes);
        plan.add_enums();
        plan.add_services();
        catalog::plan(&mut plan, &mut sink);
        names::check(&plan, &mut sink);
        http::check(schema, &mut sink);
        policy::check(schema, &mut sink);
        sink.finish(schema).map(|()| plan)
    }

    /// The plan of a generated message; `None` for map entries and for `google.protobuf`.
    #[must_use]
    pub fn message(&self, id: MessageId) -> Option<&MessagePlan> {
        self.messages.get(&id)
    }

    /// The plan of a generated enum; `None` for `google.protobuf`.
    #[must_use]
    pub fn enumeration(&self, id: EnumId) -> Option<&EnumPlan> {
        self.enums.get(&id)
    }

    /// The messages of a package with their plans.
    pub fn messages_of<'p>(&'p self, package: &'p PackagePlan) -> impl Iterator<Item = &'p MessagePlan> {
        package.messages.iter().filter_map(|id| self.messages.get(id))
    }

    /// The enums of a package with their plans.
    pub fn enums_of<'p>(&'p self, package: &'p PackagePlan) -> impl Iterator<Item = &'p EnumPlan> {
        package.enums.iter().filter_map(|id| self.enums.get(id))
    }

    fn add_packages(&mut self, reached: &reach::Reached) {
        let mut by_name: HashMap<&str, PackagePlan> = HashMap::new();
        for (id, file) in self.schema.files() {
            let messages: Vec<_> = reach::messages_of(self.schema, id)
                .filter(|it| reached.messages.contains(it) && !self.schema.message(*it).is_map_entry)
                .collect();
            let enums: Vec<_> =
                reach::enums_of(self.schema, id).filter(|it| reached.enums.contains(it)).collect();
            let services = if reach::is_generated_whole(file) { file.services.as_slice() } else { &[] };
            if messages.is_empty() && enums.is_empty() && services.is_empty() {
                continue;
            }
            let package = by_name.entry(&file.package).or_insert_with(|| PackagePlan {
                name: file.package.clone(),
                module: file.package.split('.').filter(|it| !it.is_empty()).map(ident::to_snake).collect(),
                files: Vec::new(),
                messages: Vec::new(),
                enums: Vec::new(),
                services: Vec::new(),
                catalogs: Vec::new(),
            });
            package.files.push(id);
            package.messages.extend(messages);
            package.enums.extend(enums);
            package.services.extend(services.iter().map(|&id| self.service_plan(id)));
        }
        self.packages = by_name.into_values().collect();
        self.packages.sort_by(|a, b| a.name.cmp(&b.name));
    }

    fn service_plan(&self, id: ServiceId) -> ServicePlan {
        let service = self.schema.service(id);
        let ident = names::service_ident(&service.name);
        let module = ident::to_tonic_module(&ident);
        let bare = ident.trim_end_matches('_');
        ServicePlan {
            id,
            server_module: format!("{module}_server"),
            client_module: format!("{module}_client"),
            mount: ident::to_snake(bare),
            table: format!("{}_METHODS", ident::to_constant(bare)),
            methods: Vec::new(),
            ident,
        }
    }

    fn add_services(&mut self) {
        for service in self.packages.iter_mut().flat_map(|it| &mut it.services) {
            service.methods = self
                .schema
                .service(service.id)
                .methods
                .iter()
                .map(|&id| {
                    let ident = ident::to_snake(&self.schema.method(id).name);
                    MethodPlan { id, client_ident: names::client_method(&ident), ident }
                })
                .collect();
        }
    }

    /// Path of modules inside which the types nested in `message` live.
    fn modules_around(&self, parent: Option<MessageId>) -> Vec<String> {
        let mut modules = Vec::new();
        let mut at = parent;
        while let Some(id) = at {
            let message = self.schema.message(id);
            modules.push(ident::to_snake(&message.name));
            at = message.place.parent;
        }
        modules.reverse();
        modules
    }

    fn secret_around(&self, message: Option<MessageId>) -> bool {
        let mut at = message;
        while let Some(id) = at {
            let message = self.schema.message(id);
            if message.fields.iter().any(|it| self.schema.field(*it).is_sensitive()) {
                return true;
            }
            at = message.place.parent;
        }
        false
    }

    fn add_messages(&mut self, boxes: &boxed::Boxes) {
        let mut plans = HashMap::new();
        for (package, plan) in self.packages.iter().enumerate() {
            for &id in &plan.messages {
                plans.insert(id, self.message_plan(id, package, boxes));
            }
        }
        self.messages = plans;
    }

    fn message_plan(&self, id: MessageId, package: usize, boxes: &boxed::Boxes) -> MessagePlan {
        let schema = self.schema;
        let message = schema.message(id);
        let mut path = self.modules_around(message.place.parent);
        let module = ident::to_snake(&message.name);
        let mut inner = path.clone();
        inner.push(module.clone());
        path.push(ident::to_upper_camel(&message.name));

        let mut oneofs: Vec<OneofPlan> = Vec::new();
        let mut oneof_of = HashMap::new();
        for (oneof, index) in message.oneofs.iter().zip(0..) {
            if oneof.synthetic || oneof.fields.is_empty() {
                continue;
            }
            let mut path = inner.clone();
            path.push(names::oneof_ident(schema, message, &oneof.name));
            oneof_of.insert(index, oneofs.len());
            oneofs.push(OneofPlan { index, ident: ident::to_snake(&oneof.name), path, fields: Vec::new() });
        }
        let mut fields = Vec::with_capacity(message.fields.len());
        for &field_id in &message.fields {
            let field = schema.field(field_id);
            let slot = match (field.oneof.and_then(|it| oneof_of.get(&it)), field.cardinality, field.kind) {
                (Some(&oneof), ..) => {
                    oneofs[oneof].fields.push(fields.len());
                    Slot::Oneof { oneof, variant: ident::to_upper_camel(&field.name) }
                }
                (None, Cardinality::Map, Kind::Message(entry)) => {
                    let entry = schema.message(entry);
                    Slot::Map { key: entry.fields[0], value: entry.fields[1] }
                }
                (None, Cardinality::Repeated | Cardinality::Map, _) => Slot::Repeated,
                (None, Cardinality::Explicit, _) => Slot::Optional,
                (None, Cardinality::Required | Cardinality::Implicit, _) => Slot::Plain,
            };
            fields.push(FieldPlan {
                id: field_id,
                ident: ident::to_snake(&field.name),
                slot,
                boxed: boxes.is_boxed(id, field),
            });
        }
        MessagePlan { id, package, path, module, fields, oneofs, custom_debug: self.secret_around(Some(id)) }
    }

    fn add_enums(&mut self) {
        let mut plans = HashMap::new();
        for (package, plan) in self.packages.iter().enumerate() {
            for &id in &plan.enums {
                let enumeration = self.schema.enumeration(id);
                let ident = ident::to_upper_camel(&enumeration.name);
                let mut path = self.modules_around(enumeration.place.parent);
                path.push(ident.clone());
                plans.insert(
                    id,
                    EnumPlan {
                        id,
                        package,
                        path,
                        variants: names::variants(self.schema, enumeration, &ident),
                        custom_debug: self.secret_around(enumeration.place.parent),
                    },
                );
            }
        }
        self.enums = plans;
    }
}

/// Collects diagnostics; the barrier after planning turns them into one error.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    diagnostics: Vec<Diagnostic>,
    /// Pairs of elements whose names are known to meet.
    met: HashSet<(Element, Element)>,
}

impl Sink {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn finish(self, schema: &Schema) -> Result<(), Error> {
        if self.diagnostics.is_empty() {
            return Ok(());
        }
        let origin = inputs_read(schema);
        let named =
            self.diagnostics.iter().flat_map(|it| it.path.iter().chain(it.related.iter().map(|it| &it.path)));
        let named: HashSet<&String> = named.collect();
        let sources = schema
            .files()
            .map(|(_, file)| (origin.display_path(&file.path).to_owned(), &file.path))
            .filter(|(shown, _)| named.contains(shown))
            .filter_map(|(shown, path)| Some((shown, schema.source(path)?.clone())))
            .collect::<HashMap<_, _>>();
        Err(Error::new(ErrorKind::Input, self.diagnostics).with_sources(sources))
    }
}

/// A diagnostic at the name of an element.
pub(crate) fn at(schema: &Schema, element: Element, message: impl Into<String>) -> Diagnostic {
    let path = &schema.file(schema.file_of(element)).path;
    let mut diagnostic = Diagnostic::new(message).in_file(inputs_read(schema).display_path(path));
    diagnostic.span = schema.span_of(element, &[1]).or_else(|| schema.span(element));
    diagnostic
}
