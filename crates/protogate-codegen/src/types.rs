//! Proto type → Rust type, as tokens.
//!
//! Paths are relative to the module of the package that names the type, so that generated trees work wherever they are
//! included. `google.protobuf` comes from `prost-types`, its wrappers and `Empty` become the Rust types that prost gives them.

use proc_macro2::TokenStream;
use protogate_schema::model::element::{Field, FieldId, Kind, MessageId};
use quote::quote;

use crate::ident;
use crate::plan::{FieldPlan, MessagePlan, Plan, Slot};

/// A message of `google.protobuf` that prost replaces by a Rust type: full name and type.
fn builtin(full_name: &str) -> Option<TokenStream> {
    Some(match full_name.strip_prefix("google.protobuf.")? {
        "BoolValue" => quote!(bool),
        "BytesValue" => quote!(::prost::alloc::vec::Vec<u8>),
        "DoubleValue" => quote!(f64),
        "Empty" => quote!(()),
        "FloatValue" => quote!(f32),
        "Int32Value" => quote!(i32),
        "Int64Value" => quote!(i64),
        "StringValue" => quote!(::prost::alloc::string::String),
        "UInt32Value" => quote!(u32),
        "UInt64Value" => quote!(u64),
        _ => return None,
    })
}

/// The Rust type of a value of a field: the element of a list, the target of an `Option`, without `Box`.
///
/// An enum is `i32`, as in prost; [`enum_path`] names the enum itself. `package` is the index of the package whose module the
/// tokens stand in.
#[must_use]
pub fn value_type(plan: &Plan<'_>, package: usize, field: &Field) -> TokenStream {
    match field.kind {
        Kind::Double => quote!(f64),
        Kind::Float => quote!(f32),
        Kind::Int64 | Kind::Sfixed64 | Kind::Sint64 => quote!(i64),
        Kind::Uint64 | Kind::Fixed64 => quote!(u64),
        Kind::Int32 | Kind::Sfixed32 | Kind::Sint32 | Kind::Enum(_) => quote!(i32),
        Kind::Uint32 | Kind::Fixed32 => quote!(u32),
        Kind::Bool => quote!(bool),
        Kind::String => quote!(::prost::alloc::string::String),
        Kind::Bytes => quote!(::prost::alloc::vec::Vec<u8>),
        Kind::Message(id) | Kind::Group(id) => message_path(plan, package, id),
    }
}

/// The Rust type of a whole struct field, `Option`, `Vec`, `HashMap` and `Box` included; for a member of a oneof, of the
/// variant's content.
#[must_use]
pub fn field_type(plan: &Plan<'_>, package: usize, field: &FieldPlan) -> TokenStream {
    let value_of = |id: FieldId| value_type(plan, package, plan.schema.field(id));
    let value = value_of(field.id);
    let value = if field.boxed { quote!(::prost::alloc::boxed::Box<#value>) } else { value };
    match field.slot {
        Slot::Plain | Slot::Oneof { .. } => value,
        Slot::Optional => quote!(::core::option::Option<#value>),
        Slot::Repeated => quote!(::prost::alloc::vec::Vec<#value>),
        Slot::Map { key, value } => {
            let (key, value) = (value_of(key), value_of(value));
            quote!(::std::collections::HashMap<#key, #value>)
        }
    }
}

/// Path of a message, from the module of `package`.
#[must_use]
pub fn message_path(plan: &Plan<'_>, package: usize, id: MessageId) -> TokenStream {
    match plan.message(id) {
        Some(message) => path(plan, package, message.package, &message.path),
        None => external_path(&plan.schema.message(id).full_name),
    }
}

/// Path of an enum, from the module of `package`.
#[must_use]
pub fn enum_path(
    plan: &Plan<'_>,
    package: usize,
    id: protogate_schema::model::element::EnumId,
) -> TokenStream {
    match plan.enumeration(id) {
        Some(enumeration) => path(plan, package, enumeration.package, &enumeration.path),
        None => external_path(&plan.schema.enumeration(id).full_name),
    }
}

/// Path of the enum of a oneof, from the module of its message's package.
#[must_use]
pub fn oneof_path(message: &MessagePlan, oneof: usize) -> TokenStream {
    join(&message.oneofs[oneof].path)
}

/// Path from the module of one package to an item of another.
#[must_use]
pub fn path(plan: &Plan<'_>, from: usize, to: usize, item: &[String]) -> TokenStream {
    let item = join(item);
    if from == to {
        return item;
    }
    let (from, to) = (&plan.packages[from].module, &plan.packages[to].module);
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| quote!(super::));
    let down = to[common..].iter().map(|it| {
        let it = ident::token(it);
        quote!(#it::)
    });
    quote!(#(#up)* #(#down)* #item)
}

/// Path from the module of a package to where the tree is included, such as `super::super::`; empty for the empty package.
#[must_use]
pub fn root(plan: &Plan<'_>, package: usize) -> TokenStream {
    let up = plan.packages[package].module.iter().map(|_| quote!(super::));
    quote!(#(#up)*)
}

fn external_path(full_name: &str) -> TokenStream {
    if let Some(builtin) = builtin(full_name) {
        return builtin;
    }
    let mut parts: Vec<_> = full_name.split('.').skip(2).collect();
    let name = parts.pop().unwrap_or_default();
    let modules = parts.into_iter().map(|it| ident::token(&ident::to_snake(it)));
    let name = ident::token(&ident::to_upper_camel(name));
    quote!(::prost_types::#(#modules::)*#name)
}

fn join(path: &[String]) -> TokenStream {
    let parts = path.iter().map(|it| ident::token(it));
    quote!(#(#parts)::*)
}
