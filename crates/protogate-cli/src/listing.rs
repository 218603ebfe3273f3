//! The canonical listing of a schema: one line for each thing that is promised, in a fixed order, without comments and places.
//!
//! Two schemas that promise the same have the same listing. `baseline show` prints it; `accept` and `verify` compare two of them.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::{Cardinality, Field, File, Kind, MethodId};
use protogate_schema::model::policy::Access;

/// Lines by the full name of what they are about; the text says everything that can change about it.
pub(crate) type Listing = BTreeMap<String, String>;

/// How the name of a line about who may call ends.
const ACCESS: &str = " (access)";

/// How the text of a line about a route begins. No other text begins so, and names of routes have blanks.
const ROUTE: &str = "route";

/// How two listings differ.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    pub(crate) added: Vec<(String, String)>,
    pub(crate) changed: Vec<(String, String, String)>,
    pub(crate) removed: Vec<(String, String)>,
}

/// Lists the target files of a schema.
pub(crate) fn list(schema: &Schema) -> Listing {
    list_files(schema, &|_| true)
}

/// Lists the target files whose import name is asked for.
pub(crate) fn list_files(schema: &Schema, wanted: &dyn Fn(&str) -> bool) -> Listing {
    let mut listing = Listing::new();
    let counts = |file: &File| !file.is_import && wanted(&file.path);
    let is_target = |file| counts(schema.file(file));
    for (_, file) in schema.files().filter(|(_, file)| counts(file)) {
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
    let stream = |streams: bool| if streams { "stream " } else { "" };
    let text = format!(
        "rpc ({}{}) returns ({}{})",
        stream(method.client_streaming),
        schema.message(method.input).full_name,
        stream(method.server_streaming),
        schema.message(method.output).full_name,
    );
    listing.insert(method.full_name.clone(), text);
    for binding in schema.bindings(id) {
        let body = match &binding.body {
            Body::None => String::new(),
            Body::All => " body *".to_owned(),
            Body::Field(field) => format!(" body {field}"),
        };
        let name = format!("{} {} {}", method.full_name, binding.http_method, binding.template);
        listing.insert(name, format!("{ROUTE}{body}"));
    }
    listing.insert(format!("{}{ACCESS}", method.full_name), access_text(&schema.policy(id).access));
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
    format!("{label}{} = {}{json}{}", kind_text(schema, field), field.number, oneof)
}

fn kind_text(schema: &Schema, field: &Field) -> String {
    let plain = match field.kind {
        Kind::Message(id) | Kind::Group(id) => {
            let message = schema.message(id);
            if field.cardinality == Cardinality::Map && message.is_map_entry {
                let parts: Vec<_> =
                    message.fields.iter().map(|&id| kind_text(schema, schema.field(id))).collect();
                return parts.join(" to ");
            }
            return message.full_name.clone();
        }
        Kind::Enum(id) => return schema.enumeration(id).full_name.clone(),
        Kind::Double => "double",
        Kind::Float => "float",
        Kind::Int64 => "int64",
        Kind::Uint64 => "uint64",
        Kind::Int32 => "int32",
        Kind::Fixed64 => "fixed64",
        Kind::Fixed32 => "fixed32",
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Uint32 => "uint32",
        Kind::Sfixed32 => "sfixed32",
        Kind::Sfixed64 => "sfixed64",
        Kind::Sint32 => "sint32",
        Kind::Sint64 => "sint64",
    };
    plain.to_owned()
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

    /// What may break callers and no rule judges: routes that are gone or take another body, and methods that are there before
    /// and after whose callers change. Marked as in [`Self::lines`].
    pub(crate) fn unjudged(&self) -> Vec<String> {
        let is_route = |name: &str, text: &str| name.contains(' ') && text.starts_with(ROUTE);
        let changed = self
            .changed
            .iter()
            .filter(|(name, old, _)| is_route(name, old) || name.ends_with(ACCESS))
            .cloned();
        let removed = self.removed.iter().filter(|(name, text)| is_route(name, text)).cloned();
        Self { added: Vec::new(), changed: changed.collect(), removed: removed.collect() }.lines()
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
