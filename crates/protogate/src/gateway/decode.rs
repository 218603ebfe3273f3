//! A REST request into the request message: content first, then path variables, then the query, then the mask of a PATCH.
//!
//! Everything here is about one message behind `dyn`; what the JSON and parameter texts mean is `json`'s.

use std::collections::HashSet;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use protogate_transcode::{Capture, parse_query};
use tonic::{Code, Status};

use super::binding::{Bound, Content};
use super::condition;
use super::refusal::Refusal;
use super::settings::RestSettings;
use crate::config::Compat;
use crate::json::{self, Fields, Kind, ParameterError, Reader, Shape, Slot, Unknown, ValueMut, View};
use crate::service::Body;

/// The parts of a request that fill the message.
pub(crate) struct Input<'a> {
    pub(crate) bound: &'a Bound,
    pub(crate) settings: &'a RestSettings,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) captures: &'a [Capture],
    pub(crate) query: &'a str,
    pub(crate) content: &'a Bytes,
}

/// Refuses media types and encodings that the binding does not take; before the content is read.
pub(crate) fn check_media(
    bound: &Bound,
    settings: &RestSettings,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    if bound.content == Content::None {
        return Ok(());
    }
    if headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        let message = "the content has an encoding that is not supported; send it as `gzip` or unencoded";
        let identity = HeaderValue::from_static(crate::wire::SUPPORTED_ENCODINGS);
        return Err(Refusal::invalid(Some(unsupported), message).with_header(ACCEPT_ENCODING, identity));
    }
    if settings.compat == Compat::GrpcGateway {
        return Ok(());
    }
    let is_raw = matches!(bound.content, Content::Raw | Content::RawField(_));
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    if is_raw || value.to_str().is_ok_and(is_json) {
        return Ok(());
    }
    let found = String::from_utf8_lossy(value.as_bytes());
    let message =
        format!("the content is of type `{}`; send `application/json` in UTF-8", json::quote(&found));
    Err(Refusal::invalid(Some(unsupported), message))
}

/// `application/json` or `application/…+json`, with a `charset` of UTF-8 if any.
fn is_json(value: &str) -> bool {
    let mut parts = value.split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || media_type
            .strip_prefix("application/")
            .and_then(|rest| rest.strip_suffix("+json"))
            .is_some_and(|it| !it.is_empty());
    is_json
        && parts.all(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            !name.trim().eq_ignore_ascii_case("charset")
                || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// Reads the content to its end; more than the limit is refused.
pub(crate) async fn read_content(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    let mut first: Option<Bytes> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(broken_content)?;
        let Ok(data) = frame.into_data() else { continue };
        let length = whole.len() + first.as_ref().map_or(0, Bytes::len) + data.len();
        if length > limit {
            return Err(Refusal::too_large(limit));
        }
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(head) => {
                whole.extend_from_slice(&head);
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

/// The content ended with an error: a limit of an outer layer, or the client has gone.
fn broken_content(status: Status) -> Refusal {
    match status.code() {
        Code::Unknown | Code::Internal => Status::cancelled("the content of the request ended early").into(),
        _ => status.into(),
    }
}

/// Fills the request message.
pub(crate) fn fill(message: ValueMut<'_>, kind: Kind, input: &Input<'_>) -> Result<(), Refusal> {
    match message {
        ValueMut::Message(message) => fill_fields(message, kind, input),
        // A request that is a well-known type has no fields to bind.
        other => {
            if input.bound.content == Content::Message && !is_blank(input.content) {
                parse_whole(other, kind, input)?;
            }
            for (name, _) in parameters(input)? {
                unknown(&name, input.settings)?;
            }
            Ok(())
        }
    }
}

fn is_blank(content: &[u8]) -> bool {
    content.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

fn parse_whole(place: ValueMut<'_>, kind: Kind, input: &Input<'_>) -> Result<(), Refusal> {
    let read = || {
        let mut reader = Reader::new(input.content, input.settings.read, json::types_of(kind))?;
        if !kind.takes_null() && reader.peek()? == json::Token::Null {
            return Err(reader.mismatch(kind.expected()));
        }
        json::parse_value(place, kind, &mut reader)?;
        reader.finish()
    };
    read().map_err(|error| Refusal::json(&error))
}

fn fill_fields(message: &mut dyn Fields, kind: Kind, input: &Input<'_>) -> Result<(), Refusal> {
    let table = message.table();
    match input.bound.content {
        Content::None => {}
        Content::Message if is_blank(input.content) => {}
        Content::Message => parse_whole(ValueMut::Message(&mut *message), kind, input)?,
        Content::Field(_) if is_blank(input.content) => {}
        Content::Field(index) => {
            let mut read = || {
                let mut reader = Reader::new(input.content, input.settings.read, table.types)?;
                json::parse_field(message, index, &mut reader)?;
                reader.finish()
            };
            let field = &table.fields[index];
            read().map_err(|error| Refusal::json(&error.in_known_field(field)))?;
        }
        Content::Raw => fill_raw(message, input),
        Content::RawField(index) => {
            if let Some(ValueMut::Message(inner)) = message.slot(index).value() {
                fill_raw(inner, input);
            }
        }
    }
    for capture in input.captures {
        let Some(variable) = input.bound.variables.get(capture.variable) else {
            return Err(Refusal::internal("the route captures a variable that its binding does not have"));
        };
        json::set_parameter(message, &variable.path, &capture.value)
            .map_err(|error| Refusal::field(&error.field(), error.problem()))?;
    }
    fill_query(message, input)?;
    if let Some(resume) = input.bound.resume {
        resume.take(message, input.headers)?;
    }
    if let (Some(mask), Content::Field(body)) = (input.bound.mask, input.bound.content) {
        fill_mask(message, mask, body, input)?;
    }
    condition::take_if_match(message, input.bound.etag, input.method, input.headers)
}

/// `google.api.HttpBody`: the bytes as they are, and the media type as sent.
fn fill_raw(body: &mut dyn Fields, input: &Input<'_>) {
    let table = body.table();
    let media_type =
        input.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for index in 0..table.fields.len() {
        match (table.fields[index].name, body.slot(index)) {
            ("content_type", Slot::One(ValueMut::Str(place))) => media_type.clone_into(place),
            ("data", Slot::One(ValueMut::Bytes(place))) => *place = input.content.to_vec(),
            ("data", Slot::One(ValueMut::SharedBytes(place))) => *place = input.content.clone(),
            _ => {}
        }
    }
}

/// The parameters that count: decoded, within the limits, without the ignored ones.
fn parameters(input: &Input<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let settings = input.settings;
    if input.query.len() > settings.max_query {
        let message = format!("the query string is longer than {} bytes; shorten it", settings.max_query);
        return Err(Refusal::invalid(Some(StatusCode::URI_TOO_LONG), message));
    }
    let mut pairs = parse_query(input.query).map_err(|error| Refusal::invalid(None, error.to_string()))?;
    if pairs.len() > settings.max_parameters {
        let message =
            format!("the query string has more than {} parameters; send fewer", settings.max_parameters);
        return Err(Refusal::invalid(None, message));
    }
    pairs.retain(|(name, _)| !settings.ignored_query.contains(name));
    Ok(pairs)
}

fn unknown(name: &str, settings: &RestSettings) -> Result<(), Refusal> {
    match settings.unknown_query {
        Unknown::Ignore => Ok(()),
        Unknown::Reject => Err(Refusal::parameter(
            name,
            "unknown query parameter; the request has no such field outside of path and content",
        )),
    }
}

fn fill_query(message: &mut dyn Fields, input: &Input<'_>) -> Result<(), Refusal> {
    let bound = input.bound;
    let mut given: HashSet<Vec<usize>> = HashSet::new();
    for (name, value) in parameters(input)? {
        let is_taken = |path: &[usize]| match bound.content {
            Content::Message | Content::Raw => true,
            Content::Field(index) | Content::RawField(index) => path.first() == Some(&index),
            Content::None => false,
        };
        let parameter = match json::resolve(message.table(), &name) {
            Ok(parameter) => parameter,
            Err(ParameterError::Unknown) => {
                unknown(&name, input.settings)?;
                continue;
            }
            Err(problem @ ParameterError::Type) => {
                let first = name.split('.').next().and_then(|part| message.table().find(part));
                if is_taken(first.as_slice()) {
                    unknown(&name, input.settings)?;
                    continue;
                }
                return Err(Refusal::parameter(&name, &problem.to_string()));
            }
        };
        if is_taken(&parameter.path) || bound.variables.iter().any(|it| it.path == parameter.path) {
            unknown(&name, input.settings)?;
            continue;
        }
        if parameter.field.shape == Shape::One && given.contains(&parameter.path) {
            return Err(Refusal::parameter(&name, "the parameter is given twice; give it once"));
        }
        let value = match (input.settings.compat, parameter.field.kind) {
            (Compat::GrpcGateway, Kind::Bool) => go_bool(&value),
            _ => &value,
        };
        json::set_parameter(message, &parameter.path, value)
            .map_err(|error| Refusal::parameter(&name, error.problem()))?;
        given.insert(parameter.path);
    }
    Ok(())
}

/// The words of Go's `strconv.ParseBool`, which grpc-gateway takes.
fn go_bool(text: &str) -> &str {
    match text {
        "1" | "t" | "T" | "TRUE" | "True" => "true",
        "0" | "f" | "F" | "FALSE" | "False" => "false",
        other => other,
    }
}

fn fill_mask(message: &mut dyn Fields, mask: usize, body: usize, input: &Input<'_>) -> Result<(), Refusal> {
    let table = message.table();
    let Kind::Message(inner) = table.fields[body].kind else { return Ok(()) };
    if !matches!(message.view(mask), View::Unset) {
        return Ok(());
    }
    let paths = json::mask_of(inner(), input.content, input.settings.read)
        .map_err(|error| Refusal::json(&error.in_known_field(&table.fields[body])))?;
    if !paths.is_empty()
        && let Some(ValueMut::FieldMask(place)) = message.slot(mask).value()
    {
        place.paths = paths;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn media_types() {
        for (text, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/merge-patch+json", true),
            ("application/json; profile=x", true),
            ("application/json; charset=latin1", false),
            ("application/+json", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("text/json", false),
            ("", false),
        ] {
            assert_eq!(is_json(text), expected, "{text}");
        }
    }
}
