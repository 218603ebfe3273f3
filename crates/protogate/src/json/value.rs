//! The Rust types that prost gives to protobuf values, behind a few small traits.
//!
//! A [`Value`] shows itself as one variant of [`ValueRef`] or [`ValueMut`]; containers ([`Maybe`], [`List`], [`Map`]) hand out their
//! content in the same form. The enums keep everything that reads or prints out of generics. Enums are `i32` here; their names are
//! in the tables.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use bytes::Bytes;
use prost_types::{Any, Duration, FieldMask, ListValue, Struct, Timestamp};

use super::table::{Fields, JsonMessage, Kind};

/// A value to print.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "each variant is the type of that name")]
pub enum ValueRef<'a> {
    Bool(bool),
    I32(i32),
    I64(i64),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
    Str(&'a str),
    Bytes(&'a [u8]),
    Message(&'a dyn Fields),
    Timestamp(&'a Timestamp),
    Duration(&'a Duration),
    FieldMask(&'a FieldMask),
    Struct(&'a Struct),
    Value(&'a prost_types::Value),
    ListValue(&'a ListValue),
    Any(&'a Any),
    Empty,
}

impl ValueRef<'_> {
    /// Whether it is the default of its type. Negative zero is not. A message never is: its presence says more.
    #[must_use]
    pub fn is_default(&self) -> bool {
        match *self {
            Self::Bool(value) => !value,
            Self::I32(value) => value == 0,
            Self::I64(value) => value == 0,
            Self::U32(value) => value == 0,
            Self::U64(value) => value == 0,
            Self::F32(value) => value.to_bits() == 0,
            Self::F64(value) => value.to_bits() == 0,
            Self::Str(value) => value.is_empty(),
            Self::Bytes(value) => value.is_empty(),
            _ => false,
        }
    }
}

/// A value to fill.
#[allow(missing_debug_implementations, reason = "a place to write to, nothing to show")]
#[allow(missing_docs, reason = "each variant is the type of that name")]
pub enum ValueMut<'a> {
    Bool(&'a mut bool),
    I32(&'a mut i32),
    I64(&'a mut i64),
    U32(&'a mut u32),
    U64(&'a mut u64),
    F32(&'a mut f32),
    F64(&'a mut f64),
    Str(&'a mut String),
    Bytes(&'a mut Vec<u8>),
    SharedBytes(&'a mut Bytes),
    Message(&'a mut dyn Fields),
    Timestamp(&'a mut Timestamp),
    Duration(&'a mut Duration),
    FieldMask(&'a mut FieldMask),
    Struct(&'a mut Struct),
    Value(&'a mut prost_types::Value),
    ListValue(&'a mut ListValue),
    Any(&'a mut Any),
    Empty,
}

/// One value of any protobuf type.
pub trait Value: Send + Sync {
    /// To print it.
    fn get(&self) -> ValueRef<'_>;

    /// To fill it.
    fn get_mut(&mut self) -> ValueMut<'_>;
}

impl<M: Fields> Value for M {
    fn get(&self) -> ValueRef<'_> {
        ValueRef::Message(self)
    }

    fn get_mut(&mut self) -> ValueMut<'_> {
        ValueMut::Message(self)
    }
}

/// Implements [`Value`] and [`JsonMessage`]; prost uses the plain type for the wrapper message of the same name.
macro_rules! values {
    ($($kind:ident, $type:ty: |$value:ident| $get:expr, $variant:ident;)*) => {$(
        impl Value for $type {
            fn get(&self) -> ValueRef<'_> {
                let $value = self;
                $get
            }

            fn get_mut(&mut self) -> ValueMut<'_> {
                ValueMut::$variant(self)
            }
        }

        impl JsonMessage for $type {
            fn kind() -> Kind {
                Kind::$kind
            }
        }
    )*};
}

values! {
    Bool, bool: |value| ValueRef::Bool(*value), Bool;
    Int32, i32: |value| ValueRef::I32(*value), I32;
    Int64, i64: |value| ValueRef::I64(*value), I64;
    Uint32, u32: |value| ValueRef::U32(*value), U32;
    Uint64, u64: |value| ValueRef::U64(*value), U64;
    Float, f32: |value| ValueRef::F32(*value), F32;
    Double, f64: |value| ValueRef::F64(*value), F64;
    String, String: |value| ValueRef::Str(value), Str;
    Bytes, Vec<u8>: |value| ValueRef::Bytes(value), Bytes;
    Bytes, Bytes: |value| ValueRef::Bytes(value), SharedBytes;
    Timestamp, Timestamp: |value| ValueRef::Timestamp(value), Timestamp;
    Duration, Duration: |value| ValueRef::Duration(value), Duration;
    FieldMask, FieldMask: |value| ValueRef::FieldMask(value), FieldMask;
    Struct, Struct: |value| ValueRef::Struct(value), Struct;
    Value, prost_types::Value: |value| ValueRef::Value(value), Value;
    ListValue, ListValue: |value| ValueRef::ListValue(value), ListValue;
    Any, Any: |value| ValueRef::Any(value), Any;
}

impl Value for () {
    fn get(&self) -> ValueRef<'_> {
        ValueRef::Empty
    }

    fn get_mut(&mut self) -> ValueMut<'_> {
        ValueMut::Empty
    }
}

impl JsonMessage for () {
    fn kind() -> Kind {
        Kind::Empty
    }
}

/// A value that may be absent.
pub trait Maybe {
    /// The value, made if it is absent.
    fn get_or_default(&mut self) -> ValueMut<'_>;

    /// Makes it absent.
    fn unset(&mut self);
}

impl<T: Value + Default> Maybe for Option<T> {
    fn get_or_default(&mut self) -> ValueMut<'_> {
        self.get_or_insert_default().get_mut()
    }

    fn unset(&mut self) {
        *self = None;
    }
}

/// A repeated field.
#[allow(clippy::len_without_is_empty, reason = "kept small: every message type has its own copy")]
pub trait List {
    /// Number of elements.
    fn len(&self) -> usize;

    /// The element at `index`, which is below `len`.
    fn at(&self, index: usize) -> ValueRef<'_>;

    /// Adds an element and gives room for it.
    fn push(&mut self) -> ValueMut<'_>;

    /// Removes all elements.
    fn unset(&mut self);
}

impl<T: Value + Default> List for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> ValueRef<'_> {
        self[index].get()
    }

    fn push(&mut self) -> ValueMut<'_> {
        let at = self.len();
        self.resize_with(at + 1, T::default);
        self[at].get_mut()
    }

    fn unset(&mut self) {
        self.clear();
    }
}

/// Why a map does not take a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadKey {
    /// The text is none of the key type; the key type in words.
    Text(&'static str),
    /// The key is there already.
    Twice,
}

/// A map field.
#[allow(clippy::len_without_is_empty, reason = "kept small: every message type has its own copy")]
pub trait Map {
    /// Number of entries.
    fn len(&self) -> usize;

    /// The entries with their keys as text, sorted by key.
    fn entries(&self) -> Vec<(Cow<'_, str>, ValueRef<'_>)>;

    /// Adds an entry and gives room for its value.
    ///
    /// # Errors
    /// When `key` is none of the key type, or is there already.
    fn insert(&mut self, key: &str) -> Result<ValueMut<'_>, BadKey>;

    /// Removes all entries.
    fn unset(&mut self);
}

/// A type that keys a map.
pub trait MapKey: Ord + Sized {
    /// The type in words.
    const EXPECTED: &'static str;

    /// Parses a JSON key: integers in decimal, bools as `true` and `false`.
    fn parse(text: &str) -> Option<Self>;

    /// The JSON key.
    fn text(&self) -> Cow<'_, str>;
}

impl MapKey for String {
    const EXPECTED: &'static str = "a string";

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl MapKey for bool {
    const EXPECTED: &'static str = "`true` or `false`";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(if *self { "true" } else { "false" })
    }
}

macro_rules! integer_keys {
    ($($type:ty, $expected:literal;)*) => {$(
        impl MapKey for $type {
            const EXPECTED: &'static str = $expected;

            fn parse(text: &str) -> Option<Self> {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let canonical = digits == "0" || !digits.starts_with(['0', '+']);
                if canonical { text.parse().ok() } else { None }
            }

            fn text(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }
        }
    )*};
}

integer_keys! {
    i32, "a 32-bit integer in decimal";
    i64, "a 64-bit integer in decimal";
    u32, "an unsigned 32-bit integer in decimal";
    u64, "an unsigned 64-bit integer in decimal";
}

impl<K, V, S> Map for HashMap<K, V, S>
where
    K: MapKey + Hash + Eq,
    V: Value + Default,
    S: BuildHasher,
{
    fn len(&self) -> usize {
        self.len()
    }

    fn entries(&self) -> Vec<(Cow<'_, str>, ValueRef<'_>)> {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_by(|left, right| left.0.cmp(right.0));
        entries.into_iter().map(|(key, value)| (key.text(), value.get())).collect()
    }

    fn insert(&mut self, key: &str) -> Result<ValueMut<'_>, BadKey> {
        use std::collections::hash_map::Entry;
        match self.entry(K::parse(key).ok_or(BadKey::Text(K::EXPECTED))?) {
            Entry::Occupied(_) => Err(BadKey::Twice),
            Entry::Vacant(entry) => Ok(entry.insert(V::default()).get_mut()),
        }
    }

    fn unset(&mut self) {
        self.clear();
    }
}

impl<K: MapKey, V: Value + Default> Map for BTreeMap<K, V> {
    fn len(&self) -> usize {
        self.len()
    }

    fn entries(&self) -> Vec<(Cow<'_, str>, ValueRef<'_>)> {
        self.iter().map(|(key, value)| (key.text(), value.get())).collect()
    }

    fn insert(&mut self, key: &str) -> Result<ValueMut<'_>, BadKey> {
        use std::collections::btree_map::Entry;
        match self.entry(K::parse(key).ok_or(BadKey::Text(K::EXPECTED))?) {
            Entry::Occupied(_) => Err(BadKey::Twice),
            Entry::Vacant(entry) => Ok(entry.insert(V::default()).get_mut()),
        }
    }

    fn unset(&mut self) {
        self.clear();
    }
}
