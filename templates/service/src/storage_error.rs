//! What a caller is told when the store says no. Details of the storage go to the log only.

use protogate_store::{Error, ErrorKind};
use tonic::Status;

use crate::api::ErrorReason;

/// The status of a store error.
#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
pub(crate) fn status(error: Error) -> Status {
    match error.kind() {
        ErrorKind::Mismatch { actual: 0, key, .. } => ErrorReason::config_not_found(key).into(),
        ErrorKind::Mismatch { key, expected, actual } => {
            ErrorReason::config_revision_mismatch(key, actual.to_string(), expected.to_string()).into()
        }
        ErrorKind::Compacted { compacted, current } => {
            ErrorReason::config_revision_compacted(compacted.to_string(), current.to_string()).into()
        }
        ErrorKind::Future { requested, current } => {
            ErrorReason::revision_in_future(requested.to_string(), current.to_string()).into()
        }
        ErrorKind::Lagged { delivered } => ErrorReason::watch_lagged(delivered.to_string()).into(),
        ErrorKind::Closed { delivered } => ErrorReason::watch_ended(delivered.to_string()).into(),
        ErrorKind::Full => ErrorReason::storage_full().into(),
        ErrorKind::CommitUnknown => ErrorReason::commit_unknown().internal(&error).into(),
        _ => ErrorReason::storage_unavailable().internal(&error).into(),
    }
}
