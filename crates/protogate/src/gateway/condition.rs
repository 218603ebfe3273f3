//! What a request asks of the version of a resource: `If-None-Match`, `If-Match` (RFC 9110, section 13) and the field `etag` (AIP-154).
//!
//! Only the handler knows the resource, so it compares: `If-Match` goes into the `etag` of the request, and its ABORTED becomes 412. A
//! condition that cannot be handed on whole is refused; dropping it would lose somebody's update.

use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, Method, StatusCode};
use tonic::Status;

use super::refusal::Refusal;
use crate::etag::{self, Tag, Tags};
use crate::json::{Fields, Kind, Shape, Table, ValueMut, ValueRef, View};

/// The name of the field.
const FIELD: &str = "etag";

/// Where a message keeps an etag: in a field of its own, or in that of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    outer: Option<usize>,
    field: usize,
}

impl Place {
    /// The `etag` of a message, if it has one.
    pub(crate) fn top(table: &Table) -> Option<Self> {
        let field = table.find_proto(FIELD)?;
        let fits =
            table.fields[field].shape == Shape::One && matches!(table.fields[field].kind, Kind::String);
        fits.then_some(Self { outer: None, field })
    }

    /// The `etag` of the message in the field at `outer`.
    pub(crate) fn within(table: &Table, outer: usize) -> Option<Self> {
        let field = table.fields.get(outer).filter(|field| field.shape == Shape::One)?;
        let Kind::Message(inner) = field.kind else { return None };
        Some(Self { outer: Some(outer), ..Self::top(inner())? })
    }

    fn read(self, message: &dyn Fields) -> &str {
        let found = match self.outer.map(|outer| message.view(outer)) {
            None => self.text(message),
            Some(View::One(ValueRef::Message(inner))) => self.text(inner),
            Some(_) => None,
        };
        found.unwrap_or_default()
    }

    fn text(self, message: &dyn Fields) -> Option<&str> {
        match message.view(self.field) {
            View::One(ValueRef::Str(text)) => Some(text),
            _ => None,
        }
    }

    fn write(self, message: &mut dyn Fields, tag: &str) {
        let set = |message: &mut dyn Fields| {
            if let Some(ValueMut::Str(place)) = message.slot(self.field).value() {
                tag.clone_into(place);
            }
        };
        match self.outer {
            None => set(message),
            Some(outer) => {
                if let Some(ValueMut::Message(inner)) = message.slot(outer).value() {
                    set(inner);
                }
            }
        }
    }
}

/// Whether a method only reads.
fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Puts the tag of `If-Match` into the request's `etag`. Without such a field the handler has the header as metadata.
pub(crate) fn take_if_match(
    message: &mut dyn Fields,
    place: Option<Place>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    if is_read(method) || !headers.contains_key(IF_MATCH) {
        return Ok(());
    }
    let tags = Tags::of(headers, &IF_MATCH).map_err(|_| {
        Refusal::invalid(
            None,
            "malformed `if-match`; expected `*` or an entity tag in quotes, such as `\"1\"`",
        )
    })?;
    let (Some(place), Some(Tags::Listed(tags))) = (place, tags) else { return Ok(()) };
    let mut strong = tags.iter().filter(|tag| !tag.is_weak);
    let Some(tag) = strong.next() else {
        let message = "`if-match` has weak tags only, which never match; send the `etag` that the resource has in its content";
        return Err(Refusal::from(etag::mismatch(message, "")).with_http(StatusCode::PRECONDITION_FAILED));
    };
    if strong.any(|other| other != tag) {
        return Err(Refusal::invalid(
            None,
            "`if-match` names several versions; name the one that you have read",
        ));
    }
    let given = place.read(message);
    if given.is_empty() {
        place.write(message, tag.opaque);
    } else if given != tag.opaque && given != tag.opaque.trim_matches('"') {
        return Err(Refusal::invalid(
            None,
            "`if-match` and the field `etag` name different versions; send one of them",
        ));
    }
    Ok(())
}

/// Whether a failure is that of the caller's own `If-Match`, which HTTP answers with 412.
pub(crate) fn is_failed(method: &Method, headers: &HeaderMap, status: &Status) -> bool {
    !is_read(method) && headers.contains_key(IF_MATCH) && etag::is_mismatch(status)
}

/// Gives the reply to a GET the tag of its resource. Returns whether the caller has that version already.
pub(crate) fn tag_reply(
    value: ValueRef<'_>,
    places: &[Place],
    method: &Method,
    headers: &HeaderMap,
    reply: &mut HeaderMap,
) -> bool {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return false;
    }
    // A tag that the handler set itself is the better one.
    if !reply.contains_key(ETAG)
        && let ValueRef::Message(message) = value
        && let Some(tag) = places.iter().find_map(|place| etag::header(place.read(message)))
    {
        reply.insert(ETAG, tag);
    }
    let Some(tag) = reply.get(ETAG).and_then(|tag| Tag::parse(tag.to_str().ok()?)) else { return false };
    // A malformed condition is none: the caller gets the whole reply, which is never wrong.
    matches!(Tags::of(headers, &IF_NONE_MATCH), Ok(Some(tags)) if tags.match_weakly(&tag))
}
