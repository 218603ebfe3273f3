//! How messages name the element that they are about.

use protogate_schema::Schema;
use protogate_schema::model::element::FieldId;

/// ``field 2 `rev` of `acme.v1.Device` ``, or ``extension 1000 `acme.v1.owner` of `acme.v1.Base` ``.
pub(crate) fn field(schema: &Schema, id: FieldId) -> String {
    let field = schema.field(id);
    match (&field.extendee, field.place.parent) {
        (Some(extendee), _) => format!("extension {} `{}` of `{extendee}`", field.number, field.full_name),
        (None, Some(parent)) => {
            format!("field {} `{}` of `{}`", field.number, field.name, schema.message(parent).full_name)
        }
        (None, None) => format!("field {} `{}`", field.number, field.full_name),
    }
}

/// Names in backquotes with commas between them.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
