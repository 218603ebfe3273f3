//! Checks of request fields. Each failure names the field, in the text and as a `google.rpc.BadRequest` violation.

use protogate_store::Expected;
use tonic::Status;

use crate::api::ErrorReason;

/// Longest key, prefix and client id.
const MAX_NAME: usize = 128;
/// Longest value in bytes.
const MAX_VALUE: usize = 64 * 1024;
/// Page size when the caller names none, and the largest.
const DEFAULT_PAGE: u32 = 50;
const MAX_PAGE: u32 = 500;

/// The error of a field whose value is of the wrong form.
pub(crate) fn invalid(field: &str, expected: &str) -> Status {
    ErrorReason::field_invalid(field, expected).field_violation(field, format!("expected {expected}")).into()
}

/// A key or client id.
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), Status> {
    if name.is_empty() {
        return Err(ErrorReason::field_required(field).field_violation(field, "is required").into());
    }
    if name.len() > MAX_NAME || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !is_name(name) {
        return Err(invalid(
            field,
            "1 to 128 characters of A-Z a-z 0-9 . _ -, the first one a letter or digit",
        ));
    }
    Ok(())
}

/// The beginning of a key; empty is every key.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), Status> {
    if prefix.len() > MAX_NAME || !is_name(prefix) {
        return Err(invalid("key_prefix", "up to 128 characters of A-Z a-z 0-9 . _ -"));
    }
    Ok(())
}

/// The value of an entry.
pub(crate) fn check_value(value: &str) -> Result<(), Status> {
    if value.len() > MAX_VALUE { Err(invalid("value", "at most 65536 bytes")) } else { Ok(()) }
}

/// The size of a page: AIP-158 asks for a default, and for large sizes to be cut rather than refused.
pub(crate) fn page_size(size: i32) -> Result<u32, Status> {
    match u32::try_from(size) {
        Ok(0) => Ok(DEFAULT_PAGE),
        Ok(size) => Ok(size.min(MAX_PAGE)),
        Err(_) => Err(invalid("page_size", "0 or more")),
    }
}

/// A revision that the caller names.
pub(crate) fn revision(field: &str, revision: i64) -> Result<u64, Status> {
    u64::try_from(revision).map_err(|_| invalid(field, "0 or more"))
}

/// The condition of a write.
pub(crate) fn expected(revision: Option<i64>) -> Result<Expected, Status> {
    let revision = revision.map(|it| self::revision("expected_revision", it)).transpose()?;
    Ok(Expected::from(revision))
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
