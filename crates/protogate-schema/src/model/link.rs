//! Descriptor bytes → [`Schema`]: fills the arenas, resolves type names, features and cardinality.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;

use bytes::Bytes;
use prost::Message as _;

use super::element::{
    Cardinality, Element, Enum, EnumId, Features, Field, FieldId, File, FileId, Kind, Message, MessageId,
    Method, MethodId, NumberRange, Oneof, Place, Provenance, Service, ServiceId, Syntax, Value, ValueId,
};
use super::features::{DELIMITED, EXPLICIT, IMPLICIT, LEGACY_REQUIRED};
use super::options::{
    EnumOptions, EnumValueOptions, FieldOptions, FileOptions, MessageOptions, MethodOptions, OneofOptions,
    ServiceOptions,
};
use super::schema::Schema;
use crate::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet, Mark,
    ServiceDescriptorProto,
};
use crate::error::Error;
use crate::origin::Origin;

/// Files that are decoded together while the ones before are added.
const CHUNK: usize = 128;
/// Most elements that room is made for on a guess.
const MAX_RESERVED: usize = 1_000_000;

impl Schema {
    /// Links the files of an encoded `google.protobuf.FileDescriptorSet`.
    ///
    /// `targets` are the paths that the user asked for; the other files count as imports. `None`: every file is a target.
    /// Dependencies may come in any order but must be in the set.
    ///
    /// # Errors
    /// When the bytes are no descriptor set, a file or a type is missing or twice there, or an option cannot be decoded.
    pub fn from_descriptor_set(bytes: Bytes, targets: Option<&HashSet<String>>) -> Result<Self, Error> {
        let failed = |error| Error::message(format!("not a descriptor set: {error}"));
        let pieces = Pieces::decode(bytes.clone()).map_err(failed)?.file;
        let mut linker = Linker::new();
        let imported = |_, name: &str| targets.is_some_and(|targets| !targets.contains(name));
        linker.add_all(&pieces, imported).map_err(|fault| match fault {
            Fault::Link(error) => error,
            // The error of the whole says where in the set it is.
            Fault::Decode(error) => failed(FileDescriptorSet::decode(bytes.clone()).err().unwrap_or(error)),
        })?;
        linker.schema.bytes = bytes.into();
        linker.finish()
    }

    /// Links encoded files; `true` says that the file is an import.
    pub(crate) fn from_files(parts: Vec<(Bytes, bool)>) -> Result<Self, Error> {
        let (pieces, imported): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let mut linker = Linker::new();
        linker.add_all(&pieces, |at, _| imported[at]).map_err(|fault| match fault {
            Fault::Link(error) => error,
            Fault::Decode(error) => Error::message(format!("not a descriptor set: {error}")),
        })?;
        linker.finish()
    }

    /// Adds the source texts that diagnostics show, by file path. The files with one count as compiled from it.
    #[must_use]
    pub fn with_sources(mut self, sources: HashMap<String, Arc<str>>) -> Self {
        for file in self.files.iter_mut().filter(|it| sources.contains_key(&it.path)) {
            file.provenance = Provenance::Source;
        }
        self.sources = sources;
        self
    }
}

fn provenance(mark: Mark) -> Provenance {
    let unused_imports = mark.unused_dependency.into_iter().filter_map(|it| u32::try_from(it).ok()).collect();
    Provenance::Image { syntax_unspecified: mark.is_syntax_unspecified, unused_imports }
}

/// A descriptor set whose files stay encoded.
#[derive(Clone, PartialEq, prost::Message)]
struct Pieces {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    file: Vec<Bytes>,
}

/// Why files cannot be added.
enum Fault {
    Decode(prost::DecodeError),
    Link(Error),
}

fn decode(pieces: &[Bytes]) -> Result<Vec<FileDescriptorProto>, prost::DecodeError> {
    pieces.iter().map(|it| FileDescriptorProto::decode(it.clone())).collect()
}

/// What is left to do once all names are known.
struct PendingField {
    id: FieldId,
    type_name: String,
    r#type: i32,
    label: i32,
    proto3: bool,
    map_value: bool,
}

struct Linker {
    schema: Schema,
    fields: Vec<PendingField>,
    methods: Vec<(MethodId, String, String)>,
}

fn options<T: prost::Message + Default>(bytes: &Bytes, of: &str) -> Result<T, Error> {
    T::decode(bytes.clone())
        .map_err(|error| Error::message(format!("options of `{of}` cannot be decoded: {error}")))
}

fn boxed<T: prost::Message + Default>(bytes: &Bytes, of: &str) -> Result<Option<Box<T>>, Error> {
    if bytes.is_empty() { Ok(None) } else { options(bytes, of).map(|it| Some(Box::new(it))) }
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// lowerCamel as protoc makes it: each `_` goes, the letter after it is upper-cased.
pub(super) fn json_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}

impl Linker {
    fn new() -> Self {
        Self {
            schema: Schema {
                files: Vec::new(),
                messages: Vec::new(),
                fields: Vec::new(),
                enums: Vec::new(),
                values: Vec::new(),
                services: Vec::new(),
                methods: Vec::new(),
                by_name: HashMap::default(),
                by_path: HashMap::new(),
                sources: HashMap::new(),
                locations: Vec::new(),
                parts: Vec::new(),
                bytes: OnceLock::new(),
                origin: Origin::default(),
            },
            fields: Vec::new(),
            methods: Vec::new(),
        }
    }

    /// Adds encoded files. Many are decoded by another thread, a few at a time: both processors have work, and little memory is used.
    fn add_all(&mut self, pieces: &[Bytes], imported: impl Fn(usize, &str) -> bool) -> Result<(), Fault> {
        let mut chunks = pieces.chunks(CHUNK);
        let add = |linker: &mut Self, files: Vec<FileDescriptorProto>| {
            for file in files {
                let at = linker.schema.parts.len();
                let import = imported(at, &file.name);
                linker.schema.parts.push((pieces[at].clone(), import));
                linker.add_file(file, import).map_err(Fault::Link)?;
            }
            Ok(())
        };
        let first = chunks.next().unwrap_or_default();
        add(self, decode(first).map_err(Fault::Decode)?)?;
        if chunks.len() == 0 {
            return Ok(());
        }
        let bytes = |pieces: &[Bytes]| pieces.iter().map(Bytes::len).sum::<usize>();
        self.reserve(bytes(pieces) / bytes(first).max(1) + 1);
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(2);
            scope.spawn(move || {
                for chunk in chunks {
                    // Nobody listens any more after a fault.
                    if sender.send(decode(chunk)).is_err() {
                        break;
                    }
                }
            });
            receiver.into_iter().try_for_each(|files| add(self, files.map_err(Fault::Decode)?))
        })
    }

    /// Makes room for so many times what is there: growing step by step would copy, and touch twice the memory.
    fn reserve(&mut self, times: usize) {
        fn more<T>(list: &mut Vec<T>, times: usize) {
            list.reserve(list.len().saturating_mul(times).min(MAX_RESERVED));
        }
        let schema = &mut self.schema;
        more(&mut schema.files, times);
        more(&mut schema.messages, times);
        more(&mut schema.fields, times);
        more(&mut schema.enums, times);
        more(&mut schema.values, times);
        more(&mut schema.services, times);
        more(&mut schema.methods, times);
        more(&mut self.fields, times);
        more(&mut self.methods, times);
        schema.by_name.reserve(schema.by_name.len().saturating_mul(times).min(MAX_RESERVED));
    }

    fn name(&mut self, full_name: &str, element: Element) -> Result<(), Error> {
        match self.schema.by_name.insert(full_name.to_owned(), element) {
            None => Ok(()),
            Some(other) => {
                let first = &self.schema.file(self.schema.file_of(other)).path;
                let second = &self.schema.file(self.schema.file_of(element)).path;
                Err(Error::message(format!("`{full_name}` is declared in `{first}` and in `{second}`")))
            }
        }
    }

    fn add_file(&mut self, proto: FileDescriptorProto, is_import: bool) -> Result<(), Error> {
        let id = FileId(self.schema.files.len() as u32);
        if self.schema.by_path.insert(proto.name.clone(), id).is_some() {
            return Err(Error::message(format!("the descriptor set holds `{}` twice", proto.name)));
        }
        let syntax = match (proto.syntax.as_str(), proto.edition) {
            ("proto3", _) => Syntax::Proto3,
            ("editions", edition) | (_, edition @ 1..) => Syntax::Edition(edition),
            _ => Syntax::Proto2,
        };
        let file_options: FileOptions = options(&proto.options, &proto.name)?;
        let features = Features::of_syntax(syntax).with(file_options.features.as_ref());
        self.schema.files.push(File {
            is_import,
            provenance: provenance(proto.mark.unwrap_or_default()),
            path: proto.name,
            package: proto.package.clone(),
            syntax,
            imports: proto.dependency,
            public_imports: proto.public_dependency.iter().filter_map(|&it| u32::try_from(it).ok()).collect(),
            messages: Vec::new(),
            enums: Vec::new(),
            services: Vec::new(),
            extensions: Vec::new(),
            options: file_options,
            raw_options: proto.options,
            features,
            source_code_info: proto.source_code_info,
        });
        self.schema.locations.push(OnceLock::new());

        let scope = proto.package;
        let place = |index: usize| Place { file: id, parent: None, index: index as u32 };
        for (index, message) in proto.message_type.into_iter().enumerate() {
            let message = self.add_message(message, &scope, place(index), features)?;
            self.schema.files[id.index()].messages.push(message);
        }
        for (index, enumeration) in proto.enum_type.into_iter().enumerate() {
            let enumeration = self.add_enum(enumeration, &scope, place(index), features)?;
            self.schema.files[id.index()].enums.push(enumeration);
        }
        for (index, field) in proto.extension.into_iter().enumerate() {
            let field = self.add_field(field, &scope, place(index), features, false)?;
            self.schema.files[id.index()].extensions.push(field);
        }
        for (index, service) in proto.service.into_iter().enumerate() {
            let service = self.add_service(service, &scope, id, index as u32)?;
            self.schema.files[id.index()].services.push(service);
        }
        Ok(())
    }

    fn add_message(
        &mut self,
        proto: DescriptorProto,
        scope: &str,
        place: Place,
        inherited: Features,
    ) -> Result<MessageId, Error> {
        let id = MessageId(self.schema.messages.len() as u32);
        let full_name = join(scope, &proto.name);
        let message_options: MessageOptions = options(&proto.options, &full_name)?;
        let features = inherited.with(message_options.features.as_ref());
        let is_map_entry = message_options.map_entry.unwrap_or(false);
        // In messages the descriptor's ends are exclusive.
        let ranges = |ranges: &[crate::descriptor::Range]| {
            ranges
                .iter()
                .map(|it| NumberRange { start: it.start, end: it.end.saturating_sub(1) })
                .collect::<Vec<_>>()
        };
        self.schema.messages.push(Message {
            name: proto.name,
            full_name: full_name.clone(),
            place,
            fields: Vec::with_capacity(proto.field.len()),
            oneofs: proto
                .oneof_decl
                .into_iter()
                .map(|it| Oneof {
                    name: it.name,
                    synthetic: false,
                    fields: Vec::new(),
                    raw_options: it.options,
                })
                .collect(),
            messages: Vec::new(),
            enums: Vec::new(),
            extensions: Vec::new(),
            extension_ranges: ranges(&proto.extension_range),
            reserved_ranges: ranges(&proto.reserved_range),
            reserved_names: proto.reserved_name,
            options: message_options,
            raw_options: proto.options,
            features,
            is_map_entry,
        });
        self.name(&full_name, Element::Message(id))?;

        let inside = |index: usize| Place { file: place.file, parent: Some(id), index: index as u32 };
        let mut of_oneofs = Vec::new();
        for oneof in &self.schema.messages[id.index()].oneofs {
            let own: Option<Box<OneofOptions>> = boxed(&oneof.raw_options, &oneof.name)?;
            of_oneofs.push(features.with(own.and_then(|it| it.features).as_ref()));
        }
        for (index, field) in proto.field.into_iter().enumerate() {
            let proto3_optional = field.proto3_optional;
            let oneof = field.oneof_index.and_then(|it| usize::try_from(it).ok());
            let inherited = *oneof.and_then(|it| of_oneofs.get(it)).unwrap_or(&features);
            let field =
                self.add_field(field, &full_name, inside(index), inherited, is_map_entry && index == 1)?;
            let oneof = self.schema.field(field).oneof;
            let message = &mut self.schema.messages[id.index()];
            message.fields.push(field);
            if let Some(oneof) = oneof {
                let Some(oneof) = message.oneofs.get_mut(oneof as usize) else {
                    return Err(Error::message(format!(
                        "`{full_name}` has a field in a oneof that does not exist"
                    )));
                };
                oneof.fields.push(field);
                oneof.synthetic = proto3_optional;
            }
        }
        for (index, message) in proto.nested_type.into_iter().enumerate() {
            let message = self.add_message(message, &full_name, inside(index), features)?;
            self.schema.messages[id.index()].messages.push(message);
        }
        for (index, enumeration) in proto.enum_type.into_iter().enumerate() {
            let enumeration = self.add_enum(enumeration, &full_name, inside(index), features)?;
            self.schema.messages[id.index()].enums.push(enumeration);
        }
        for (index, field) in proto.extension.into_iter().enumerate() {
            let field = self.add_field(field, &full_name, inside(index), features, false)?;
            self.schema.messages[id.index()].extensions.push(field);
        }
        Ok(id)
    }

    fn add_field(
        &mut self,
        proto: FieldDescriptorProto,
        scope: &str,
        place: Place,
        inherited: Features,
        map_value: bool,
    ) -> Result<FieldId, Error> {
        let id = FieldId(self.schema.fields.len() as u32);
        let full_name = join(scope, &proto.name);
        let field_options: Option<Box<FieldOptions>> = boxed(&proto.options, &full_name)?;
        let features = inherited.with(field_options.as_ref().and_then(|it| it.features.as_ref()));
        self.fields.push(PendingField {
            id,
            type_name: proto.type_name,
            r#type: proto.r#type,
            label: proto.label,
            proto3: proto.proto3_optional,
            map_value,
        });
        self.schema.fields.push(Field {
            json_name: proto.json_name.unwrap_or_else(|| json_name(&proto.name)),
            name: proto.name,
            full_name: full_name.clone(),
            place,
            number: proto.number,
            kind: Kind::Bool,
            cardinality: Cardinality::Explicit,
            label_required: proto.label == 2,
            oneof: proto.oneof_index.and_then(|it| u32::try_from(it).ok()),
            default_value: proto.default_value,
            extendee: (!proto.extendee.is_empty()).then(|| proto.extendee.trim_start_matches('.').to_owned()),
            options: field_options,
            raw_options: proto.options,
            features,
        });
        self.name(&full_name, Element::Field(id))?;
        Ok(id)
    }

    fn add_enum(
        &mut self,
        proto: EnumDescriptorProto,
        scope: &str,
        place: Place,
        inherited: Features,
    ) -> Result<EnumId, Error> {
        let id = EnumId(self.schema.enums.len() as u32);
        let full_name = join(scope, &proto.name);
        let enum_options: EnumOptions = options(&proto.options, &full_name)?;
        let features = inherited.with(enum_options.features.as_ref());
        let first = self.schema.values.len() as u32;
        let count = proto.value.len() as u32;
        for (index, value) in proto.value.into_iter().enumerate() {
            let value_options: Option<Box<EnumValueOptions>> = boxed(&value.options, &value.name)?;
            self.schema.values.push(Value {
                name: value.name,
                number: value.number,
                parent: id,
                index: index as u32,
                options: value_options,
                raw_options: value.options,
            });
        }
        self.schema.enums.push(Enum {
            name: proto.name,
            full_name: full_name.clone(),
            place,
            values: (first..first + count).map(ValueId).collect(),
            reserved_ranges: proto
                .reserved_range
                .iter()
                .map(|it| NumberRange { start: it.start, end: it.end })
                .collect(),
            reserved_names: proto.reserved_name,
            options: enum_options,
            raw_options: proto.options,
            features,
        });
        self.name(&full_name, Element::Enum(id))?;
        for value in (first..first + count).map(ValueId) {
            let value_name = join(&full_name, &self.schema.value(value).name);
            self.name(&value_name, Element::Value(value))?;
        }
        Ok(id)
    }

    fn add_service(
        &mut self,
        proto: ServiceDescriptorProto,
        scope: &str,
        file: FileId,
        index: u32,
    ) -> Result<ServiceId, Error> {
        let id = ServiceId(self.schema.services.len() as u32);
        let full_name = join(scope, &proto.name);
        let service_options: ServiceOptions = options(&proto.options, &full_name)?;
        self.schema.services.push(Service {
            name: proto.name,
            full_name: full_name.clone(),
            file,
            index,
            methods: Vec::with_capacity(proto.method.len()),
            options: service_options,
            raw_options: proto.options,
        });
        self.name(&full_name, Element::Service(id))?;
        for (index, method) in proto.method.into_iter().enumerate() {
            let method_id = MethodId(self.schema.methods.len() as u32);
            let method_name = join(&full_name, &method.name);
            let method_options: MethodOptions = options(&method.options, &method_name)?;
            self.methods.push((method_id, method.input_type, method.output_type));
            self.schema.methods.push(Method {
                name: method.name,
                full_name: method_name.clone(),
                service: id,
                index: index as u32,
                input: MessageId(0),
                output: MessageId(0),
                client_streaming: method.client_streaming,
                server_streaming: method.server_streaming,
                options: method_options,
                raw_options: method.options,
            });
            self.schema.services[id.index()].methods.push(method_id);
            self.name(&method_name, Element::Method(method_id))?;
        }
        Ok(id)
    }

    fn finish(mut self) -> Result<Schema, Error> {
        for (_, file) in self.schema.files() {
            if let Some(missing) = file.imports.iter().find(|it| !self.schema.by_path.contains_key(*it)) {
                return Err(Error::message(format!(
                    "`{}` imports `{missing}`, which is not in the descriptor set; write the set with its imports",
                    file.path
                )));
            }
        }
        for pending in std::mem::take(&mut self.fields) {
            let kind = self.kind(&pending)?;
            let cardinality = self.cardinality(&pending, kind);
            let field = &mut self.schema.fields[pending.id.index()];
            field.kind = kind;
            field.cardinality = cardinality;
        }
        for (id, input, output) in std::mem::take(&mut self.methods) {
            let (input, output) = (self.message(&input, id)?, self.message(&output, id)?);
            let method = &mut self.schema.methods[id.index()];
            method.input = input;
            method.output = output;
        }
        Ok(self.schema)
    }

    fn message(&self, type_name: &str, method: MethodId) -> Result<MessageId, Error> {
        self.schema.find_message(type_name.trim_start_matches('.')).ok_or_else(|| {
            let rpc = &self.schema.method(method).full_name;
            Error::message(format!(
                "rpc `{rpc}` uses the message `{type_name}`, which is not in the descriptor set"
            ))
        })
    }

    fn kind(&self, pending: &PendingField) -> Result<Kind, Error> {
        let field = self.schema.field(pending.id);
        let found = self.schema.find(pending.type_name.trim_start_matches('.'));
        let delimited = field.features.message_encoding == DELIMITED && !pending.map_value;
        let message = |id: MessageId| {
            let entry = self.schema.message(id).is_map_entry;
            if pending.r#type == 10 || (delimited && !entry) { Kind::Group(id) } else { Kind::Message(id) }
        };
        Ok(match (pending.r#type, found) {
            (1, _) => Kind::Double,
            (2, _) => Kind::Float,
            (3, _) => Kind::Int64,
            (4, _) => Kind::Uint64,
            (5, _) => Kind::Int32,
            (6, _) => Kind::Fixed64,
            (7, _) => Kind::Fixed32,
            (8, _) => Kind::Bool,
            (9, _) => Kind::String,
            (12, _) => Kind::Bytes,
            (13, _) => Kind::Uint32,
            (15, _) => Kind::Sfixed32,
            (16, _) => Kind::Sfixed64,
            (17, _) => Kind::Sint32,
            (18, _) => Kind::Sint64,
            (0 | 10 | 11, Some(Element::Message(id))) => message(id),
            (0 | 14, Some(Element::Enum(id))) => Kind::Enum(id),
            (number, _) => {
                return Err(Error::message(format!(
                    "field `{}` has type {number} `{}`, which is not in the descriptor set",
                    field.full_name, pending.type_name
                )));
            }
        })
    }

    fn cardinality(&self, pending: &PendingField, kind: Kind) -> Cardinality {
        let field = self.schema.field(pending.id);
        if pending.label == 3 {
            return match kind {
                Kind::Message(id) if self.schema.message(id).is_map_entry => Cardinality::Map,
                _ => Cardinality::Repeated,
            };
        }
        let message = matches!(kind, Kind::Message(_) | Kind::Group(_));
        if pending.label == 2 || (field.features.field_presence == LEGACY_REQUIRED && !field.is_extension()) {
            Cardinality::Required
        } else if message
            || pending.proto3
            || field.oneof.is_some()
            || field.is_extension()
            || field.features.field_presence == EXPLICIT
        {
            Cardinality::Explicit
        } else {
            debug_assert_eq!(field.features.field_presence, IMPLICIT);
            Cardinality::Implicit
        }
    }
}
