//! Field by field into the wire format, with the schema model as the source of types.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::model::Schema;
use crate::model::element::{Element, Field, FieldId, Kind, MessageId};

/// Where types are looked up.
pub(super) struct Types<'a> {
    core: &'a Schema,
    /// The set itself, once it is known.
    image: Option<&'a Schema>,
    saw_extensions: Cell<bool>,
    tables: RefCell<HashMap<(bool, MessageId), Names<'a>>>,
}

/// Fields by their names and their JSON names.
type Names<'a> = HashMap<&'a str, FieldId>;

/// A message type of one of the two schemas.
#[derive(Clone, Copy)]
pub(super) struct Type<'a> {
    pub(super) schema: &'a Schema,
    pub(super) id: MessageId,
    in_image: bool,
}

/// A field or extension of one of the two schemas.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a> {
    pub(super) schema: &'a Schema,
    pub(super) field: &'a Field,
    in_image: bool,
}

impl<'a> Types<'a> {
    pub(super) fn new(core: &'a Schema, image: Option<&'a Schema>) -> Self {
        Self { core, image, saw_extensions: Cell::new(false), tables: RefCell::default() }
    }

    /// Whether an extension was asked for that only the set itself can know.
    pub(super) fn needs_image(&self) -> bool {
        self.saw_extensions.get()
    }

    /// The descriptor set itself.
    pub(super) fn root(&self) -> Option<Type<'a>> {
        let id = self.core.find_message(super::ROOT)?;
        Some(Type { schema: self.core, id, in_image: false })
    }

    /// A message of the set by full name, such as the content of an `Any`.
    pub(super) fn message(&self, name: &str) -> Option<Type<'a>> {
        let schema = self.image?;
        Some(Type { schema, id: schema.find_message(name)?, in_image: true })
    }

    /// A field by its own name or its JSON name.
    pub(super) fn field(&self, of: Type<'a>, name: &str) -> Option<Slot<'a>> {
        let mut tables = self.tables.borrow_mut();
        let table = tables.entry((of.in_image, of.id)).or_insert_with(|| {
            let mut table = HashMap::new();
            let fields = &of.schema.message(of.id).fields;
            for &id in fields {
                table.insert(of.schema.field(id).name.as_str(), id);
            }
            for &id in fields {
                table.insert(of.schema.field(id).json_name.as_str(), id);
            }
            table
        });
        let id = *table.get(name)?;
        Some(Slot { schema: of.schema, field: of.schema.field(id), in_image: of.in_image })
    }

    /// An extension by full name.
    pub(super) fn extension(&self, of: Type<'a>, name: &str) -> Option<Slot<'a>> {
        self.saw_extensions.set(true);
        let schema = self.image?;
        let Some(Element::Field(id)) = schema.find(name) else { return None };
        let field = schema.field(id);
        let extended = field.extendee.as_deref()?;
        (extended == of.full_name()).then_some(Slot { schema, field, in_image: true })
    }
}

impl<'a> Type<'a> {
    pub(super) fn full_name(self) -> &'a str {
        &self.schema.message(self.id).full_name
    }

    /// A field by number.
    pub(super) fn numbered(self, number: i32) -> Option<Slot<'a>> {
        let mut fields = self.schema.message(self.id).fields.iter().map(|&id| self.schema.field(id));
        let field = fields.find(|it| it.number == number)?;
        Some(Slot { schema: self.schema, field, in_image: self.in_image })
    }
}

impl<'a> Slot<'a> {
    /// The type of a message field.
    pub(super) fn message(self) -> Option<Type<'a>> {
        match self.field.kind {
            Kind::Message(id) | Kind::Group(id) => {
                Some(Type { schema: self.schema, id, in_image: self.in_image })
            }
            _ => None,
        }
    }

    pub(super) fn is_packed(self) -> bool {
        let numeric =
            !matches!(self.field.kind, Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_));
        let option = self.field.options.as_ref().and_then(|it| it.packed);
        numeric && option.unwrap_or(self.field.features.repeated_field_encoding == 1)
    }

    /// Number of an enum value.
    pub(super) fn enum_number(self, name: &str) -> Option<i32> {
        let Kind::Enum(id) = self.field.kind else { return None };
        let values = &self.schema.enumeration(id).values;
        values.iter().map(|&id| self.schema.value(id)).find(|it| it.name == name).map(|it| it.number)
    }

    fn number(self) -> u32 {
        self.field.number.cast_unsigned()
    }

    /// Writes an encoded message as the value of this field.
    pub(super) fn put_message(self, body: &[u8], out: &mut Vec<u8>) {
        if matches!(self.field.kind, Kind::Group(_)) {
            put_key(self.number(), 3, out);
            out.extend_from_slice(body);
            put_key(self.number(), 4, out);
        } else {
            self.put_bytes(body, out);
        }
    }

    pub(super) fn put_bytes(self, bytes: &[u8], out: &mut Vec<u8>) {
        put_key(self.number(), 2, out);
        put_varint(bytes.len() as u64, out);
        out.extend_from_slice(bytes);
    }

    /// Writes a scalar that is no text, with its key.
    pub(super) fn put_scalar(self, scalar: Scalar, out: &mut Vec<u8>) {
        let wire = match self.field.kind {
            Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => 1,
            Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => 5,
            _ => 0,
        };
        put_key(self.number(), wire, out);
        self.put_bare(scalar, out);
    }

    /// Writes a scalar without its key, as packed fields have it.
    pub(super) fn put_bare(self, scalar: Scalar, out: &mut Vec<u8>) {
        let whole = match scalar {
            Scalar::Whole(whole) => whole,
            Scalar::Double(double) => {
                match self.field.kind {
                    #[allow(
                        clippy::cast_possible_truncation,
                        reason = "a float field holds the nearest float"
                    )]
                    Kind::Float => out.extend_from_slice(&(double as f32).to_le_bytes()),
                    _ => out.extend_from_slice(&double.to_le_bytes()),
                }
                return;
            }
        };
        // Range checks are the reader's; here the two's complement of what was read is cut to the field's width.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        match self.field.kind {
            Kind::Fixed64 | Kind::Sfixed64 => out.extend_from_slice(&(whole as u64).to_le_bytes()),
            Kind::Fixed32 | Kind::Sfixed32 => out.extend_from_slice(&(whole as u32).to_le_bytes()),
            Kind::Sint32 | Kind::Sint64 => {
                let value = whole as i64;
                put_varint(((value << 1) ^ (value >> 63)) as u64, out);
            }
            _ => put_varint(whole as u64, out),
        }
    }

    /// Whether a whole number fits the field.
    pub(super) fn holds(self, whole: i128) -> bool {
        let range = match self.field.kind {
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Enum(_) => {
                i128::from(i32::MIN)..=i128::from(i32::MAX)
            }
            Kind::Uint32 | Kind::Fixed32 => 0..=i128::from(u32::MAX),
            Kind::Uint64 | Kind::Fixed64 => 0..=i128::from(u64::MAX),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => i128::from(i64::MIN)..=i128::from(i64::MAX),
            _ => return false,
        };
        range.contains(&whole)
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self.field.kind, Kind::Double | Kind::Float)
    }
}

/// A number, switch or enum value.
#[derive(Clone, Copy)]
pub(super) enum Scalar {
    Whole(i128),
    Double(f64),
}

fn put_key(number: u32, wire: u32, out: &mut Vec<u8>) {
    put_varint(u64::from(number << 3 | wire), out);
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
