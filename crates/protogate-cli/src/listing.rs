//! The canonical listing of a schema: one line for each thing that is promised, in a fixed order, without comments and places.
//!
//! Two schemas that promise the same have the same listing. `baseline show` prints it; `accept` and `verify` compare two of them.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::{Cardinality, Field, Kind, MethodId};
use protogate_schema::model::policy::Access;

/// Lines by the full name of what they are about; the text says everything that can change about it.
pub(crate) type Listing = BTreeMap<String, String>;

/// How two listings differ.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<(String, String)>,
    pub(crate) changed: Vec<(String, String, String)>,
    pub(crate) removed: Vec<(String, String)>,
}

/// Lists the target files of a schema.
pub(crate) fn list(schema: &Schema) -> Listing {
    let mut listing = Listing::new();
    let is_target = |file| !schema.file(file).is_import;
    for (_, file) in schema.files().filter(|(_, file)| !file.is_import) {
        let package = if file.package.is_empty() {
            "no package".to_owned()
        } else {
            format!("package {}", file.package)
        };
        listing.insert(file.path.clone(), format!("file {package}"));
    }
    for (_, message) in
        schema.messages().filter(|(_, message)| is_target(message.place.file) && !message.is_map_entry)
    {
        listing.insert(message.full_name.clone(), "message".to_owned());
        for &id in &message.fields {
            let field = schema.field(id);
            listing.insert(field.full_name.clone(), field_text(schema, field));
        }
    }
    for (_, field) in schema.fields().filter(|(_, field)| field.is_extension() && is_target(field.place.file))
    {
        let extendee = field.extendee.as_deref().unwrap_or_default();
        listing.insert(
            field.full_name.clone(),
            format!("extension of {extendee}: {}", field_text(schema, field)),
        );
    }
    for (_, enumeration) in schema.enums().filter(|(_, enumeration)| is_target(enumeration.place.file)) {
        listing.insert(enumeration.full_name.clone(), "enum".to_owned());
        for &id in &enumeration.values {
            let value = schema.value(id);
            listing
                .insert(format!("{}.{}", enumeration.full_name, value.name), format!("= {}", value.number));
        }
    }
    for (_, service) in schema.services().filter(|(_, service)| is_target(service.file)) {
        listing.insert(service.full_name.clone(), "service".to_owned());
        for &id in &service.methods {
            list_method(schema, id, &mut listing);
        }
    }
    for catalog in schema.error_catalogs() {
        let enumeration = schema.enumeration(catalog.enumeration);
        if !is_target(enumeration.place.file) {
            continue;
        }
        for error in &catalog.errors {
            let retry = if error.retryable { " retryable" } else { "" };
            let http =
                if error.http_status == 0 { String::new() } else { format!(" http {}", error.http_status) };
            let text = format!("error {} {}{http}{retry}", error.code, error.grpc_code);
            listing.insert(format!("{}.{} (error)", enumeration.full_name, error.reason), text);
        }
    }
    listing
}

fn list_method(schema: &Schema, id: MethodId, listing: &mut Listing) {
    let method = schema.method(id);
    listing.insert(method.full_name.clone(), format!("rpc {}", schema.signature_text(id)));
    for binding in schema.bindings(id) {
        let body = match &binding.body {
            Body::None => String::new(),
            Body::All => " body *".to_owned(),
            Body::Field(field) => format!(" body {field}"),
        };
        let name = format!("{} {} {}", method.full_name, binding.http_method, binding.template);
        listing.insert(name, format!("route{body}"));
    }
    listing.insert(format!("{} (access)", method.full_name), access_text(&schema.policy(id).access));
}

/// Who may call, in words.
pub(crate) fn access_text(access: &Access) -> String {
    match access {
        Access::Denied => "nobody".to_owned(),
        Access::Public => "anybody".to_owned(),
        Access::Granted { roles, permissions } => {
            let mut parts = Vec::new();
            if !roles.is_empty() {
                parts.push(format!("role {}", roles.join(" | ")));
            }
            if !permissions.is_empty() {
                parts.push(format!("permission {}", permissions.join(" + ")));
            }
            parts.join(", ")
        }
    }
}

fn field_text(schema: &Schema, field: &Field) -> String {
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
    let oneof = oneof.map_or_else(String::new, |oneof| format!(" in oneof {}", oneof.name));
    let json = format!(" json {}", field.json_name);
    format!("{label}{} = {}{json}{}", schema.kind_text(field), field.number, oneof)
}

/// What is different in `new`.
pub(crate) fn compare(old: &Listing, new: &Listing) -> Difference {
    let mut difference = Difference::default();
    for (name, text) in new {
        match old.get(name) {
            None => difference.added.push((name.clone(), text.clone())),
            Some(before) if before != text => {
                difference.changed.push((name.clone(), before.clone(), text.clone()))
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(name, _)| !new.contains_key(*name));
    difference.removed.extend(gone.map(|(name, text)| (name.clone(), text.clone())));
    difference
}

impl Difference {
    /// Whether both promise the same.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// The differences in order of name, marked `+`, `~` and `-`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<(&str, String)> = Vec::new();
        lines.extend(self.added.iter().map(|(name, text)| (name.as_str(), format!("+ {name}  {text}"))));
        lines.extend(
            self.changed.iter().map(|(name, old, new)| (name.as_str(), format!("~ {name}  {old} -> {new}"))),
        );
        lines.extend(self.removed.iter().map(|(name, text)| (name.as_str(), format!("- {name}  {text}"))));
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}
