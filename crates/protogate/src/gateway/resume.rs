//! Where a server stream goes on: the `id` of each server-sent event, and `Last-Event-ID` of a caller that lost its connection (HTML,
//! section 9.2).
//!
//! A stream can be resumed when its request and its messages have a field of one name, `resume_token` or `revision`, a text or an
//! integer: what a message has there is what the next request is to have. A browser repeats the URL that it began with, so the header
//! is newer than the query and replaces it.

use http::{HeaderMap, HeaderName};

use super::refusal::Refusal;
use crate::json::{self, Fields, Kind, Shape, Table, ValueRef, View};

/// Names of the field, the better one first.
const FIELDS: [&str; 2] = ["resume_token", "revision"];

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Positions of the field in request and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resume {
    request: usize,
    message: usize,
}

impl Resume {
    /// Of a stream with these messages.
    pub(crate) fn new(request: &Table, message: &Table) -> Option<Self> {
        let find = |table: &Table, name: &str| {
            let index = table.find_proto(name)?;
            let field = &table.fields[index];
            let fits =
                matches!(field.kind, Kind::String | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64);
            (field.shape == Shape::One && fits).then_some(index)
        };
        FIELDS
            .iter()
            .find_map(|name| Some(Self { request: find(request, name)?, message: find(message, name)? }))
    }

    /// Puts the caller's `Last-Event-ID` into the request.
    pub(crate) fn take(self, message: &mut dyn Fields, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else { return Ok(()) };
        let refused = |problem: &str| Refusal::invalid(None, format!("`last-event-id`: {problem}"));
        let text = std::str::from_utf8(value.as_bytes()).map_err(|_| refused("expected UTF-8"))?;
        json::set_parameter(message, &[self.request], text).map_err(|error| refused(error.problem()))
    }

    /// The `id` of an event; none for the default, and for a text that an event stream has no form for.
    pub(crate) fn id(self, value: ValueRef<'_>) -> Option<String> {
        let ValueRef::Message(message) = value else { return None };
        let id = match message.view(self.message) {
            View::One(ValueRef::Str(text)) => text.to_owned(),
            View::One(ValueRef::I32(number)) => number.to_string(),
            View::One(ValueRef::I64(number)) => number.to_string(),
            View::One(ValueRef::U32(number)) => number.to_string(),
            View::One(ValueRef::U64(number)) => number.to_string(),
            _ => return None,
        };
        let fits = !id.is_empty() && id != "0" && !id.contains(['\0', '\r', '\n']);
        fits.then_some(id)
    }
}
