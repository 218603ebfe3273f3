//! A configuration tree whose every value knows where it comes from, and its serde deserializer.
//!
//! Values of the file have TOML's types; a variable's text takes the type that the reader asks for (`8080` is a number for a
//! number and text for a text; a list is TOML, or one element). Errors carry the place and the key path of the value they concern.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Origin};

/// One value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) origin: Origin,
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// The text of a variable: its type is the reader's.
    Variable(String),
    Array(Vec<Node>),
    Table(BTreeMap<String, Node>),
}

impl Node {
    /// An empty table.
    pub(crate) const fn empty(origin: Origin) -> Self {
        Self { origin, value: Value::Table(BTreeMap::new()) }
    }

    /// The tree of a TOML text.
    pub(crate) fn parse(text: &str, name: &Arc<str>) -> Result<Self, ConfigError> {
        let lines = Lines { name, text };
        let table = DeTable::parse(text).map_err(|error| {
            ConfigError::new(error.message()).at(&lines.origin(error.span().map_or(0, |span| span.start)))
        })?;
        lines.table(table.get_ref(), 0)
    }

    /// Puts `value` at a path, over what is there.
    pub(crate) fn set(&mut self, path: &[&str], value: Self) -> Result<(), ConfigError> {
        let [key, rest @ ..] = path else {
            *self = value;
            return Ok(());
        };
        let Value::Table(table) = &mut self.value else {
            let message = format!("`{key}` cannot be set inside a value that is no table ({})", self.origin);
            return Err(ConfigError::new(message).at(&value.origin));
        };
        let origin = value.origin.clone();
        table.entry((*key).to_owned()).or_insert_with(|| Self::empty(origin)).set(rest, value)
    }

    /// The value at a path.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&Self> {
        let Some((key, rest)) = path.split_first() else { return Some(self) };
        match &self.value {
            Value::Table(table) => table.get(*key)?.get(rest),
            _ => None,
        }
    }

    const fn kind(&self) -> &'static str {
        match self.value {
            Value::Boolean(_) => "a boolean",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Text(_) | Value::Variable(_) => "a text",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    fn mismatch(&self, expected: &str) -> ConfigError {
        let found = match &self.value {
            Value::Variable(_) => "this text".to_owned(),
            _ => self.kind().to_owned(),
        };
        ConfigError::new(format!("expected {expected}, found {found}")).at(&self.origin)
    }

    /// A list written in a variable: TOML in brackets, else the text as its only element.
    fn variable_list(&self, text: &str) -> Result<Vec<Self>, ConfigError> {
        if !text.trim_start().starts_with('[') {
            return Ok(vec![self.clone()]);
        }
        let parsed = format!("list = {text}");
        let name: Arc<str> = Arc::from("value");
        let tree = Self::parse(&parsed, &name)
            .map_err(|_| self.mismatch("a TOML list, such as `[\"a\", \"b\"]`"))?;
        match tree.get(&["list"]).map(|node| node.clone().at(&self.origin)) {
            Some(Self { value: Value::Array(items), .. }) => Ok(items),
            _ => Err(self.mismatch("a TOML list")),
        }
    }

    /// The same tree, all of it from `origin`.
    fn at(mut self, origin: &Origin) -> Self {
        self.origin = origin.clone();
        match &mut self.value {
            Value::Array(items) => items.iter_mut().for_each(|item| *item = item.clone().at(origin)),
            Value::Table(table) => table.values_mut().for_each(|item| *item = item.clone().at(origin)),
            _ => {}
        }
        self
    }
}

/// Turns spans into lines.
struct Lines<'t> {
    name: &'t Arc<str>,
    text: &'t str,
}

impl Lines<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Origin::File { name: Arc::clone(self.name), line }
    }

    fn table(&self, table: &DeTable<'_>, offset: usize) -> Result<Node, ConfigError> {
        let mut entries = BTreeMap::new();
        for (key, value) in table {
            let node = self.value(value, key.span().start).map_err(|error| error.in_key(key.get_ref()))?;
            entries.insert(key.get_ref().clone().into_owned(), node);
        }
        Ok(Node { origin: self.origin(offset), value: Value::Table(entries) })
    }

    fn value(&self, value: &Spanned<DeValue<'_>>, key_offset: usize) -> Result<Node, ConfigError> {
        // A key's line is the one people look for; a value may span many.
        let origin = self.origin(key_offset);
        let value = match value.get_ref() {
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Integer(value) => {
                let digits = value.as_str().replace('_', "");
                Value::Integer(
                    i64::from_str_radix(&digits, value.radix())
                        .map_err(|_| ConfigError::new("the integer does not fit 64 bits").at(&origin))?,
                )
            }
            DeValue::Float(value) => Value::Float(
                value
                    .as_str()
                    .replace('_', "")
                    .parse()
                    .map_err(|_| ConfigError::new("malformed float").at(&origin))?,
            ),
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            DeValue::Datetime(time) => Value::Text(time.to_string()),
            DeValue::Array(items) => Value::Array(
                items.iter().map(|item| self.value(item, item.span().start)).collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => return self.table(table, key_offset),
        };
        Ok(Node { origin, value })
    }
}

/// Reads a type from the tree.
impl<'de> Deserializer<'de> for &'de Node {
    type Error = ConfigError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match &self.value {
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) | Value::Variable(text) => visitor.visit_str(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Value::Table(table) => visitor.visit_map(Entries { entries: table.iter(), value: None }),
        }
        .map_err(|error: ConfigError| error.at(&self.origin))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match &self.value {
            Value::Variable(text) => {
                let value = text.parse().map_err(|_| self.mismatch("`true` or `false`"))?;
                visitor.visit_bool(value)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match &self.value {
            Value::Variable(text) => {
                let value = text.replace('_', "").parse().map_err(|_| self.mismatch("an integer"))?;
                visitor.visit_i64(value).map_err(|error: ConfigError| error.at(&self.origin))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match &self.value {
            Value::Variable(text) => visitor.visit_f64(text.parse().map_err(|_| self.mismatch("a number"))?),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match &self.value {
            Value::Variable(text) => {
                let items = self.variable_list(text)?;
                visitor.visit_seq(Owned { items: items.into_iter() }).map_err(|error| error.at(&self.origin))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        match &self.value {
            Value::Text(text) | Value::Variable(text) => visitor
                .visit_enum(text.as_str().into_deserializer())
                .map_err(|error: ConfigError| error.at(&self.origin)),
            Value::Table(table) if table.len() == 1 => {
                let (key, value) = table.iter().next().expect("the table has one entry");
                visitor.visit_enum(Variant { key, value }).map_err(|error| error.at(&self.origin))
            }
            _ => Err(self.mismatch("a name")),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple_struct map struct identifier ignored_any
    }
}

/// The elements of a list.
struct Items<'de> {
    items: std::slice::Iter<'de, Node>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ConfigError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConfigError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(item).map(Some).map_err(|error| error.at(&item.origin).in_key(&format!("[{index}]")))
    }
}

/// The elements of a list that was written in a variable.
struct Owned {
    items: std::vec::IntoIter<Node>,
}

impl<'de> SeqAccess<'de> for Owned {
    type Error = ConfigError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConfigError> {
        self.items.next().map(|item| seed.deserialize(OwnedNode(item))).transpose()
    }
}

/// A node that is not part of the tree; it lives only as long as it is read.
struct OwnedNode(Node);

impl<'de> Deserializer<'de> for OwnedNode {
    type Error = ConfigError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.0.value {
            Value::Boolean(value) => visitor.visit_bool(value),
            Value::Integer(value) => visitor.visit_i64(value),
            Value::Float(value) => visitor.visit_f64(value),
            Value::Text(text) | Value::Variable(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Owned { items: items.into_iter() }),
            Value::Table(table) => {
                visitor.visit_map(OwnedEntries { entries: table.into_iter(), value: None })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        match self.0.value {
            Value::Text(text) | Value::Variable(text) => visitor.visit_enum(text.into_deserializer()),
            _ => Err(self.0.mismatch("a name")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct OwnedEntries {
    entries: std::collections::btree_map::IntoIter<String, Node>,
    value: Option<(String, Node)>,
}

impl<'de> MapAccess<'de> for OwnedEntries {
    type Error = ConfigError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ConfigError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let read = seed.deserialize(StrDeserializer::<ConfigError>::new(&key)).map(Some);
        self.value = Some((key, value));
        read
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ConfigError> {
        let (key, value) = self.value.take().expect("serde asks for a key before its value");
        seed.deserialize(OwnedNode(value)).map_err(|error| error.in_key(&key))
    }
}

/// The entries of a table. A key that the reader does not know is reported at its own line.
struct Entries<'de> {
    entries: std::collections::btree_map::Iter<'de, String, Node>,
    value: Option<(&'de String, &'de Node)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ConfigError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ConfigError> {
        self.value = self.entries.next();
        let Some((key, node)) = self.value else { return Ok(None) };
        seed.deserialize(StrDeserializer::<ConfigError>::new(key))
            .map(Some)
            .map_err(|error| error.at(&node.origin))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ConfigError> {
        let (key, node) = self.value.take().expect("serde asks for a key before its value");
        seed.deserialize(node).map_err(|error| error.at(&node.origin).in_key(key))
    }
}

/// A variant with content: a table of one entry.
struct Variant<'de> {
    key: &'de str,
    value: &'de Node,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = ConfigError;
    type Variant = &'de Node;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, &'de Node), ConfigError> {
        Ok((seed.deserialize(StrDeserializer::<ConfigError>::new(self.key))?, self.value))
    }
}

impl<'de> VariantAccess<'de> for &'de Node {
    type Error = ConfigError;

    fn unit_variant(self) -> Result<(), ConfigError> {
        Err(self.mismatch("nothing"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ConfigError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, ConfigError> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        self.deserialize_map(visitor)
    }
}
