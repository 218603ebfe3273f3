//! The promises that a schema makes, as values that can be kept and compared: its own files, not what they import.

use std::collections::BTreeSet;

use super::{Former, FormerKind};
use crate::Schema;
use crate::model::element::{Field, FileId, MethodId};

/// Everything that the target files of a schema promise. Entries of maps are no promise of their own.
#[must_use]
pub fn promised(schema: &Schema) -> BTreeSet<Former> {
    let is_target = |file: FileId| !schema.file(file).is_import;
    let mut out = BTreeSet::new();
    for (_, message) in schema.messages().filter(|(_, it)| is_target(it.place.file) && !it.is_map_entry) {
        let scope = &message.full_name;
        for &id in &message.fields {
            let field = schema.field(id);
            out.insert(Former {
                name: field.name.clone(),
                json_name: field.json_name.clone(),
                ..of_field(schema, scope, FormerKind::Field, field)
            });
        }
        for range in &message.reserved_ranges {
            out.insert(reserved(scope, FormerKind::ReservedNumbers, range.start, range.end, ""));
        }
        for name in &message.reserved_names {
            out.insert(reserved(scope, FormerKind::ReservedName, 0, 0, name));
        }
    }
    for (_, field) in schema.fields().filter(|(_, it)| is_target(it.place.file)) {
        if let Some(extendee) = &field.extendee {
            out.insert(Former {
                name: field.full_name.clone(),
                ..of_field(schema, extendee, FormerKind::Extension, field)
            });
        }
    }
    for (_, enumeration) in schema.enums().filter(|(_, it)| is_target(it.place.file)) {
        let scope = &enumeration.full_name;
        for &id in &enumeration.values {
            let value = schema.value(id);
            out.insert(reserved(scope, FormerKind::Value, value.number, 0, &value.name));
        }
        for range in &enumeration.reserved_ranges {
            out.insert(reserved(scope, FormerKind::ReservedValueNumbers, range.start, range.end, ""));
        }
        for name in &enumeration.reserved_names {
            out.insert(reserved(scope, FormerKind::ReservedValueName, 0, 0, name));
        }
    }
    for (id, method) in schema.methods() {
        let service = schema.service(method.service);
        if !is_target(service.file) {
            continue;
        }
        out.insert(Former {
            text: schema.signature_text(id),
            ..reserved(&service.full_name, FormerKind::Rpc, 0, 0, &method.name)
        });
        for binding in schema.bindings(id) {
            let route = route_shape(&binding.http_method, &binding.template);
            out.insert(reserved(&method.full_name, FormerKind::Route, 0, 0, &route));
        }
    }
    out
}

/// How a route is recorded: its method and its template as written.
#[must_use]
pub fn route_shape(http_method: &str, template: &str) -> String {
    format!("{http_method} {template}")
}

fn of_field(schema: &Schema, scope: &str, kind: FormerKind, field: &Field) -> Former {
    Former { text: schema.type_text(field), ..reserved(scope, kind, field.number, 0, "") }
}

fn reserved(scope: &str, kind: FormerKind, number: i32, end: i32, name: &str) -> Former {
    Former {
        scope: scope.to_owned(),
        kind,
        number,
        end,
        name: name.to_owned(),
        text: String::new(),
        json_name: String::new(),
    }
}

impl Schema {
    /// What an rpc takes and gives: `(acme.v1.GetRequest) returns (stream acme.v1.Thing)`.
    #[must_use]
    pub fn signature_text(&self, method: MethodId) -> String {
        let method = self.method(method);
        let stream = |streams: bool| if streams { "stream " } else { "" };
        format!(
            "({}{}) returns ({}{})",
            stream(method.client_streaming),
            self.message(method.input).full_name,
            stream(method.server_streaming),
            self.message(method.output).full_name,
        )
    }
}
