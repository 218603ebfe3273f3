//! Generated messages of every kind, for the tests of the JSON mapping.
//!
//! The contract is in `fixtures/json/proto`. The tests are beside this file in `tests/`; they run against the real generator and the
//! real runtime, which cannot generate code for its own tests.

use prost::Message;
use protogate::json::{self, JsonMessage, ReadOptions, WriteOptions};

/// The generated tree.
#[allow(missing_docs, unreachable_pub, missing_debug_implementations)]
pub mod proto {
    include!(concat!(env!("OUT_DIR"), "/protogate.rs"));
}

/// The descriptors of all messages, encoded.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/protogate.descriptor.binpb"));

pub use proto::fixture::json::other::v1 as other;
pub use proto::fixture::json::v1 as kinds;

/// A message type by name, with its types erased.
pub struct Type {
    /// Short name.
    pub name: &'static str,
    /// Full name.
    pub full_name: &'static str,
    read: fn(&[u8], ReadOptions) -> Result<Vec<u8>, json::Error>,
    write: fn(&[u8], WriteOptions) -> Result<String, json::Error>,
    convert: fn(&[u8], ReadOptions, WriteOptions) -> Result<String, json::Error>,
}

impl std::fmt::Debug for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.full_name)
    }
}

impl Type {
    const fn of<M: JsonMessage + Message>(name: &'static str, full_name: &'static str) -> Self {
        Self { name, full_name, read: read::<M>, write: write::<M>, convert: convert::<M> }
    }

    /// The type with this short name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn find(name: &str) -> &'static Self {
        TYPES
            .iter()
            .find(|it| it.name == name)
            .unwrap_or_else(|| panic!("no message `{name}` in the fixture protos"))
    }

    /// JSON to bytes on the wire.
    ///
    /// # Errors
    /// As the runtime reports them.
    pub fn read(&self, text: &[u8], options: ReadOptions) -> Result<Vec<u8>, json::Error> {
        (self.read)(text, options)
    }

    /// Bytes on the wire to JSON.
    ///
    /// # Errors
    /// As the runtime reports them.
    ///
    /// # Panics
    /// When the bytes are not a message.
    pub fn write(&self, bytes: &[u8], options: WriteOptions) -> Result<String, json::Error> {
        (self.write)(bytes, options)
    }

    /// JSON to a message and back, without the wire.
    ///
    /// # Errors
    /// As the runtime reports them.
    pub fn convert(
        &self,
        text: &[u8],
        read: ReadOptions,
        write: WriteOptions,
    ) -> Result<String, json::Error> {
        (self.convert)(text, read, write)
    }
}

fn convert<M: JsonMessage>(
    text: &[u8],
    read: ReadOptions,
    write: WriteOptions,
) -> Result<String, json::Error> {
    let message = json::parse::<M>(text, read)?;
    json::print(&message, write).map(|text| String::from_utf8(text).expect("JSON is UTF-8"))
}

fn read<M: JsonMessage + Message>(text: &[u8], options: ReadOptions) -> Result<Vec<u8>, json::Error> {
    json::parse::<M>(text, options).map(|message| message.encode_to_vec())
}

fn write<M: JsonMessage + Message>(bytes: &[u8], options: WriteOptions) -> Result<String, json::Error> {
    let message = M::decode(bytes).expect("the bytes are a message");
    json::print(&message, options).map(|text| String::from_utf8(text).expect("JSON is UTF-8"))
}

macro_rules! types {
    ($($path:ident::$name:ident = $full:literal,)*) => {
        /// Every message of the fixture protos.
        pub static TYPES: &[Type] = &[$(Type::of::<$path::$name>(stringify!($name), $full)),*];
    };
}

types! {
    kinds::Scalars = "fixture.json.v1.Scalars",
    kinds::Optionals = "fixture.json.v1.Optionals",
    kinds::Lists = "fixture.json.v1.Lists",
    kinds::Maps = "fixture.json.v1.Maps",
    kinds::Choice = "fixture.json.v1.Choice",
    kinds::WellKnown = "fixture.json.v1.WellKnown",
    kinds::Names = "fixture.json.v1.Names",
    kinds::Tree = "fixture.json.v1.Tree",
    kinds::Nothing = "fixture.json.v1.Nothing",
    kinds::Legacy = "fixture.json.v1.Legacy",
    other::Envelope = "fixture.json.other.v1.Envelope",
}
