//! The open choices of the JSON mapping.

/// What happens to a field that the message does not have, and to an enum name that the enum does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unknown {
    /// The input is refused.
    #[default]
    Reject,
    /// The field is skipped; with an unknown enum name the field stays unset, the element or entry is dropped.
    Ignore,
}

/// How JSON is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Unknown fields and enum names. Default: reject.
    pub unknown: Unknown,
    /// Most elements and entries in all lists and maps of one message together; keeps a small text from becoming a large value.
    /// Default 100,000.
    pub max_elements: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { unknown: Unknown::Reject, max_elements: 100_000 }
    }
}

/// How JSON is printed. The default is the bare mapping: nothing that is at its default, JSON names, enum names, one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Print fields without presence (scalars, lists, maps) also when they are at their default. On for REST.
    pub always_print_fields_with_no_presence: bool,
    /// Print proto names instead of JSON names.
    pub proto_names: bool,
    /// Print singular messages that are not set, outside of oneofs, as `null`. Goes beyond the mapping, as grpc-gateway does; wrappers
    /// and `optional` fields are left out all the same.
    pub null_for_unset_messages: bool,
    /// Print enum values as numbers.
    pub enum_as_int: bool,
    /// Print over several lines, indented by two spaces.
    pub pretty: bool,
    /// Print an `Any` whose type is unknown, or whose content cannot be printed, as `{"@type": url, "value": base64}` instead of
    /// failing; for error details.
    pub unknown_any_as_bytes: bool,
}
