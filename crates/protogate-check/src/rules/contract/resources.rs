//! The resource types of a schema: `google.api.resource` on messages, `google.api.resource_definition` in files, and the references of
//! fields (AIP-122, AIP-123, AIP-124).

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, FileId, MessageId};
use protogate_schema::model::options::{ResourceDescriptor, ResourceReference};
use protogate_schema::pair::Pairs;

use crate::position::At;

/// Number of `resource` in `MessageOptions`, and of `resource_definition` in `FileOptions`.
const RESOURCE: i32 = 1053;
/// Number of `resource_reference` in `FieldOptions`.
const REFERENCE: i32 = 1055;

/// Who declares a resource type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    Message(MessageId),
    /// The n-th `resource_definition` of a file.
    File(FileId, usize),
}

/// A resource type.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) owner: Owner,
    pub(super) descriptor: ResourceDescriptor,
}

/// All resource types of the target files, messages first.
pub(super) fn all(schema: &Schema) -> Vec<Resource> {
    let is_target = |file: FileId| !schema.file(file).is_import;
    let mut all = Vec::new();
    for (id, message) in schema.messages() {
        if let Some(descriptor) = &message.options.resource
            && is_target(message.place.file)
        {
            all.push(Resource { owner: Owner::Message(id), descriptor: (**descriptor).clone() });
        }
    }
    for (id, file) in schema.files().filter(|(_, file)| !file.is_import) {
        for (index, descriptor) in file.options.resource_definitions.iter().enumerate() {
            all.push(Resource { owner: Owner::File(id, index), descriptor: descriptor.clone() });
        }
    }
    all
}

/// The declaration of the same type: by the same message or in the same file, since a type may be declared in several places, each with
/// patterns of its own; else any.
pub(super) fn counterpart<'r>(
    pairs: &Pairs<'_>,
    old: &Resource,
    now: &'r [Resource],
) -> Option<&'r Resource> {
    let mut same_type = now.iter().filter(|it| it.descriptor.r#type == old.descriptor.r#type);
    let is_same_owner = |new: &&Resource| match (old.owner, new.owner) {
        (Owner::Message(old), Owner::Message(new)) => {
            pairs.message(old).is_some_and(|pair| pair.current == new)
        }
        (Owner::File(old, _), Owner::File(new, _)) => pairs.file(old).is_some_and(|pair| pair.current == new),
        _ => false,
    };
    same_type.clone().find(is_same_owner).or_else(|| same_type.next())
}

/// The place of a resource annotation; of its message or file, when there is none.
pub(super) fn at(schema: &Schema, owner: Owner) -> At {
    match owner {
        Owner::Message(id) => {
            let element = Element::Message(id);
            At::option(schema, element, &[7, RESOURCE], 2).unwrap_or_else(|| At::name(schema, element))
        }
        Owner::File(id, index) => At::option(schema, Element::File(id), &[8, RESOURCE, index as i32], 2)
            .unwrap_or_else(|| At::file(schema, id)),
    }
}

/// The element that findings about a resource name: its message, else its type.
pub(super) fn element(schema: &Schema, resource: &Resource) -> String {
    match resource.owner {
        Owner::Message(id) => schema.message(id).full_name.clone(),
        Owner::File(..) => resource.descriptor.r#type.clone(),
    }
}

/// The reference of a field.
pub(super) fn reference(schema: &Schema, field: FieldId) -> Option<&ResourceReference> {
    schema.field(field).options.as_ref()?.resource_reference.as_ref()
}

/// The place of a field's reference; of the field, when it has none.
pub(super) fn at_reference(schema: &Schema, field: FieldId) -> At {
    let element = Element::Field(field);
    At::option(schema, element, &[8, REFERENCE], 2).unwrap_or_else(|| At::decl(schema, element))
}

/// A pattern without the names of its variables: `sites/{}/devices/{}`. Two with equal shapes name the same resources.
pub(super) fn shape(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut inside = false;
    for c in pattern.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            // `{name=**}` takes more than one segment.
            _ if inside && c != '*' => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}
