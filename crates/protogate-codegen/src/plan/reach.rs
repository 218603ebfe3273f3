//! What is generated: the target files whole, of imported files only what targets use.
//!
//! The unit is the top-level message: using a nested type brings in the message around it and everything inside. Types of
//! `google.protobuf` are taken from `prost-types`; one that it does not have is an error here.

use std::collections::{BTreeSet, HashSet};

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, EnumId, File, FileId, Kind, MessageId};

use super::{Sink, at};

/// Top-level types of `google.protobuf` that `prost-types` has, beside those that become plain Rust types.
const PROST_TYPES: &[&str] = &[
    "Any",
    "Api",
    "BoolValue",
    "BytesValue",
    "DescriptorProto",
    "DoubleValue",
    "Duration",
    "Empty",
    "Enum",
    "EnumDescriptorProto",
    "EnumOptions",
    "EnumValue",
    "EnumValueDescriptorProto",
    "EnumValueOptions",
    "ExtensionRangeOptions",
    "Field",
    "FieldDescriptorProto",
    "FieldMask",
    "FieldOptions",
    "FileDescriptorProto",
    "FileDescriptorSet",
    "FileOptions",
    "FloatValue",
    "GeneratedCodeInfo",
    "Int32Value",
    "Int64Value",
    "ListValue",
    "MessageOptions",
    "Method",
    "MethodDescriptorProto",
    "MethodOptions",
    "Mixin",
    "NullValue",
    "OneofDescriptorProto",
    "OneofOptions",
    "Option",
    "ServiceDescriptorProto",
    "ServiceOptions",
    "SourceCodeInfo",
    "SourceContext",
    "StringValue",
    "Struct",
    "Syntax",
    "Timestamp",
    "Type",
    "UInt32Value",
    "UInt64Value",
    "UninterpretedOption",
    "Value",
];

/// The result.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    /// Messages, map entries included.
    pub(crate) messages: HashSet<MessageId>,
    /// Enums.
    pub(crate) enums: HashSet<EnumId>,
    /// What is used of `google.protobuf`: messages and enums, and all that these use.
    pub(crate) external: BTreeSet<Element>,
}

/// Whether everything in the file is generated, services included.
pub(crate) fn is_generated_whole(file: &File) -> bool {
    !file.is_import && !is_external_package(&file.package)
}

/// Whether a package's types come from `prost-types`.
pub(crate) fn is_external_package(package: &str) -> bool {
    package == "google.protobuf" || package.starts_with("google.protobuf.")
}

/// All messages of a file, outer before inner.
pub(crate) fn messages_of(schema: &Schema, file: FileId) -> impl Iterator<Item = MessageId> + '_ {
    let mut stack: Vec<MessageId> = schema.file(file).messages.iter().rev().copied().collect();
    std::iter::from_fn(move || {
        let id = stack.pop()?;
        stack.extend(schema.message(id).messages.iter().rev());
        Some(id)
    })
}

/// All enums of a file: top-level ones, then those inside messages.
pub(crate) fn enums_of(schema: &Schema, file: FileId) -> impl Iterator<Item = EnumId> + '_ {
    let nested = messages_of(schema, file).flat_map(|id| schema.message(id).enums.iter().copied());
    schema.file(file).enums.iter().copied().chain(nested)
}

/// Finds everything.
pub(crate) fn reach(schema: &Schema, sink: &mut Sink) -> Reached {
    let mut walk = Walk { schema, reached: Reached::default(), open: Vec::new() };
    for (_, file) in schema.files().filter(|(_, file)| is_generated_whole(file)) {
        for &message in &file.messages {
            walk.message(message);
        }
        walk.reached.enums.extend(&file.enums);
        for method in file.services.iter().flat_map(|&it| &schema.service(it).methods) {
            let method = schema.method(*method);
            walk.message(method.input);
            walk.message(method.output);
        }
    }
    while let Some(id) = walk.open.pop() {
        walk.fields(id);
    }
    let reached = walk.reached;
    report_missing(schema, &reached, sink);
    reached
}

struct Walk<'s> {
    schema: &'s Schema,
    reached: Reached,
    open: Vec<MessageId>,
}

impl Walk<'_> {
    /// Takes in the top-level message around `id`, with everything inside.
    fn message(&mut self, mut id: MessageId) {
        while let Some(parent) = self.schema.message(id).place.parent {
            id = parent;
        }
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            let message = self.schema.message(id);
            let external = is_external_package(&self.schema.file(message.place.file).package);
            let new = if external {
                self.reached.external.insert(Element::Message(id))
            } else {
                self.reached.messages.insert(id)
            };
            if !new {
                return;
            }
            for &enumeration in &message.enums {
                if external {
                    self.reached.external.insert(Element::Enum(enumeration));
                } else {
                    self.reached.enums.insert(enumeration);
                }
            }
            self.open.push(id);
            stack.extend(&message.messages);
        }
    }

    fn enumeration(&mut self, id: EnumId) {
        let place = self.schema.enumeration(id).place;
        if let Some(parent) = place.parent {
            self.message(parent);
        } else if is_external_package(&self.schema.file(place.file).package) {
            self.reached.external.insert(Element::Enum(id));
        } else {
            self.reached.enums.insert(id);
        }
    }

    fn fields(&mut self, id: MessageId) {
        for &field in &self.schema.message(id).fields {
            match self.schema.field(field).kind {
                Kind::Message(id) | Kind::Group(id) => self.message(id),
                Kind::Enum(id) => self.enumeration(id),
                _ => {}
            }
        }
    }
}

/// A use of a `google.protobuf` type that `prost-types` does not have.
fn report_missing(schema: &Schema, reached: &Reached, sink: &mut Sink) {
    let missing = |full_name: &str| {
        let name = full_name.strip_prefix("google.protobuf.").unwrap_or(full_name);
        let top = name.split('.').next().unwrap_or(name);
        let compiler = name.starts_with("compiler.");
        (!compiler && !PROST_TYPES.contains(&top)).then(|| full_name.to_owned())
    };
    let mut fields: Vec<_> = reached.messages.iter().flat_map(|&id| &schema.message(id).fields).collect();
    fields.sort_unstable();
    for &id in fields {
        let used = match schema.field(id).kind {
            Kind::Message(it) | Kind::Group(it) if reached.external.contains(&Element::Message(it)) => {
                missing(&schema.message(it).full_name)
            }
            Kind::Enum(it) if reached.external.contains(&Element::Enum(it)) => {
                missing(&schema.enumeration(it).full_name)
            }
            _ => None,
        };
        if let Some(used) = used {
            let name = &schema.field(id).full_name;
            sink.push(
                at(
                    schema,
                    Element::Field(id),
                    format!("field `{name}` uses `{used}`, which `prost-types` does not have"),
                )
                .with_help(
                    "declare a message of your own, or leave the file with this field out of `[proto] roots`",
                ),
            );
        }
    }
}
