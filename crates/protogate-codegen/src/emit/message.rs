//! Message structs, oneofs and enums, printed by prost-build.
//!
//! prost-build gets descriptors that are made here from the plan, one file per package: only what is generated, harmless comments,
//! editions and features reduced to what it knows, and enum values respelled where their Rust names would meet. Beside that:
//! `prost::Name`, and `Debug` by hand where fields are secret.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use prost_build::Module;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::source_code_info::Location;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumOptions, EnumValueDescriptorProto, EnumValueOptions,
    FieldDescriptorProto, FieldOptions, FileDescriptorProto, MessageOptions, OneofDescriptorProto,
    SourceCodeInfo,
};
use protogate_schema::model::element::{Element, EnumId, Field, Kind, Message, MessageId};
use protogate_schema::{Error, Schema};
use quote::quote;

use super::comment;
use crate::plan::{EnumPlan, FieldPlan, MessagePlan, PackagePlan, Plan, Slot};
use crate::{artifact, ident, types};

/// Stands between an enum's name and a value's to keep prost-build from cutting the former off. No proto name contains it.
const KEEP: char = '#';

/// The types of every package, by index.
pub(super) fn emit(plan: &Plan<'_>) -> Result<HashMap<usize, TokenStream>, Error> {
    let mut requests = external(plan);
    for package in &plan.packages {
        let module = Module::from_protobuf_package_name(&package.name);
        requests.push((module, Builder::new(plan).file(package)));
    }
    let mut texts = configured(plan).generate(requests).map_err(|error| artifact::bug("messages", &error))?;
    let mut tokens = HashMap::new();
    for (index, package) in plan.packages.iter().enumerate() {
        let mut text = texts.remove(&Module::from_protobuf_package_name(&package.name)).unwrap_or_default();
        respell(plan, package, &mut text);
        let file: syn::File = syn::parse_file(&text).map_err(|error| artifact::bug(&package.name, &error))?;
        let mut items = quote!(#file);
        for message in plan.messages_of(package) {
            items.extend(name(plan, package, message));
            items.extend(message.custom_debug.then(|| debug(plan, message)));
        }
        let enums = plan.enums_of(package).filter(|it| it.custom_debug);
        items.extend(enums.map(debug_enum));
        tokens.insert(index, items);
    }
    Ok(tokens)
}

fn configured(plan: &Plan<'_>) -> prost_build::Config {
    let mut config = prost_build::Config::new();
    let messages = || plan.packages.iter().flat_map(|it| plan.messages_of(it));
    for message in messages() {
        let full = &plan.schema.message(message.id).full_name;
        for field in message.fields.iter().filter(|it| it.boxed) {
            let name = &plan.schema.field(field.id).name;
            config.boxed(match &field.slot {
                Slot::Oneof { oneof, .. } => {
                    let index = message.oneofs[*oneof].index as usize;
                    format!(".{full}.{}.{name}", plan.schema.message(message.id).oneofs[index].name)
                }
                _ => format!(".{full}.{name}"),
            });
        }
    }
    // A path covers everything nested in it, as `custom_debug` does.
    let secret = messages().filter(|it| it.custom_debug);
    config.skip_debug(secret.map(|it| format!(".{}", plan.schema.message(it.id).full_name)));
    config
}

/// The files of `google.protobuf`: nothing is printed for them, but prost-build looks into them to decide what can be copied.
fn external(plan: &Plan<'_>) -> Vec<(Module, FileDescriptorProto)> {
    let mut files: Vec<FileDescriptorProto> = Vec::new();
    for &element in &plan.external {
        let package = &plan.schema.file(plan.schema.file_of(element)).package;
        let index = files.iter().position(|it| it.package() == package).unwrap_or_else(|| {
            files.push(FileDescriptorProto {
                name: Some(package.clone()),
                package: Some(package.clone()),
                syntax: Some("proto3".to_owned()),
                ..FileDescriptorProto::default()
            });
            files.len() - 1
        });
        let mut builder = Builder::new(plan);
        match element {
            Element::Message(id) if plan.schema.message(id).place.parent.is_none() => {
                let message = builder.message(id, &mut Vec::new());
                files[index].message_type.push(message);
            }
            Element::Enum(id) if plan.schema.enumeration(id).place.parent.is_none() => {
                let enumeration = builder.enumeration(id, &mut Vec::new());
                files[index].enum_type.push(enumeration);
            }
            _ => {}
        }
    }
    files.into_iter().map(|file| (Module::from_protobuf_package_name(file.package()), file)).collect()
}

/// Makes descriptors and notes a location for each, because prost-build wants all of them or none.
struct Builder<'a> {
    plan: &'a Plan<'a>,
    schema: &'a Schema,
    locations: Vec<Location>,
}

impl<'a> Builder<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        Self { plan, schema: plan.schema, locations: Vec::new() }
    }

    fn file(mut self, package: &PackagePlan) -> FileDescriptorProto {
        let top = |id: &&MessageId| self.schema.message(**id).place.parent.is_none();
        let messages: Vec<_> = package.messages.iter().filter(top).copied().collect();
        let top = |id: &&EnumId| self.schema.enumeration(**id).place.parent.is_none();
        let enums: Vec<_> = package.enums.iter().filter(top).copied().collect();
        let message_type =
            messages.into_iter().zip(0..).map(|(id, index)| self.message(id, &mut vec![4, index])).collect();
        let enum_type =
            enums.into_iter().zip(0..).map(|(id, index)| self.enumeration(id, &mut vec![5, index])).collect();
        FileDescriptorProto {
            name: Some(package.name.clone()),
            package: (!package.name.is_empty()).then(|| package.name.clone()),
            syntax: Some("proto3".to_owned()),
            message_type,
            enum_type,
            source_code_info: Some(SourceCodeInfo { location: self.locations }),
            ..FileDescriptorProto::default()
        }
    }

    fn locate(&mut self, path: &[i32], element: Element) {
        let lines = self
            .schema
            .comments(element)
            .map(|it| comment::lines(&it.leading, &it.trailing))
            .unwrap_or_default();
        self.locations.push(Location {
            path: path.to_vec(),
            leading_comments: (!lines.is_empty()).then(|| lines.join("\n")),
            ..Location::default()
        });
    }

    fn message(&mut self, id: MessageId, path: &mut Vec<i32>) -> DescriptorProto {
        let raw = self.schema.message(id);
        self.locate(path, Element::Message(id));
        let oneofs: Vec<u32> = real_oneofs(raw).collect();
        let field = self.each(path, 2, &raw.fields, |builder, id, path| {
            builder.locate(path, Element::Field(id));
            builder.field(builder.schema.field(id), &oneofs)
        });
        let oneof_decl = self.each(path, 8, &oneofs, |builder, index, path| {
            builder.locate(path, Element::Oneof(id, index));
            let name = raw.oneofs[index as usize].name.clone();
            OneofDescriptorProto { name: Some(name), options: None }
        });
        let nested_type = self.each(path, 3, &raw.messages, Self::message);
        let enum_type = self.each(path, 4, &raw.enums, Self::enumeration);
        DescriptorProto {
            name: Some(raw.name.clone()),
            field,
            nested_type,
            enum_type,
            oneof_decl,
            options: raw
                .is_map_entry
                .then(|| MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
            ..DescriptorProto::default()
        }
    }

    /// Calls `make` for each of `ids` with its descriptor path.
    fn each<I: Copy, T>(
        &mut self,
        path: &mut Vec<i32>,
        number: i32,
        ids: &[I],
        make: impl Fn(&mut Self, I, &mut Vec<i32>) -> T,
    ) -> Vec<T> {
        let mut made = Vec::with_capacity(ids.len());
        for (&id, index) in ids.iter().zip(0..) {
            path.extend([number, index]);
            made.push(make(self, id, path));
            path.truncate(path.len() - 2);
        }
        made
    }

    fn field(&self, field: &Field, oneofs: &[u32]) -> FieldDescriptorProto {
        use protogate_schema::model::element::Cardinality;
        let oneof = field.oneof.and_then(|it| oneofs.iter().position(|real| *real == it));
        let label = match field.cardinality {
            Cardinality::Repeated | Cardinality::Map => Label::Repeated,
            Cardinality::Required => Label::Required,
            Cardinality::Explicit | Cardinality::Implicit => Label::Optional,
        };
        let options = field.options.as_ref();
        let packed = options.and_then(|it| it.packed).unwrap_or(field.features.repeated_field_encoding == 1);
        let (r#type, type_name) = self.r#type(field.kind);
        FieldDescriptorProto {
            name: Some(field.name.clone()),
            number: Some(field.number),
            label: Some(label.into()),
            r#type: Some(r#type.into()),
            type_name,
            default_value: self.default_value(field),
            oneof_index: oneof.and_then(|it| i32::try_from(it).ok()),
            proto3_optional: (oneof.is_none() && field.cardinality == Cardinality::Explicit).then_some(true),
            options: Some(FieldOptions {
                packed: (label == Label::Repeated).then_some(packed),
                deprecated: options.and_then(|it| it.deprecated),
                ..FieldOptions::default()
            }),
            ..FieldDescriptorProto::default()
        }
    }

    fn default_value(&self, field: &Field) -> Option<String> {
        let default = field.default_value.as_ref()?;
        let Kind::Enum(id) = field.kind else { return Some(default.clone()) };
        let variants = self.plan.enumeration(id).map_or(&[][..], |it| &it.variants);
        let schema = self.schema;
        // An alias has no variant of its own: name the value that has.
        let number = variants.iter().map(|it| schema.value(it.value)).find(|it| it.name == *default)?.number;
        let variant = variants.iter().find(|it| schema.value(it.value).number == number)?;
        Some(spelling(schema, id, &schema.value(variant.value).name, variant.unstripped))
    }

    fn r#type(&self, kind: Kind) -> (Type, Option<String>) {
        let scalar = match kind {
            Kind::Double => Type::Double,
            Kind::Float => Type::Float,
            Kind::Int64 => Type::Int64,
            Kind::Uint64 => Type::Uint64,
            Kind::Int32 => Type::Int32,
            Kind::Fixed64 => Type::Fixed64,
            Kind::Fixed32 => Type::Fixed32,
            Kind::Bool => Type::Bool,
            Kind::String => Type::String,
            Kind::Bytes => Type::Bytes,
            Kind::Uint32 => Type::Uint32,
            Kind::Sfixed32 => Type::Sfixed32,
            Kind::Sfixed64 => Type::Sfixed64,
            Kind::Sint32 => Type::Sint32,
            Kind::Sint64 => Type::Sint64,
            Kind::Group(id) => return (Type::Group, Some(format!(".{}", self.schema.message(id).full_name))),
            Kind::Message(id) => {
                return (Type::Message, Some(format!(".{}", self.schema.message(id).full_name)));
            }
            Kind::Enum(id) => {
                return (Type::Enum, Some(format!(".{}", self.schema.enumeration(id).full_name)));
            }
        };
        (scalar, None)
    }

    fn enumeration(&mut self, id: EnumId, path: &mut Vec<i32>) -> EnumDescriptorProto {
        let raw = self.schema.enumeration(id);
        self.locate(path, Element::Enum(id));
        let variants = self.plan.enumeration(id).map(|it| &it.variants);
        let value = self.each(path, 2, &raw.values, |builder, value_id, path| {
            builder.locate(path, Element::Value(value_id));
            let value = builder.schema.value(value_id);
            let plan = variants.and_then(|it| it.iter().find(|it| it.value == value_id));
            let deprecated = value.options.as_ref().and_then(|it| it.deprecated);
            EnumValueDescriptorProto {
                name: Some(spelling(builder.schema, id, &value.name, plan.is_some_and(|it| it.unstripped))),
                number: Some(value.number),
                options: deprecated
                    .map(|it| EnumValueOptions { deprecated: Some(it), ..EnumValueOptions::default() }),
            }
        });
        EnumDescriptorProto {
            name: Some(raw.name.clone()),
            value,
            options: Some(EnumOptions { allow_alias: Some(true), ..EnumOptions::default() }),
            ..EnumDescriptorProto::default()
        }
    }
}

fn real_oneofs(message: &Message) -> impl Iterator<Item = u32> + '_ {
    let real = |(oneof, _): &(&protogate_schema::model::element::Oneof, u32)| {
        !oneof.synthetic && !oneof.fields.is_empty()
    };
    message.oneofs.iter().zip(0..).filter(real).map(|(_, index)| index)
}

/// What prost-build is told as a value's name.
fn spelling(schema: &Schema, id: EnumId, value: &str, unstripped: bool) -> String {
    if unstripped { format!("{}{KEEP}{value}", schema.enumeration(id).name) } else { value.to_owned() }
}

/// Puts the true names of respelled values back into the string literals.
fn respell(plan: &Plan<'_>, package: &PackagePlan, text: &mut String) {
    for enumeration in plan.enums_of(package) {
        for variant in enumeration.variants.iter().filter(|it| it.unstripped) {
            let value = &plan.schema.value(variant.value).name;
            let told = spelling(plan.schema, enumeration.id, value, true);
            *text = text.replace(&format!("\"{told}\""), &format!("\"{value}\""));
        }
    }
}

/// `prost::Name`, by which messages go into an `Any`.
fn name(plan: &Plan<'_>, package: &PackagePlan, message: &MessagePlan) -> TokenStream {
    let raw = plan.schema.message(message.id);
    let path = types::message_path(plan, message.package, message.id);
    let (short, package, full) = (&raw.name, &package.name, &raw.full_name);
    let url = format!("type.googleapis.com/{full}");
    quote! {
        impl ::prost::Name for #path {
            const NAME: &'static str = #short;
            const PACKAGE: &'static str = #package;
            fn full_name() -> ::prost::alloc::string::String {
                #full.into()
            }
            fn type_url() -> ::prost::alloc::string::String {
                #url.into()
            }
        }
    }
}

/// `Debug` for a message and its oneofs that shows no secret.
fn debug(plan: &Plan<'_>, message: &MessagePlan) -> TokenStream {
    let path = types::message_path(plan, message.package, message.id);
    let name = message.path.last().map_or("", String::as_str);
    let secret = |it: &FieldPlan| plan.schema.field(it.id).is_sensitive();
    let plain = message.fields.iter().filter(|it| !matches!(it.slot, Slot::Oneof { .. })).map(|it| {
        let field = ident::token(&it.ident);
        let shown = if secret(it) { redacted() } else { quote!(&self.#field) };
        (it.ident.trim_start_matches("r#").to_owned(), shown)
    });
    let oneofs = message.oneofs.iter().map(|it| {
        let field = ident::token(&it.ident);
        (it.ident.trim_start_matches("r#").to_owned(), quote!(&self.#field))
    });
    let (names, shown): (Vec<_>, Vec<_>) = plain.chain(oneofs).unzip();
    let enums = message.oneofs.iter().enumerate().map(|(index, oneof)| {
        let path = types::oneof_path(message, index);
        let arms = oneof.fields.iter().filter_map(|it| {
            let field = &message.fields[*it];
            let Slot::Oneof { variant, .. } = &field.slot else { return None };
            let (token, shown) =
                (ident::token(variant), if secret(field) { redacted() } else { quote!(value) });
            Some(quote!(Self::#token(value) => f.debug_tuple(#variant).field(#shown).finish(),))
        });
        debug_impl(&path, &quote!(match self { #(#arms)* }))
    });
    let own = debug_impl(&path, &quote!(f.debug_struct(#name)#(.field(#names, #shown))*.finish()));
    quote!(#own #(#enums)*)
}

fn debug_enum(enumeration: &EnumPlan) -> TokenStream {
    let parts = enumeration.path.iter().map(|it| ident::token(it));
    debug_impl(&quote!(#(#parts)::*), &quote!(f.write_str(self.as_str_name())))
}

fn debug_impl(path: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        impl ::core::fmt::Debug for #path {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #body
            }
        }
    }
}

fn redacted() -> TokenStream {
    quote!(&::core::format_args!("[redacted]"))
}
