//! Where a finding points: declaration, name, type or option of an element, and what is taken where a file does not record that place.
//!
//! Map entries have no place of their own; what is asked about them is answered with the `map<…>` of the field. Spans are decoded
//! here and only here, when something was found.

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, FileId, Kind, MessageId};
use protogate_schema::model::span::Span;

use crate::declaration;

/// Path continuation of a name token.
pub(crate) const NAME: &[i32] = &[1];
/// Path continuation of a field's scalar type token.
pub(crate) const TYPE: &[i32] = &[5];
/// Path continuation of a field's type reference.
pub(crate) const TYPE_NAME: &[i32] = &[6];

/// A place: a file and a span in it, only a file, or nothing; and what stands there, if there is no source to read it from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) path: Option<String>,
    pub(crate) span: Option<Span>,
    pub(crate) declaration: Option<String>,
    /// What stands there.
    pub(crate) element: Option<Element>,
}

impl At {
    /// No file is to blame.
    pub(crate) fn nowhere() -> Self {
        Self { path: None, span: None, declaration: None, element: None }
    }

    /// Only the file is known.
    pub(crate) fn file(schema: &Schema, file: FileId) -> Self {
        Self {
            path: Some(schema.file(file).path.clone()),
            span: None,
            declaration: None,
            element: Some(Element::File(file)),
        }
    }

    /// A descriptor path in a file: statements such as `package` (`[2]`), and file options.
    pub(crate) fn statement(schema: &Schema, file: FileId, path: &[i32]) -> Self {
        Self { span: schema.span_at(file, path), ..Self::file(schema, file) }
    }

    /// The whole declaration.
    pub(crate) fn decl(schema: &Schema, element: Element) -> Self {
        Self::part(schema, element, &[])
    }

    /// The name token.
    pub(crate) fn name(schema: &Schema, element: Element) -> Self {
        Self::part(schema, element, NAME)
    }

    /// A part of an element, else its declaration.
    pub(crate) fn part(schema: &Schema, element: Element, suffix: &[i32]) -> Self {
        let span = match map_field(schema, element) {
            Some(field) => schema.span_of(Element::Field(field), TYPE_NAME),
            None => schema.span_of(element, suffix).or_else(|| schema.span(element)),
        };
        let declaration = declared(schema, element);
        Self { span, declaration, element: Some(element), ..Self::file(schema, schema.file_of(element)) }
    }

    /// An option of an element, `None` when it is not written there. The first `keep` numbers of `suffix` name the option.
    pub(crate) fn option(schema: &Schema, element: Element, suffix: &[i32], keep: usize) -> Option<Self> {
        let file = schema.file_of(element);
        let mut path = schema.path_of(element);
        let keep = path.len() + keep;
        path.extend_from_slice(suffix);
        let span = schema.option_span(file, &path, keep)?;
        let declaration = declared(schema, element).map(|text| match suffix {
            [_, number, ..] => declaration::with_option(schema, element, &text, *number),
            _ => text,
        });
        Some(Self { span: Some(span), declaration, element: Some(element), ..Self::file(schema, file) })
    }

    /// A part of an option of an element, else the smallest part around it that is recorded or has something recorded below it, else
    /// the element. The first two numbers of `path` name the option.
    pub(crate) fn within_option(schema: &Schema, element: Element, path: &[i32]) -> Self {
        (2..=path.len())
            .rev()
            .find_map(|length| Self::option(schema, element, &path[..length], length))
            .unwrap_or_else(|| Self::decl(schema, element))
    }

    /// The option `default = x` of a field, `None` when it is not written. Compilers record the place of `x` only; where the source
    /// is at hand, the place covers the whole option.
    pub(crate) fn default_option(schema: &Schema, field: FieldId) -> Option<Self> {
        let element = Element::Field(field);
        let mut at = Self::option(schema, element, &[7], 1)?;
        let source = at.path.as_deref().and_then(|path| schema.source(path));
        if let (Some(span), Some(source)) = (&mut at.span, source) {
            let line = source.lines().nth(span.start_line as usize - 1).unwrap_or_default();
            let before = line.get(..span.start_column as usize - 1).unwrap_or_default();
            let option =
                before.trim_end().strip_suffix('=').and_then(|it| it.trim_end().strip_suffix("default"));
            if let Some(option) = option {
                span.start_column = option.len() as u32 + 1;
            }
        }
        Some(at)
    }

    /// Where a nested element was: the nearest enclosing message that the current version of the same file still has.
    pub(crate) fn deleted(current: &Schema, file: FileId, package: &str, full_name: &str) -> Self {
        Self::deleted_if(current, file, package, full_name, |id| current.message(id).place.file == file)
    }

    /// Like [`At::deleted`], with the survivor anywhere in the package.
    pub(crate) fn deleted_in_package(current: &Schema, file: FileId, package: &str, full_name: &str) -> Self {
        Self::deleted_if(current, file, package, full_name, |id| {
            current.file(current.message(id).place.file).package == package
        })
    }

    fn deleted_if(
        current: &Schema,
        file: FileId,
        package: &str,
        full_name: &str,
        survives: impl Fn(MessageId) -> bool,
    ) -> Self {
        let mut name = full_name;
        while let Some((outer, _)) = name.rsplit_once('.') {
            if outer.len() <= package.len() && !package.is_empty() {
                break;
            }
            if let Some(id) = current.find_message(outer).filter(|&id| survives(id)) {
                return Self::decl(current, Element::Message(id));
            }
            name = outer;
        }
        Self::file(current, file)
    }
}

/// What a code frame would show, for elements of files without source text.
fn declared(schema: &Schema, element: Element) -> Option<String> {
    let file = schema.file(schema.file_of(element));
    if schema.source(&file.path).is_some() {
        return None;
    }
    declaration::text(schema, map_field(schema, element).map_or(element, Element::Field))
}

/// For a map entry or one of its fields: the map field.
pub(crate) fn map_field(schema: &Schema, element: Element) -> Option<FieldId> {
    let entry = match element {
        Element::Message(id) => id,
        Element::Field(id) if !schema.field(id).is_extension() => schema.field(id).place.parent?,
        _ => return None,
    };
    let message = schema.message(entry);
    if !message.is_map_entry {
        return None;
    }
    let parent = schema.message(message.place.parent?);
    parent.fields.iter().copied().find(|&id| schema.field(id).kind == Kind::Message(entry))
}
