//! The linked schema and the questions it answers.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::binding::{self, Binding};
use super::element::{
    Element, Enum, EnumId, Field, FieldId, File, FileId, Message, MessageId, Method, MethodId, Service,
    ServiceId, Value, ValueId,
};
use super::error_spec::{ErrorCatalog, ErrorSpec};
use super::policy::Policy;
use super::span::{Comments, Locations, Span};
use crate::origin::Origin;

/// A linked and annotated set of files: the one input of rules and generators.
///
/// Made from descriptor bytes by [`Schema::from_descriptor_set`]; the ways to get at bytes are in [`crate::load`].
pub struct Schema {
    pub(crate) files: Vec<File>,
    pub(crate) messages: Vec<Message>,
    pub(crate) fields: Vec<Field>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) values: Vec<Value>,
    pub(crate) services: Vec<Service>,
    pub(crate) methods: Vec<Method>,
    pub(crate) by_name: HashMap<String, Element, foldhash::fast::RandomState>,
    pub(crate) by_path: HashMap<String, FileId>,
    pub(crate) sources: HashMap<String, Arc<str>>,
    pub(crate) locations: Vec<OnceLock<Locations>>,
    /// The encoded files, and whether they are imports.
    pub(crate) parts: Vec<(Bytes, bool)>,
    /// All of them as one set, once somebody has asked.
    pub(crate) bytes: OnceLock<Bytes>,
    pub(crate) origin: Origin,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("files", &self.files.len())
            .field("messages", &self.messages.len())
            .finish_non_exhaustive()
    }
}

macro_rules! arena {
    ($($(#[$doc:meta])* $one:ident, $all:ident, $ids:ident: $id:ident => $item:ident;)*) => {
        impl Schema {$(
            $(#[$doc])*
            #[must_use]
            pub fn $one(&self, id: $id) -> &$item {
                &self.$all[id.index()]
            }

            /// All of them, in arena order: file by file, in source order, outer before inner.
            pub fn $ids(&self) -> impl ExactSizeIterator<Item = ($id, &$item)> + Clone {
                self.$all.iter().enumerate().map(|(index, item)| ($id(index as u32), item))
            }
        )*}
    };
}

arena! {
    /// The file with this id.
    file, files, files: FileId => File;
    /// The message with this id.
    message, messages, messages: MessageId => Message;
    /// The field or extension with this id.
    field, fields, fields: FieldId => Field;
    /// The enum with this id.
    enumeration, enums, enums: EnumId => Enum;
    /// The enum value with this id.
    value, values, values: ValueId => Value;
    /// The service with this id.
    service, services, services: ServiceId => Service;
    /// The rpc with this id.
    method, methods, methods: MethodId => Method;
}

impl Schema {
    /// The descriptor set that the schema was made from: all files, imports first, source info and custom options included.
    #[must_use]
    pub fn descriptor_bytes(&self) -> &Bytes {
        self.bytes.get_or_init(|| {
            let mut out = Vec::with_capacity(self.parts.iter().map(|(it, _)| it.len() + 16).sum());
            for (file, import) in &self.parts {
                let mark: &[u8] = if *import { &crate::load::IMPORT_MARK } else { &[] };
                prost::encoding::encode_key(1, prost::encoding::WireType::LengthDelimited, &mut out);
                prost::encoding::encode_varint((file.len() + mark.len()) as u64, &mut out);
                out.extend_from_slice(file);
                out.extend_from_slice(mark);
            }
            Bytes::from(out)
        })
    }

    /// The encoded files, in order.
    pub(crate) fn encoded(&self) -> impl Iterator<Item = &Bytes> {
        self.parts.iter().map(|(it, _)| it)
    }

    /// The element with this full name: `acme.v1.Book`, `acme.v1.Book.title`, `acme.v1.Library.GetBook`.
    ///
    /// An enum value is found under its own enum's full name (`acme.v1.Kind.KIND_A`), not under the scope that protobuf puts it in.
    #[must_use]
    pub fn find(&self, full_name: &str) -> Option<Element> {
        self.by_name.get(full_name).copied()
    }

    /// The message with this full name.
    #[must_use]
    pub fn find_message(&self, full_name: &str) -> Option<MessageId> {
        match self.find(full_name)? {
            Element::Message(id) => Some(id),
            _ => None,
        }
    }

    /// The file with this path.
    #[must_use]
    pub fn find_file(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// The file that an element is declared in.
    #[must_use]
    pub fn file_of(&self, element: Element) -> FileId {
        match element {
            Element::File(id) => id,
            Element::Message(id) | Element::Oneof(id, _) => self.message(id).place.file,
            Element::Field(id) => self.field(id).place.file,
            Element::Enum(id) => self.enumeration(id).place.file,
            Element::Value(id) => self.enumeration(self.value(id).parent).place.file,
            Element::Service(id) => self.service(id).file,
            Element::Method(id) => self.service(self.method(id).service).file,
        }
    }

    /// Full name of an element; the path for a file.
    #[must_use]
    pub fn full_name(&self, element: Element) -> String {
        match element {
            Element::File(id) => self.file(id).path.clone(),
            Element::Message(id) => self.message(id).full_name.clone(),
            Element::Oneof(id, index) => {
                let message = self.message(id);
                format!("{}.{}", message.full_name, message.oneofs[index as usize].name)
            }
            Element::Field(id) => self.field(id).full_name.clone(),
            Element::Enum(id) => self.enumeration(id).full_name.clone(),
            Element::Value(id) => {
                let value = self.value(id);
                format!("{}.{}", self.enumeration(value.parent).full_name, value.name)
            }
            Element::Service(id) => self.service(id).full_name.clone(),
            Element::Method(id) => self.method(id).full_name.clone(),
        }
    }

    /// Name inside the file, without the package: `Outer.Inner`.
    #[must_use]
    pub fn nested_name(&self, element: Element) -> String {
        let full = self.full_name(element);
        let package = &self.file(self.file_of(element)).package;
        if package.is_empty() { full } else { full[package.len() + 1..].to_owned() }
    }

    /// Descriptor path of an element, as used by `SourceCodeInfo`: `[4, 0, 2, 1]`.
    #[must_use]
    pub fn path_of(&self, element: Element) -> Vec<i32> {
        let below = |parent: Option<MessageId>, in_file: i32, in_message: i32, index: u32| {
            let mut path = parent.map_or_else(Vec::new, |id| self.path_of(Element::Message(id)));
            path.push(if parent.is_some() { in_message } else { in_file });
            path.push(index as i32);
            path
        };
        let inside = |outer: Element, number: i32, index: u32| {
            let mut path = self.path_of(outer);
            path.extend([number, index as i32]);
            path
        };
        match element {
            Element::File(_) => Vec::new(),
            Element::Message(id) => {
                let place = self.message(id).place;
                below(place.parent, 4, 3, place.index)
            }
            Element::Field(id) => {
                let field = self.field(id);
                if field.is_extension() {
                    below(field.place.parent, 7, 6, field.place.index)
                } else {
                    below(field.place.parent, 7, 2, field.place.index)
                }
            }
            Element::Oneof(id, index) => inside(Element::Message(id), 8, index),
            Element::Enum(id) => {
                let place = self.enumeration(id).place;
                below(place.parent, 5, 4, place.index)
            }
            Element::Value(id) => {
                let value = self.value(id);
                inside(Element::Enum(value.parent), 2, value.index)
            }
            Element::Service(id) => vec![6, self.service(id).index as i32],
            Element::Method(id) => {
                let method = self.method(id);
                inside(Element::Service(method.service), 2, method.index)
            }
        }
    }

    /// Place of a whole declaration, from its first token to its `;` or `}`.
    #[must_use]
    pub fn span(&self, element: Element) -> Option<Span> {
        self.span_at(self.file_of(element), &self.path_of(element))
    }

    /// Place of a part of an element: its path continued by `suffix` (1 is the name of anything).
    #[must_use]
    pub fn span_of(&self, element: Element, suffix: &[i32]) -> Option<Span> {
        let mut path = self.path_of(element);
        path.extend_from_slice(suffix);
        self.span_at(self.file_of(element), &path)
    }

    /// Place of a descriptor path in a file.
    #[must_use]
    pub fn span_at(&self, file: FileId, path: &[i32]) -> Option<Span> {
        self.locations(file).span(path)
    }

    /// Place of an option: the exact path, else the longest recorded prefix that is at least `keep` numbers long, else the first
    /// recorded location below the path (an option written as an aggregate has no location of its own).
    #[must_use]
    pub fn option_span(&self, file: FileId, path: &[i32], keep: usize) -> Option<Span> {
        let locations = self.locations(file);
        let prefixes = (keep.max(1)..=path.len()).rev().map(|length| &path[..length]);
        prefixes
            .filter_map(|prefix| locations.span(prefix))
            .next()
            .or_else(|| locations.below(path).map(|(_, span)| span).min())
    }

    /// Comments around an element.
    #[must_use]
    pub fn comments(&self, element: Element) -> Option<&Comments> {
        self.locations(self.file_of(element)).comments(&self.path_of(element))
    }

    /// Comments at a descriptor path of a file (`[12]` syntax, `[2]` package).
    #[must_use]
    pub fn comments_at(&self, file: FileId, path: &[i32]) -> Option<&Comments> {
        self.locations(file).comments(path)
    }

    /// Source text of a file, when the schema was compiled from sources.
    #[must_use]
    pub fn source(&self, path: &str) -> Option<&Arc<str>> {
        self.sources.get(path)
    }

    /// Where the files came from: their paths as the user knows them, and what was read.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// HTTP bindings of an rpc, in the order of the annotation.
    #[must_use]
    pub fn bindings(&self, method: MethodId) -> Vec<Binding> {
        binding::bindings(self.method(method).options.http.as_ref())
    }

    /// Policy of an rpc.
    #[must_use]
    pub fn policy(&self, method: MethodId) -> Policy {
        let method = self.method(method);
        let service = self.service(method.service);
        Policy::resolve(method.options.policy.as_ref(), service.options.default_policy.as_ref())
    }

    /// The error catalogues, in file order.
    #[must_use]
    pub fn error_catalogs(&self) -> Vec<ErrorCatalog> {
        self.enums().filter_map(|(id, _)| self.error_catalog(id)).collect()
    }

    fn error_catalog(&self, id: EnumId) -> Option<ErrorCatalog> {
        let enumeration = self.enumeration(id);
        let raw = enumeration.options.error_catalog.as_ref()?;
        let mut errors = Vec::new();
        let mut bare = Vec::new();
        for &value_id in &enumeration.values {
            let value = self.value(value_id);
            match value.options.as_ref().and_then(|options| options.error.as_ref()) {
                Some(raw) => errors.push(ErrorSpec {
                    value: value_id,
                    reason: value.name.clone(),
                    code: raw.code.clone(),
                    grpc_code: raw.grpc_code.clone(),
                    http_status: raw.http_status,
                    retryable: raw.retryable,
                    retry_delay: raw.retry_delay.and_then(|delay| delay.try_into().ok()),
                    texts: raw.texts.clone(),
                }),
                None if value.number != 0 => bare.push(value_id),
                None => {}
            }
        }
        let default_locale =
            if raw.default_locale.is_empty() { "en".to_owned() } else { raw.default_locale.clone() };
        Some(ErrorCatalog {
            enumeration: id,
            domain: raw.domain.clone(),
            default_locale,
            locales: raw.locales.clone(),
            errors,
            bare,
        })
    }

    fn locations(&self, file: FileId) -> &Locations {
        self.locations[file.index()].get_or_init(|| Locations::decode(&self.file(file).source_code_info))
    }
}
