//! Between the store's resources and the contract's `Config`.
//!
//! Stored is an encoded `Config` in which only the caller's fields are set, so a field that is added to the contract needs no
//! migration. Key, revision and times are the store's own columns.

use std::time::SystemTime;

use prost::Message;
use prost_types::Timestamp;
use protogate_store::Resource;
use tonic::Status;

use crate::api::Config;

/// What is stored for a value.
pub(crate) fn to_bytes(value: String) -> Vec<u8> {
    Config { value, ..Config::default() }.encode_to_vec()
}

/// The entry of a resource.
pub(crate) fn from_resource(resource: Resource) -> Result<Config, Status> {
    from_parts(
        resource.key,
        &resource.value,
        resource.revision,
        (resource.created_at, resource.updated_at),
        resource.updated_by,
    )
}

/// The entry of a resource's columns; `times` are creation and last change.
pub(crate) fn from_parts(
    key: String,
    bytes: &[u8],
    at: u64,
    times: (SystemTime, SystemTime),
    updated_by: String,
) -> Result<Config, Status> {
    let stored = Config::decode(bytes).map_err(|error| {
        tracing::error!(key, %error, "a stored entry cannot be decoded");
        Status::internal("a stored entry cannot be decoded")
    })?;
    Ok(Config {
        key,
        revision: revision(at),
        create_time: Some(Timestamp::from(times.0)),
        update_time: Some(Timestamp::from(times.1)),
        updated_by,
        ..stored
    })
}

/// A revision as the contract shows it.
pub(crate) fn revision(revision: u64) -> i64 {
    // The store counts in a signed column.
    i64::try_from(revision).unwrap_or(i64::MAX)
}
