//! Which files a file takes something from: types, extended messages, options.
//!
//! Options are read from their raw bytes: a number that no option message declares belongs to an extension, and the extension to a
//! file. Messages inside of options are followed, `google.protobuf.Any` by its type URL.

use std::collections::{HashMap, HashSet};

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, FileId, Kind, MessageId};
use protogate_schema::model::wire::{Fields, Value};

/// For each target file, the files that declare what it uses.
pub(super) struct UsedFiles {
    by_file: HashMap<FileId, HashSet<FileId>>,
}

/// Extensions by extended message and number.
type Extensions<'a> = HashMap<(&'a str, i32), FieldId>;

impl UsedFiles {
    /// Looks at everything that the target files declare.
    pub(super) fn of_targets(schema: &Schema) -> Self {
        let extensions: Extensions<'_> = schema
            .fields()
            .filter_map(|(id, field)| Some(((field.extendee.as_deref()?, field.number), id)))
            .collect();
        let mut used = Used { schema, extensions, by_file: HashMap::new() };
        for (id, file) in schema.files().filter(|(_, file)| !file.is_import) {
            used.options(id, &file.raw_options, "google.protobuf.FileOptions");
        }
        for (_, message) in schema.messages() {
            let file = message.place.file;
            used.options(file, &message.raw_options, "google.protobuf.MessageOptions");
            for oneof in &message.oneofs {
                used.options(file, &oneof.raw_options, "google.protobuf.OneofOptions");
            }
        }
        for (_, field) in schema.fields() {
            let file = field.place.file;
            used.kind(file, field.kind);
            if let Some(extendee) = field.extendee.as_deref().and_then(|name| schema.find_message(name)) {
                used.message(file, extendee);
            }
            used.options(file, &field.raw_options, "google.protobuf.FieldOptions");
        }
        for (_, enumeration) in schema.enums() {
            let file = enumeration.place.file;
            used.options(file, &enumeration.raw_options, "google.protobuf.EnumOptions");
            for &value in &enumeration.values {
                used.options(file, &schema.value(value).raw_options, "google.protobuf.EnumValueOptions");
            }
        }
        for (_, service) in schema.services() {
            used.options(service.file, &service.raw_options, "google.protobuf.ServiceOptions");
            for &method in &service.methods {
                let method = schema.method(method);
                used.message(service.file, method.input);
                used.message(service.file, method.output);
                used.options(service.file, &method.raw_options, "google.protobuf.MethodOptions");
            }
        }
        Self { by_file: used.by_file }
    }

    /// Whether `file` uses something of `imported`, or of what that file imports publicly.
    pub(super) fn uses(&self, schema: &Schema, file: FileId, imported: FileId) -> bool {
        let Some(used) = self.by_file.get(&file) else { return false };
        let mut seen = HashSet::new();
        let mut open = vec![imported];
        while let Some(id) = open.pop() {
            if used.contains(&id) {
                return true;
            }
            if seen.insert(id) {
                let file = schema.file(id);
                let public = file.public_imports.iter().filter_map(|&index| file.imports.get(index as usize));
                open.extend(public.filter_map(|path| schema.find_file(path)));
            }
        }
        false
    }
}

struct Used<'a> {
    schema: &'a Schema,
    extensions: Extensions<'a>,
    by_file: HashMap<FileId, HashSet<FileId>>,
}

impl Used<'_> {
    fn add(&mut self, file: FileId, declared_in: FileId) {
        if !self.schema.file(file).is_import {
            self.by_file.entry(file).or_default().insert(declared_in);
        }
    }

    fn message(&mut self, file: FileId, id: MessageId) {
        self.add(file, self.schema.message(id).place.file);
    }

    fn kind(&mut self, file: FileId, kind: Kind) {
        match kind {
            Kind::Message(id) | Kind::Group(id) => self.message(file, id),
            Kind::Enum(id) => self.add(file, self.schema.enumeration(id).place.file),
            _ => {}
        }
    }

    /// What the bytes of a message use: extensions, at any depth.
    fn options(&mut self, file: FileId, bytes: &[u8], message: &str) {
        if bytes.is_empty() || self.schema.file(file).is_import {
            return;
        }
        let schema = self.schema;
        let declared = schema.find_message(message);
        for (number, value) in Fields::new(bytes) {
            let number = number as i32;
            let field = match self.extensions.get(&(message, number)) {
                Some(&extension) => {
                    self.add(file, schema.field(extension).place.file);
                    Some(extension)
                }
                None => declared.and_then(|id| {
                    let fields = &schema.message(id).fields;
                    fields.iter().copied().find(|&id| schema.field(id).number == number)
                }),
            };
            let Value::Bytes(inner) = value else { continue };
            if message == "google.protobuf.Any" && number == 1 {
                let name = std::str::from_utf8(inner).ok().and_then(|url| url.rsplit('/').next());
                if let Some(Element::Message(id)) = name.and_then(|name| schema.find(name)) {
                    self.message(file, id);
                }
            } else if let Some(Kind::Message(id)) = field.map(|id| schema.field(id).kind) {
                self.options(file, inner, &schema.message(id).full_name);
            }
        }
    }
}
