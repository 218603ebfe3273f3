//! The JSON mapping of messages and enums: a static table for each, and access to fields by position.
//!
//! What to do with the tables is the runtime's (`protogate::json`); here is only data and two `match` expressions per message, so that
//! packages with thousands of messages stay cheap to compile. Types that an `Any` may hold are listed once per tree, in the first
//! package's module, and only when some message has an `Any`.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, EnumId, Field, Kind, MessageId};
use quote::quote;

use crate::ident;
use crate::plan::{FieldPlan, MessagePlan, Plan, Slot};
use crate::types;

/// Name of the list of types for `Any`.
const TYPES: &str = "JSON_TYPES";

/// Messages with more fields than this get an index of names; in smaller ones the runtime compares the few names there are.
const INDEX_ABOVE: usize = 16;

/// The tables and glue of one package.
pub(crate) fn emit(plan: &Plan<'_>, package: usize) -> TokenStream {
    let this = &plan.packages[package];
    let messages: Vec<_> = plan.messages_of(this).map(|it| message(plan, package, it)).collect();
    let enums: Vec<_> = plan
        .enums_of(this)
        .map(|it| {
            let path = types::enum_path(plan, package, it.id);
            let table = enum_table(plan.schema, it.id);
            quote! {
                impl __json::JsonEnum for #path {
                    const TABLE: &'static __json::EnumTable = &#table;
                }
            }
        })
        .collect();
    let registry = registry(plan, package);
    if messages.is_empty() && enums.is_empty() {
        return registry;
    }
    quote! {
        #registry

        const _: () = {
            use ::protogate::codegen::v1::json::{self as __json, Field as __Field, Kind as __Kind, Slot as __Slot, View as __View};
            #(#messages)*
            #(#enums)*
        };
    }
}

/// Whether some message has a field of type `Any`, directly or inside `google.protobuf`.
fn uses_any(plan: &Plan<'_>) -> bool {
    let is_any = |id: MessageId| plan.schema.message(id).full_name == "google.protobuf.Any";
    let messages = plan.packages.iter().flat_map(|it| plan.messages_of(it));
    let mut fields = messages.flat_map(|it| &it.fields).map(|it| value_field(plan, it));
    fields.any(|it| matches!(it.kind, Kind::Message(id) if is_any(id)))
}

fn registry(plan: &Plan<'_>, package: usize) -> TokenStream {
    if package != 0 || !uses_any(plan) {
        return TokenStream::new();
    }
    let messages = plan.packages.iter().flat_map(|it| plan.messages_of(it));
    let rows: BTreeMap<_, _> = messages
        .map(|it| {
            let name = plan.schema.message(it.id).full_name.as_str();
            let path = types::message_path(plan, package, it.id);
            (name, quote!(::protogate::codegen::v1::json::AnyType::of::<#path>(#name)))
        })
        .collect();
    let rows = rows.values();
    let name = ident::token(TYPES);
    quote! {
        /// The messages that an `Any` may hold, by full name.
        pub(crate) static #name: &[::protogate::codegen::v1::json::AnyType] = &[#(#rows),*];
    }
}

fn message(plan: &Plan<'_>, package: usize, message: &MessagePlan) -> TokenStream {
    let path = types::message_path(plan, package, message.id);
    let name = &plan.schema.message(message.id).full_name;
    let rows = message.fields.iter().map(|it| row(plan, package, it));
    let names = names(plan.schema, message);
    let types = if uses_any(plan) { types::path(plan, package, 0, &[TYPES.to_owned()]) } else { quote!(&[]) };
    let index = (0_usize..).map(proc_macro2::Literal::usize_unsuffixed);
    let views = index.clone().zip(&message.fields).map(|(index, it)| {
        let view = view(message, it);
        quote!(#index => #view,)
    });
    let slots = index.zip(&message.fields).map(|(index, it)| {
        let slot = slot(message, it);
        quote!(#index => #slot,)
    });
    let of_one = |body: TokenStream, missing: TokenStream| {
        if message.fields.is_empty() { missing } else { quote!(match index { #body _ => #missing }) }
    };
    let view = of_one(quote!(#(#views)*), quote!(__View::Unset));
    let slot = of_one(quote!(#(#slots)*), quote!(__Slot::Missing));
    let index = if message.fields.is_empty() { quote!(_index) } else { quote!(index) };
    quote! {
        impl __json::Fields for #path {
            fn table_of() -> &'static __json::Table {
                static TABLE: __json::Table = __json::Table {
                    name: #name,
                    fields: &[#(#rows),*],
                    names: &[#(#names),*],
                    types: #types,
                };
                &TABLE
            }

            fn table(&self) -> &'static __json::Table {
                <Self as __json::Fields>::table_of()
            }

            fn view(&self, #index: usize) -> __View<'_> {
                #view
            }

            fn slot(&mut self, #index: usize) -> __Slot<'_> {
                #slot
            }
        }
    }
}

/// The field that says what the value is: for a map the entry's value.
fn value_field<'s>(plan: &Plan<'s>, field: &FieldPlan) -> &'s Field {
    let id = match field.slot {
        Slot::Map { value, .. } => value,
        _ => field.id,
    };
    plan.schema.field(id)
}

fn row(plan: &Plan<'_>, package: usize, field: &FieldPlan) -> TokenStream {
    let raw = plan.schema.field(field.id);
    let (name, json_name) = (&raw.name, &raw.json_name);
    let number = proc_macro2::Literal::i32_unsuffixed(raw.number);
    let kind = kind(plan, package, value_field(plan, field).kind);
    let (row, oneof) = match (&field.slot, raw.cardinality) {
        (Slot::Map { .. }, _) => (quote!(map), None),
        (Slot::Repeated, _) => (quote!(list), None),
        (Slot::Oneof { oneof, .. }, _) => {
            (quote!(member), Some(proc_macro2::Literal::usize_unsuffixed(*oneof)))
        }
        (_, Cardinality::Required) => (quote!(required), None),
        (Slot::Optional, _) => (quote!(optional), None),
        (Slot::Plain, _) => (quote!(plain), None),
    };
    let oneof = oneof.into_iter();
    let secret = raw.is_sensitive().then(|| quote!(.secret()));
    quote!(__Field::#row(#name, #json_name, #number, #(#oneof,)* __Kind::#kind)#secret)
}

/// A variant of `json::Kind`.
fn kind(plan: &Plan<'_>, package: usize, kind: Kind) -> TokenStream {
    match kind {
        Kind::Double => quote!(Double),
        Kind::Float => quote!(Float),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => quote!(Int64),
        Kind::Uint64 | Kind::Fixed64 => quote!(Uint64),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => quote!(Int32),
        Kind::Uint32 | Kind::Fixed32 => quote!(Uint32),
        Kind::Bool => quote!(Bool),
        Kind::String => quote!(String),
        Kind::Bytes => quote!(Bytes),
        Kind::Enum(id) => enum_kind(plan, package, id),
        Kind::Message(id) | Kind::Group(id) => {
            let name = plan.schema.message(id).full_name.strip_prefix("google.protobuf.").unwrap_or("");
            match name {
                "DoubleValue" => quote!(Double),
                "FloatValue" => quote!(Float),
                "Int64Value" => quote!(Int64),
                "UInt64Value" => quote!(Uint64),
                "Int32Value" => quote!(Int32),
                "UInt32Value" => quote!(Uint32),
                "BoolValue" => quote!(Bool),
                "StringValue" => quote!(String),
                "BytesValue" => quote!(Bytes),
                "Timestamp" => quote!(Timestamp),
                "Duration" => quote!(Duration),
                "FieldMask" => quote!(FieldMask),
                "Struct" => quote!(Struct),
                "Value" => quote!(Value),
                "ListValue" => quote!(ListValue),
                "Any" => quote!(Any),
                "Empty" => quote!(Empty),
                _ => {
                    let path = types::message_path(plan, package, id);
                    quote!(Message(<#path as __json::Fields>::table_of))
                }
            }
        }
    }
}

fn enum_kind(plan: &Plan<'_>, package: usize, id: EnumId) -> TokenStream {
    if plan.schema.enumeration(id).full_name == "google.protobuf.NullValue" {
        quote!(NullValue)
    } else if plan.enumeration(id).is_some() {
        let path = types::enum_path(plan, package, id);
        quote!(Enum(<#path as __json::JsonEnum>::TABLE))
    } else {
        // An enum of `prost-types`: its table stands in the row.
        let table = enum_table(plan.schema, id);
        quote!(Enum(&#table))
    }
}

fn enum_table(schema: &Schema, id: EnumId) -> TokenStream {
    let enumeration = schema.enumeration(id);
    let name = &enumeration.full_name;
    let values = || enumeration.values.iter().map(|it| schema.value(*it));
    let by_name: BTreeMap<_, _> = values().map(|it| (it.name.as_str(), it.number)).collect();
    let mut by_number: BTreeMap<_, _> = BTreeMap::new();
    for value in values() {
        by_number.entry(value.number).or_insert(value.name.as_str());
    }
    let number = |number: &i32| proc_macro2::Literal::i32_unsuffixed(*number);
    let by_name = by_name.iter().map(|(name, it)| {
        let it = number(it);
        quote!((#name, #it))
    });
    let by_number = by_number.iter().map(|(it, name)| {
        let it = number(it);
        quote!((#it, #name))
    });
    quote! {
        __json::EnumTable { name: #name, by_name: &[#(#by_name),*], by_number: &[#(#by_number),*] }
    }
}

/// Rows of the index from names to positions: both names of each field, sorted; a JSON name wins. None for small messages.
fn names(schema: &Schema, message: &MessagePlan) -> Vec<TokenStream> {
    if message.fields.len() <= INDEX_ABOVE {
        return Vec::new();
    }
    let fields = || message.fields.iter().zip(0_usize..).map(|(it, index)| (schema.field(it.id), index));
    let mut names: BTreeMap<&str, usize> =
        fields().map(|(field, index)| (field.name.as_str(), index)).collect();
    names.extend(fields().map(|(field, index)| (field.json_name.as_str(), index)));
    let row = |(name, index): (&str, usize)| {
        let index = proc_macro2::Literal::usize_unsuffixed(index);
        quote!((#name, #index))
    };
    names.into_iter().map(row).collect()
}

fn view(message: &MessagePlan, field: &FieldPlan) -> TokenStream {
    let name = ident::token(&field.ident);
    match &field.slot {
        Slot::Plain => quote!(__View::one(&self.#name)),
        Slot::Optional => quote!(__View::maybe(&self.#name)),
        Slot::Repeated => quote!(__View::list(&self.#name)),
        Slot::Map { .. } => quote!(__View::map(&self.#name)),
        Slot::Oneof { oneof, variant } => {
            let name = ident::token(&message.oneofs[*oneof].ident);
            let path = types::oneof_path(message, *oneof);
            let variant = ident::token(variant);
            quote!(__json::member_view!(self.#name, #path::#variant))
        }
    }
}

fn slot(message: &MessagePlan, field: &FieldPlan) -> TokenStream {
    let name = ident::token(&field.ident);
    match &field.slot {
        Slot::Plain => quote!(__Slot::one(&mut self.#name)),
        Slot::Optional => quote!(__Slot::maybe(&mut self.#name)),
        Slot::Repeated => quote!(__Slot::list(&mut self.#name)),
        Slot::Map { .. } => quote!(__Slot::map(&mut self.#name)),
        Slot::Oneof { oneof, variant } => {
            let name = ident::token(&message.oneofs[*oneof].ident);
            let path = types::oneof_path(message, *oneof);
            let variant = ident::token(variant);
            quote!(__json::member_slot!(self.#name, #path::#variant))
        }
    }
}
