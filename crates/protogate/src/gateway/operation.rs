//! A `google.longrunning.Operation` that is not done, as 202 (AIP-151; RFC 9110, section 15.3.3).
//!
//! Only with `rest.operations = "accepted"`; otherwise an operation is a message like any other.

use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::json::{ValueRef, View};

const OPERATION: &str = "google.longrunning.Operation";

/// What may stand in a path as it is, the slash among it.
const KEPT: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b':');

/// Seconds until it is worth while to ask again.
const RETRY_SECONDS: u64 = 1;

/// Whether `value` is an operation that is not done. Says where to ask for it, unless the handler has.
pub(crate) fn is_accepted(value: ValueRef<'_>, reply: &mut HeaderMap) -> bool {
    let ValueRef::Message(message) = value else { return false };
    let table = message.table();
    if table.name != OPERATION {
        return false;
    }
    let field = |name: &str| table.find_proto(name).map_or(View::Unset, |index| message.view(index));
    if matches!(field("done"), View::One(ValueRef::Bool(true))) {
        return false;
    }
    if let View::One(ValueRef::Str(name)) = field("name")
        && !name.is_empty()
        && !reply.contains_key(LOCATION)
        && let Ok(location) = HeaderValue::from_str(&format!("/v1/{}", utf8_percent_encode(name, &KEPT)))
    {
        reply.insert(LOCATION, location);
    }
    reply.entry(RETRY_AFTER).or_insert(HeaderValue::from(RETRY_SECONDS));
    true
}
