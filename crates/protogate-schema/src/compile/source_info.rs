//! Source info of a file on its way through the linker.
//!
//! It is most of a parsed file's weight, and the linker would copy it several times and search it once per option. So it goes
//! around the linker, encoded already by the thread that parsed. Only the locations of options are held back: their paths say
//! "uninterpreted option 3" until the linker has given the option's name a number.

use std::collections::{HashMap, HashSet};

use bytes::{BufMut as _, Bytes};
use prost_reflect::{Cardinality, DescriptorPool, ExtensionDescriptor, Kind, MessageDescriptor};
use prost_types::field_descriptor_proto::Type;
use prost_types::source_code_info::Location;
use prost_types::uninterpreted_option::NamePart;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, UninterpretedOption,
};

use crate::model::span::Locations;

/// Number of `uninterpreted_option` in every options message.
const UNINTERPRETED: i32 = 999;

/// Encoded locations, and those of options, which come between them.
pub(super) struct SourceInfo {
    encoded: Vec<u8>,
    options: Vec<OptionLocation>,
}

struct OptionLocation {
    /// Where in `encoded` it comes.
    offset: usize,
    location: Location,
    /// `None` if the option's name cannot be found out; the location then keeps its path.
    option: Option<OptionName>,
}

/// What has to be known to give an option its path.
struct OptionName {
    /// Full name of the options message.
    message: &'static str,
    scope: String,
    parts: Vec<NamePart>,
}

impl SourceInfo {
    /// Takes the source info out of a parsed file.
    pub(super) fn take(file: &mut FileDescriptorProto) -> Self {
        let mut locations = file.source_code_info.take().map(|it| it.location).unwrap_or_default();
        groups_as_named(file, &mut locations);
        // The parser sorts by path and leaves equal paths in any order; of those the first one counts, which is the outermost.
        locations.sort_by(|a, b| (&a.path, &a.span).cmp(&(&b.path, &b.span)));
        let mut encoded = Vec::with_capacity(locations.len() * 16);
        let mut options = Vec::new();
        for location in locations {
            if let [.., UNINTERPRETED, _] = location.path[..] {
                let option = find_option(file, &location.path);
                options.push(OptionLocation { offset: encoded.len(), location, option });
            } else {
                prost::encoding::message::encode(1, &location, &mut encoded);
            }
        }
        encoded.shrink_to_fit();
        Self { encoded, options }
    }

    /// The source info as bytes, with the paths that options have after linking in this pool, which holds the file.
    pub(super) fn encode(mut self, pool: &DescriptorPool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded.len() + self.options.len() * 32);
        let mut done = 0;
        let mut repeated: HashMap<Vec<i32>, i32> = HashMap::new();
        for held in &mut self.options {
            out.extend_from_slice(&self.encoded[done..held.offset]);
            done = held.offset;
            if let Some(numbers) = held.option.as_ref().and_then(|it| resolve(it, pool)) {
                let path = &mut held.location.path;
                path.truncate(path.len() - 2);
                path.extend(numbers.path);
                if numbers.list {
                    let count = repeated.entry(path.clone()).or_insert(0);
                    path.push(*count);
                    *count += 1;
                }
            }
            prost::encoding::message::encode(1, &held.location, &mut out);
        }
        out.extend_from_slice(&self.encoded[done..]);
        out
    }

    /// Places of descriptor paths, as parsed: decoded anew at each call, for errors only.
    pub(super) fn locations(&self) -> Locations {
        let mut bytes = self.encoded.clone();
        for held in &self.options {
            prost::encoding::message::encode(1, &held.location, &mut bytes);
        }
        Locations::decode(&Bytes::from(bytes))
    }
}

/// Gives the `group` keyword the path of a type's name, as buf's compiler does: rules point at what names the type of a field, and the
/// name of a group is the field's own.
fn groups_as_named(file: &FileDescriptorProto, locations: &mut Vec<Location>) {
    const TYPE: i32 = 5;
    const TYPE_NAME: i32 = 6;
    fn fields(fields: &[FieldDescriptorProto], path: &[i32], tag: i32, found: &mut HashSet<Vec<i32>>) {
        let groups = fields.iter().zip(0_i32..).filter(|(it, _)| it.r#type() == Type::Group);
        found.extend(groups.map(|(_, at)| [path, &[tag, at]].concat()));
    }
    fn message(it: &DescriptorProto, path: &[i32], found: &mut HashSet<Vec<i32>>) {
        fields(&it.field, path, 2, found);
        fields(&it.extension, path, 6, found);
        for (it, at) in it.nested_type.iter().zip(0_i32..) {
            message(it, &[path, &[3, at]].concat(), found);
        }
    }
    if file.syntax() == "proto3" {
        return;
    }
    let mut groups = HashSet::new();
    fields(&file.extension, &[], 7, &mut groups);
    for (it, at) in file.message_type.iter().zip(0_i32..) {
        message(it, &[4, at], &mut groups);
    }
    if groups.is_empty() {
        return;
    }
    let is_group = |path: &[i32]| path.split_last().is_some_and(|(_, field)| groups.contains(field));
    locations.retain(|it| it.path.last() != Some(&TYPE_NAME) || !is_group(&it.path));
    for location in locations {
        if location.path.last() == Some(&TYPE) && is_group(&location.path) {
            location.path.pop();
            location.path.push(TYPE_NAME);
        }
    }
}

/// Appends a length-delimited field.
pub(super) fn put_field(out: &mut Vec<u8>, tag: u32, bytes: &[u8]) {
    prost::encoding::encode_key(tag, prost::encoding::WireType::LengthDelimited, out);
    prost::encoding::encode_varint(bytes.len() as u64, out);
    out.put_slice(bytes);
}

/// Length of what [`put_field`] appends.
pub(super) fn field_length(tag: u32, length: usize) -> usize {
    prost::encoding::key_len(tag) + prost::encoding::encoded_len_varint(length as u64) + length
}

struct Numbers {
    path: Vec<i32>,
    /// The last one is a list; the option appends to it.
    list: bool,
}

/// Follows the parts of an option's name through the messages, as the linker has done with success.
fn resolve(option: &OptionName, pool: &DescriptorPool) -> Option<Numbers> {
    let mut message = pool
        .get_message_by_name(option.message)
        .or_else(|| DescriptorPool::global().get_message_by_name(option.message))?;
    let mut path = Vec::with_capacity(option.parts.len());
    for (index, part) in option.parts.iter().enumerate() {
        let (number, kind, cardinality) = if part.is_extension {
            let found = extension(&part.name_part, &option.scope, &message, pool)?;
            (found.number(), found.kind(), found.cardinality())
        } else {
            let found = message.get_field_by_name(&part.name_part)?;
            (found.number(), found.kind(), found.cardinality())
        };
        path.push(i32::try_from(number).ok()?);
        if index + 1 == option.parts.len() {
            // Entries of a map have no position.
            let map = matches!(&kind, Kind::Message(it) if it.is_map_entry());
            return Some(Numbers { path, list: cardinality == Cardinality::Repeated && !map });
        }
        match kind {
            Kind::Message(inner) => message = inner,
            _ => return None,
        }
    }
    None
}

/// An extension by the name that is written, looked up from the innermost scope outwards.
fn extension(
    name: &str,
    scope: &str,
    extendee: &MessageDescriptor,
    pool: &DescriptorPool,
) -> Option<ExtensionDescriptor> {
    let fits =
        |full: &str| pool.get_extension_by_name(full).filter(|it| it.containing_message() == *extendee);
    if let Some(full) = name.strip_prefix('.') {
        return fits(full);
    }
    let mut scope = scope;
    loop {
        if scope.is_empty() {
            return fits(name);
        }
        if let Some(found) = fits(&format!("{scope}.{name}")) {
            return Some(found);
        }
        scope = scope.rfind('.').map_or("", |at| &scope[..at]);
    }
}

fn at<T>(items: &[T], index: i32) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}

/// The option that a path like `[4, 0, 2, 1, 8, 999, 0]` leads to.
fn find_option(file: &FileDescriptorProto, path: &[i32]) -> Option<OptionName> {
    let scope = file.package().to_owned();
    match *path {
        [8, UNINTERPRETED, index] => {
            let options = &file.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.FileOptions", scope, at(options, index)?)
        }
        [4, index, ref rest @ ..] => in_message(at(&file.message_type, index)?, &scope, rest),
        [5, index, ref rest @ ..] => in_enum(at(&file.enum_type, index)?, &scope, rest),
        [7, index, ref rest @ ..] => in_field(at(&file.extension, index)?, &scope, rest),
        [6, index, ref rest @ ..] => {
            let service = at(&file.service, index)?;
            let scope = inner(&scope, service.name());
            match *rest {
                [3, UNINTERPRETED, index] => {
                    let options = &service.options.as_ref()?.uninterpreted_option;
                    name("google.protobuf.ServiceOptions", scope, at(options, index)?)
                }
                [2, method, 4, UNINTERPRETED, index] => {
                    let method = at(&service.method, method)?;
                    let options = &method.options.as_ref()?.uninterpreted_option;
                    name("google.protobuf.MethodOptions", inner(&scope, method.name()), at(options, index)?)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn in_message(message: &DescriptorProto, scope: &str, path: &[i32]) -> Option<OptionName> {
    let scope = inner(scope, message.name());
    match *path {
        [7, UNINTERPRETED, index] => {
            let options = &message.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.MessageOptions", scope, at(options, index)?)
        }
        [2, index, ref rest @ ..] => in_field(at(&message.field, index)?, &scope, rest),
        [6, index, ref rest @ ..] => in_field(at(&message.extension, index)?, &scope, rest),
        [3, index, ref rest @ ..] => in_message(at(&message.nested_type, index)?, &scope, rest),
        [4, index, ref rest @ ..] => in_enum(at(&message.enum_type, index)?, &scope, rest),
        [5, range, 3, UNINTERPRETED, index] => {
            let options = &at(&message.extension_range, range)?.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.ExtensionRangeOptions", scope, at(options, index)?)
        }
        [8, oneof, 2, UNINTERPRETED, index] => {
            let oneof = at(&message.oneof_decl, oneof)?;
            let options = &oneof.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.OneofOptions", inner(&scope, oneof.name()), at(options, index)?)
        }
        _ => None,
    }
}

fn in_field(field: &FieldDescriptorProto, scope: &str, path: &[i32]) -> Option<OptionName> {
    match *path {
        [8, UNINTERPRETED, index] => {
            let options = &field.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.FieldOptions", inner(scope, field.name()), at(options, index)?)
        }
        _ => None,
    }
}

fn in_enum(enumeration: &EnumDescriptorProto, scope: &str, path: &[i32]) -> Option<OptionName> {
    match *path {
        [3, UNINTERPRETED, index] => {
            let options = &enumeration.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.EnumOptions", inner(scope, enumeration.name()), at(options, index)?)
        }
        [2, value, 3, UNINTERPRETED, index] => {
            let value = at(&enumeration.value, value)?;
            let options = &value.options.as_ref()?.uninterpreted_option;
            name("google.protobuf.EnumValueOptions", inner(scope, value.name()), at(options, index)?)
        }
        _ => None,
    }
}

fn inner(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

fn name(message: &'static str, scope: String, option: &UninterpretedOption) -> Option<OptionName> {
    Some(OptionName { message, scope, parts: option.name.clone() })
}
